"""Where things lie: the source tree, the build folder, optional inputs beside the checkout."""

import os
import pathlib

import tap

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('LIBSIGN_BUILD') or SOURCE / 'build')
TESTDATA = SOURCE / 'testdata'
TOOLS = SOURCE / 'tools'


def _optional(variable, default, what):
    folder = pathlib.Path(os.environ.get(variable) or SOURCE.parent / 'shared' / default)
    if not folder.is_dir():
        tap.skip(f'no {what} at {folder} (set {variable})')
    return folder


def corpus():
    """Signed files by other producers, with `expected.tsv`; the case is skipped where they are absent."""
    return _optional('LIBSIGN_CORPUS', 'corpus', 'corpus')


def judge():
    """Independent verifiers; the case is skipped where they are absent."""
    return _optional('LIBSIGN_JUDGE', 'judge', 'judges')
