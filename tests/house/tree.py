"""Rules about files: their size, and that none tells on whose machine it was written."""

import re

import paths
import source_files
import tap

LINES_AT_MOST = 700
# Absolute paths of somebody's working folders, and host names that resolve at one place alone. (Written so as not to
# match themselves.)
PRIVATE = re.compile(rb'(?<![\w.~$}])/(?:home|root|wor[k]|Users)/\w|/tm[p]/\w/|//[\w.-]+\.(?:interna[l]|corp|lan)\b')


@tap.case(f'no source file is longer than {LINES_AT_MOST} lines')
def _():
    lengths = {source_files.name(path): path.read_bytes().count(b'\n') for path in source_files.files('.c', '.h', '.py', '.sh', '.build')}
    tap.equal({name: lines for name, lines in lengths.items() if lines > LINES_AT_MOST}, {})


@tap.case('no file names the place where it was written')
def _():
    found = []
    for path in source_files.FILES:
        for number, line in enumerate(path.read_bytes().split(b'\n'), 1):
            if match := PRIVATE.search(line):
                found.append(f'{source_files.name(path)}:{number}: {match[0].decode("utf-8", "replace")}')
    tap.true(not found, *found)


@tap.case('C sources are UTF-8, without tabs, carriage returns or blanks at line ends')
def _():
    found = []
    for path in source_files.files('.c', '.h'):
        for number, line in enumerate(path.read_text(encoding='utf-8').split('\n'), 1):
            if re.search(r'[\t\r]|\s$', line):
                found.append(f'{source_files.name(path)}:{number}')
    tap.true(not found, *found)


@tap.case('decisions are numbered one after the other, and each says its number')
def _():
    pages = sorted((paths.SOURCE / 'docs/adr').glob('*.md'))
    tap.equal([int(page.name[:4]) for page in pages], list(range(1, len(pages) + 1)))
    tap.equal([page.name for page in pages if not page.read_text(encoding='utf-8').startswith(f'# {int(page.name[:4])}. ')], [])


tap.main()
