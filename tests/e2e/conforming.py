"""PDF/A and PDF/UA files conform after signing to what they conformed to before: veraPDF is the judge (tests/verapdf/install)."""

import functools
import subprocess
import tempfile
import pathlib

import documents
import judges
import paths
import tap

FOLDER = tempfile.TemporaryDirectory(prefix='libsign-conforming-')
FILES = paths.TESTDATA / 'conforming'
# document, and the flavours that it is of
DOCUMENTS = [
    (FILES / 'pdfa-1.pdf', ('1b', '1a')),
    (paths.TESTDATA / 'cong-van.pdfa.pdf', ('2b',)),
    (FILES / 'pdfa-3.pdf', ('3b',)),
    (FILES / 'pdfua-1.pdf', ('ua1',)),
]
# what is done, one after the other
WAYS = {
    'signed': [()],
    'signed in a named field': [('--field', 'Văn thư', '--reason', 'Phê duyệt')],
    'certified': [('--certify', '2')],
    'certified, then signed twice': [('--certify', '3'), (), ('--location', 'Hà Nội')],
}


def vera(wanted):
    """{(flavour, path): what veraPDF says}, in one run of Java."""
    home = judges.CACHE / 'verapdf'
    if not (judges.CACHE / 'verapdf.stamp').exists():
        tap.skip('veraPDF is not installed (run tests/verapdf/install)')
    command = [judges.needs('java'), '-XX:+UseSerialGC', '-cp', f'{home}/*:{home}', 'Vera', *(f'{flavour}={path}' for flavour, path in wanted)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line.split('\t') for line in done.stdout.splitlines() if '\t' in line]
    tap.equal((done.returncode, len(lines)), (0, len(wanted)), done.stdout, done.stderr)
    return {key: words for key, (_, words) in zip(wanted, lines)}


def path_of(source, way):
    return pathlib.Path(FOLDER.name, f'{source.stem}.{"-".join(way.replace(",", "").split())}.pdf')


@functools.lru_cache(maxsize=None)
def verdicts():
    wanted = []
    for source, flavours in DOCUMENTS:
        wanted += [(flavour, source) for flavour in flavours]
        for way, rounds in WAYS.items():
            now = source
            for number, options in enumerate(rounds):
                now = documents.sign(now, path_of(source, f'{way} {number}'), *options)
            wanted += [(flavour, now.rename(path_of(source, way))) for flavour in flavours[:1]]
            wanted += [(flavour, path_of(source, way)) for flavour in flavours[1:]]
    return vera(wanted)


@tap.table([(f'{source.name} is of {flavour}', source, flavour) for source, flavours in DOCUMENTS for flavour in flavours])
def before(_, source, flavour):
    tap.equal(verdicts()[flavour, source], 'ok')


@tap.table([(f'{source.name}, {way}, is of {flavour}', source, way, flavour)
            for source, flavours in DOCUMENTS for way in WAYS for flavour in flavours])
def after(_, source, way, flavour):
    tap.equal(verdicts()[flavour, path_of(source, way)], 'ok')


@tap.case('the judge itself: a file of one kind is not of another')
def _():
    letter = documents.LETTER
    found = vera([('1b', letter), ('ua1', letter)])
    tap.true(all(words.startswith('fails: ') for words in found.values()), found)


tap.main()
