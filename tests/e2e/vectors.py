"""Signatures of the interoperability sets in testdata/vectors: what expected.tsv says of each."""

import functools

import kyso
import paths
import tap

FOLDER = paths.TESTDATA / 'vectors'
DSIG = b'http://www.w3.org/2000/09/xmldsig#'
REASONS = ('UNSUPPORTED', 'MANIFEST_UNCHECKED', 'STRUCTURE_WRONG', 'REFERENCE_NOT_FOUND')


def rows():
    lines = (FOLDER / 'expected.tsv').read_text(encoding='utf-8').splitlines()[1:]
    return [(line.split('\t') + [''] * 4)[:5] for line in lines]


def signed():
    """Files of the sets that hold a signature: canonical forms are held elsewhere."""
    return sorted(path for path in FOLDER.rglob('*.xml')
                  if not path.relative_to(FOLDER).parts[0].startswith('c14n') and DSIG in path.read_bytes())


@functools.lru_cache(maxsize=None)
def said():
    """{file: row as in the table}; one run a set, with the certificates that came with it."""
    found = {}
    for folder in sorted({FOLDER / path.relative_to(FOLDER).parts[0] for path in signed()}):
        given = [part for certs in sorted(folder.rglob('certs')) for part in ('--certs', certs)]
        done = kyso.run('verify', '--json', '--offline', *given, *[path for path in signed() if folder in path.parents])
        for report in done.json:
            found[report['file']] = row(report)
    return found


def row(report):
    if report['error']:
        return ['ERROR', report['error']['code'], '', '']
    tap.equal(len(report['signatures']), 1, report)
    one = report['signatures'][0]
    clauses = sorted({message['clause'] or '' for message in one['messages'] if message['code'] in REASONS})
    return [one['verdict'], one['sub_indication'] or '-', one['integrity'], ','.join(clauses)]


@tap.case('every signed file has a row and every row a file')
def _():
    tap.equal([str(path.relative_to(FOLDER)) for path in signed()], sorted(name for name, *_ in rows()))


@tap.table([(name, name, expected) for name, *expected in rows()])
def vector(_, name, expected):
    tap.equal(said()[str(FOLDER / name)], expected)


@tap.case('every set says where it is from')
def _():
    for folder in (path for path in FOLDER.iterdir() if path.is_dir()):
        text = (folder / 'ORIGIN.md').read_text(encoding='utf-8')
        tap.true('sha256' in text and ('Apache License' in text or 'MIT' in text), folder)


tap.main()
