"""What libsign.so exports, what its version script lists, what the headers declare and what the manual describes are one set.

Argument: the shared library.
"""

import re
import subprocess
import sys

import source_files
import tap
from paths import SOURCE

COMMENT = re.compile(r'/\*.*?\*/', re.S)


def exported():
    """Defined dynamic symbols, without the version's own."""
    listing = subprocess.run(['nm', '-D', '--defined-only', '--format=posix', sys.argv[1]], capture_output=True, text=True, check=True)
    return {line.split()[0].split('@')[0] for line in listing.stdout.splitlines() if line.split()[1] != 'A'}


def mapped():
    text = re.sub(r'#.*|/\*.*?\*/', '', (SOURCE / 'lib/libsign.map').read_text())
    public = text[text.index('global:'):text.index('local:')]
    return set(re.findall(r'(\w+);', public))


def declared():
    """Names of the functions marked SIGN_API."""
    names = set()
    for header in source_files.files('.h', under='include'):
        text = COMMENT.sub('', header.read_text(encoding='utf-8'))
        names |= set(re.findall(r'^SIGN_API\b[^;(]*?\b(\w+)\(', text, re.M))
    return names


def documented():
    """Names that manual pages of section 3 mark as functions (mdoc's .Fn)."""
    pages = [path.read_text(encoding='utf-8') for path in source_files.files('.3', under='docs')]
    return set(re.findall(r'^\.Fn (\w+)', '\n'.join(pages), re.M))


@tap.case('the library exports what the version script lists')
def _():
    tap.equal(sorted(exported() ^ mapped()), [])


@tap.case('the version script lists what the headers declare')
def _():
    tap.true(len(declared()) > 10, 'the headers could not be read')
    tap.equal(sorted(declared() ^ mapped()), [])


@tap.case('the manual describes what the headers declare')
def _():
    tap.equal(sorted(declared() ^ documented()), [])


tap.main()
