"""The files of the project: what git tracks, or in an export without git everything that is not a build's."""

import subprocess

from paths import SOURCE

_NOT_OURS = ('.git', '.cache', 'subprojects', '__pycache__')


def _tracked():
    try:
        listing = subprocess.run(['git', '-C', SOURCE, 'ls-files', '-z'], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [SOURCE / name for name in listing.stdout.decode().split('\0') if name]


def _walked(folder):
    for path in sorted(folder.iterdir()):
        if path.name in _NOT_OURS or folder == SOURCE and path.name.startswith('build'):
            continue
        if path.is_dir():
            yield from _walked(path)
        else:
            yield path


FILES = [path for path in _tracked() or _walked(SOURCE) if path.is_file()]


def files(*suffixes, under=''):
    """Those with one of the suffixes (all, without any) in a folder of the tree."""
    top = SOURCE / under
    return [path for path in FILES if path.is_relative_to(top) and (not suffixes or path.suffix in suffixes)]


def name(path):
    return str(path.relative_to(SOURCE))
