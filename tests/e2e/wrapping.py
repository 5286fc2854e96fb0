"""Wrapping attacks on every profile and default form: their verdicts are those of docs/wrapping.md, and whatever passes covers
the octets that were signed, and nothing that an attacker put in. argv[1]: the program covered.

--print: the table for the docs as it would be now, to be judged line by line before it goes there.
"""

import collections
import functools
import re
import subprocess
import sys

import documents
import kyso
import paths
import pki
import samples
import tap
import wrap

COVERED = sys.argv[1]
TABLE = paths.SOURCE / 'docs' / 'wrapping.md'
COLUMNS = ['by Id', 'by Id, exclusive', 'whole document']

# name, document, options
FORMS = [
    ('XAdES', documents.INVOICE, ()),
    ('XMLDSig', documents.INVOICE, ('--xml-form', 'xmldsig')),
    ('XAdES by Id', documents.INVOICE, ('--xml-id', 'data')),
    ('XMLDSig by Id', documents.INVOICE, ('--xml-id', 'data', '--xml-form', 'xmldsig')),
    *[(f'{name} of {source.name}', source, ('--profile', name)) for name, source in samples.PROFILES],
]


def expected():
    """{attack: {column: outcome}}, from the table of the docs."""
    rows = {}
    for line in TABLE.read_text(encoding='utf-8').splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if len(cells) == 1 + len(COLUMNS) and ':' not in cells[1] and cells[0] != 'attack' and '---' not in cells[0]:
            rows[cells[0]] = dict(zip(COLUMNS, cells[1:]))
    return rows


def outcome(report):
    """The file's verdict, and what decided it: the worst signature's sub-indication, or the error."""
    if report['error']:
        return f'ERROR {report["error"]["code"]}'
    worst = [one for one in report['signatures'] if one['verdict'] == report['verdict']]
    subs = sorted({one['sub_indication'] or '' for one in worst})
    return ' '.join([report['verdict'], *(subs[:1] if subs and subs[0] else [])])


class Form:
    """One form: the signed document, and every attack on it with what kyso says of it."""

    def __init__(self, folder, name, source, options):
        self.path = documents.sign(source, folder / 'signed.xml', '--force', *options)
        one = documents.passes(self.path)
        self.covers = one['scope']['covers']
        signed = wrap.Signed(self.path.read_bytes(), self.covers[0])
        exclusive = b'xml-exc-c14n' in re.search(rb'Reference .*?</(ds:)?Reference>', signed.sig, re.S).group()
        self.column = COLUMNS[2 if not signed.by_id else 1 if exclusive else 0]
        self.files = {}
        for number, (attack, change) in enumerate(wrap.ATTACKS.items()):
            data = change(signed)
            if data != signed.data:     # there is no transform to take out where there is none
                self.files[attack] = folder / f'{number:03}.xml'
                self.files[attack].write_bytes(data)
        listing = [self.path, *self.files.values()]
        self.octets = octets(listing)
        done = kyso.run('verify', '--json', '-j', '1', *pki.get().trust, *listing, timeout=300)
        self.reports = dict(zip([None, *self.files], done.json))
        tap.equal(len(self.reports), len(listing), done)


def octets(files):
    """{file: {signature: {reference: octets}}} of what covers something."""
    chain = pki.get()
    done = subprocess.run([COVERED, chain.file('root.pem'), chain.file('ca.crl'), chain.file('root.crl'), *files],
                          capture_output=True, text=True, check=True)
    found, current = collections.defaultdict(lambda: collections.defaultdict(dict)), None
    for line in done.stdout.splitlines():
        if line.startswith('FILE '):
            current = line[5:]
            continue
        name, reference, _, said = line.rsplit(' ', 3)
        if not said.startswith('!'):
            found[current][name][int(reference)] = bytes.fromhex(said)
    return found


@functools.lru_cache(maxsize=None)
def form(name):
    row = next(row for row in FORMS if row[0] == name)
    folder = paths.BUILD / 'wrapping' / re.sub(r'\W+', '-', name)
    folder.mkdir(parents=True, exist_ok=True)
    return Form(folder, *row)


def utf8(data):
    return data.decode('utf-16-le').encode() if b'\0' in data[:4] else data


def check_passed(made, attack, one):
    """What may be true of a signature that passes, whatever was done to the document."""
    path = made.files[attack]
    covered, original = made.octets[str(path)][one['id']], made.octets[str(made.path)]
    tap.true(covered, 'it passes and covers nothing', one)
    tap.equal(covered, next(iter(original.values())), 'octets that were not signed', one)
    tap.true(all(wrap.EVIL not in text for text in covered.values()), one)
    data = path.read_bytes()
    tap.true(not one['scope']['whole_file'] or wrap.EVIL not in re.sub(rb'<!--.*?-->', b'', utf8(data)), 'a whole file', one)
    for number, cover in enumerate(one['scope']['covers']):
        if cover['path'] != '/':
            text = utf8(data[cover['offset']:cover['offset'] + cover['length']])
            tap.true(text.startswith(b'<') and text.endswith(b'>') and cover['resolved'], cover)
            same = re.sub(rb'<!--.*?-->|<!\[CDATA\[|\]\]>', b'', text)
            before = made.covers[number]
            source = made.path.read_bytes()[before['offset']:before['offset'] + before['length']]
            tap.equal(same, source, 'other bytes than were signed', cover)


@tap.case('every attack has a row and every row an attack')
def _():
    tap.equal(sorted(expected()), sorted(wrap.ATTACKS))


@tap.table([(f'{name}: nothing else than what was signed passes', name) for name, *_ in FORMS])
def nothing_else(_, name):
    made = form(name)
    for attack in made.files:
        for one in made.reports[attack]['signatures']:
            if one['verdict'] == 'TOTAL-PASSED':
                try:
                    check_passed(made, attack, one)
                except AssertionError as problem:
                    raise AssertionError(f'{attack}: {made.files[attack]}: {problem}') from problem


@tap.table([(f'{name}: verdicts', name) for name, *_ in FORMS])
def verdicts(_, name):
    made, rows = form(name), expected()
    wrong = [f'{attack}: expected {rows[attack][made.column]}, got {outcome(made.reports[attack])} ({made.files[attack]})'
             for attack in made.files if attack in rows and outcome(made.reports[attack]) not in rows[attack][made.column].split(' / ')]
    tap.true(not wrong, *wrong)


@tap.table([(f'{name}: offsets and lengths are those of what was signed', name) for name, *_ in FORMS])
def places(_, name):
    made = form(name)
    data = made.path.read_bytes()
    for cover in made.covers:
        if cover['path'] == '/':
            tap.equal((cover['offset'], cover['length']), (0, len(data)), cover)
            continue
        text = data[cover['offset']:cover['offset'] + cover['length']]
        local = re.search(r'([^/:\[]+)(\[\d+\])?$', cover['path']).group(1).encode()
        tap.true(re.match(rb'<([^\s:>/]+:)?' + local + rb'[\s>/]', text), cover)
        tap.equal(text, wrap.element_at(data, cover['offset']), cover)


def print_table():
    said = collections.defaultdict(lambda: collections.defaultdict(set))
    for name, *_ in FORMS:
        made = form(name)
        for attack in made.files:
            said[attack][made.column].add(outcome(made.reports[attack]))
    for attack in wrap.ATTACKS:
        print(f'| {attack} |', ' | '.join(' / '.join(sorted(said[attack][column])) for column in COLUMNS), '|')


if '--print' in sys.argv:
    print_table()
else:
    tap.main()
