"""Documents made to harm or to deceive: each has its verdict in testdata/hostile/expected.tsv, in good time."""

import csv
import pathlib
import subprocess
import tempfile

import documents
import kyso
import paths
import pki
import tap

FOLDER = paths.TESTDATA / 'hostile'
SECONDS = 5     # no hostile document may take longer
PEAK_KB = 160 * 1024    # nor more memory: what may be inflated at once (64 MiB), and its room


def expected():
    with open(FOLDER / 'expected.tsv', encoding='utf-8', newline='') as table:
        return [(row['file'], row['outcome']) for row in csv.DictReader(table, delimiter='\t', quoting=csv.QUOTE_NONE)]


def made(folder):
    """All documents: {name: path}."""
    subprocess.run([FOLDER / 'make', pki.get().folder, folder], check=True)
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob('*.*'))}


def say(report):
    """The outcome in the words of expected.tsv: an error's code, or each signature's verdict with the messages that explain it."""
    if report['error']:
        return f'ERROR {report["error"]["code"]}'
    if not report['signatures']:
        return report['verdict']
    return ' | '.join(' '.join([one['verdict'], one['sub_indication'] or '-', one['integrity'], *sorted(
        {message['code'] for message in one['messages'] if message['level'] != 'info'})]) for one in report['signatures'])


CODES = {'TOTAL-PASSED': 0, 'TOTAL-FAILED': 1, 'INDETERMINATE': 2, 'NO-SIGNATURE': 3, 'ERROR': 4}


def check(path, outcome):
    result = kyso.run('verify', '--json', *pki.get().trust, path, timeout=60)
    tap.true(len(result.json) == 1, result)
    tap.equal(say(result.json[0]), outcome, result)
    tap.equal(result.code, CODES[result.json[0]['verdict']], result)
    tap.true(result.seconds < SECONDS * documents.slowness(), f'{result.seconds:.1f} s', result)
    tap.true(result.peak_kb < PEAK_KB * documents.slowness(), f'{result.peak_kb} KB', result)


SCRATCH = tempfile.TemporaryDirectory(prefix='libsign-hostile-')  # removed when the program ends
FILES = made(pathlib.Path(SCRATCH.name))


@tap.case('every document has a row and every row a document')
def _():
    tap.equal(sorted(name for name, _ in expected()), sorted(FILES))


@tap.table(expected())
def verdict(name, outcome):
    tap.true(name in FILES, 'not made')
    check(FILES[name], outcome)


@tap.case('one after the other in one run, they have the verdicts that they have alone')
def _():
    rows = [(name, outcome) for name, outcome in expected() if name in FILES]
    result = kyso.run('verify', '--json', *pki.get().trust, *[FILES[name] for name, _ in rows], timeout=300)
    tap.equal([say(one) for one in result.json], [outcome for _, outcome in rows], result.code)
    tap.equal(result.code, 1)


tap.main()
