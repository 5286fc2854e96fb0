"""Every cross-reference form under every encryption and every rule that a document can have, signed by up to three
people one after the other: accepted by all judges and by kyso, or refused by the rule's name. One run of each judge
over all of it."""

import concurrent.futures
import dataclasses
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

import documents
import forms
import judges
import kyso
import pki
import tap
from forms import ALL, ANNOTATE, BARE, CLEAR, FILL, FIRST, NONE, NOTE, OWNER, SECOND

LEAVES = ('signer', 'p256', 'rsa2048')
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix='libsign-matrix-'))


@dataclasses.dataclass
class Step:
    """One call of kyso sign. refused: what its message must hold; the next step goes on from what was there."""
    options: tuple = ()
    refused: str = None
    owner: bool = False     # with the owner's password


def ok(*options, owner=False):
    return Step(options, None, owner)


def no(why, *options, owner=False):
    return Step(options, why, owner)


FIELD, OTHER = ('--field', FIRST), ('--field', SECOND)
LOCKED, P1, NEW, FILLING = 'FieldMDP', 'DocMDP P=1', '/P bits 4 and 6', '/P bits 6 and 9'

# name -> the form (None: no form; else the lock of its first field), permissions of the encryption, who signs how
RULES = {
    'no rule': (None, ALL, (ok(), ok(), ok())),
    'certified, 1': (None, ALL, (ok('--certify', '1'), no(P1), no(P1, owner=True))),
    'certified, 2': (None, ALL, (ok('--certify', '2'), ok(), ok())),
    'certified, 3': (None, ALL, (ok('--certify', '3'), ok(), ok())),
    'certified late': (None, ALL, (ok(), no('only its first signature can certify', '--certify', '2'))),
    'fields, no lock': (b'', ALL, (ok(*FIELD), ok(*OTHER), ok())),
    'lock, all': (forms.lock('All'), ALL, (ok(*FIELD), no(LOCKED, *OTHER), no(LOCKED))),
    'lock, some': (forms.lock('Include', NOTE, SECOND), ALL, (ok(*FIELD), no(LOCKED, *OTHER), ok(), ok())),
    'lock, all but one': (forms.lock('Exclude', SECOND), ALL, (ok(*FIELD), no(LOCKED), ok(*OTHER))),
    'lock, some, and nothing after': (forms.lock('Include', NOTE, level=1), ALL, (ok(*FIELD), no(P1, *OTHER), no(P1))),
    'lock, some, and filling in after': (forms.lock('Include', NOTE, level=2), ALL, (ok(*FIELD), ok(*OTHER), ok())),
    'certified, with a lock': (forms.lock('Include', NOTE), ALL, (ok(*FIELD, '--certify', '2'), ok(*OTHER), ok())),
    'nothing permitted': (b'', NONE, (no(NEW), no(FILLING, *FIELD), ok(owner=True), ok(*FIELD, owner=True))),
    'filling in permitted': (b'', FILL, (no(NEW), ok(*FIELD), ok(*OTHER), ok(owner=True))),
    'annotating permitted': (b'', ANNOTATE, (no(NEW), ok(*FIELD), ok(*OTHER))),
}


@dataclasses.dataclass
class File:
    """A document of the matrix; grows by a signature a step."""
    rule: str
    xref: str = 'table'
    cipher: str = BARE
    password: str = ''
    version: str = None     # of PDF; None: as qpdf takes it
    path: pathlib.Path = None
    signed: list = dataclasses.field(default_factory=list)      # paths, by number of signatures
    said: dict = dataclasses.field(default_factory=dict)        # of each step: what kyso said of this file

    @property
    def name(self):
        words = [self.xref, self.cipher]
        words += [f'password {self.password!r}'] if self.cipher != BARE else []
        words += [f'PDF {self.version}'] if self.version else []
        return f'{self.rule}: {", ".join(words)}'

    @property
    def newest(self):
        return self.signed[-1] if self.signed else self.path

    @property
    def steps(self):
        return RULES[self.rule][2]

    @property
    def signatures(self):
        """How many it must get."""
        return sum(not step.refused for step in self.steps)

    @property
    def locked(self):
        return bool(RULES[self.rule][0])


def combinations():
    for rule, (_, permissions, _) in RULES.items():
        for xref in forms.XREFS:
            for cipher in forms.CIPHERS:
                if cipher != BARE or permissions == ALL:
                    for password in ('',) if cipher == BARE else forms.PASSWORDS:
                        yield File(rule, xref, cipher, password)
    for version in forms.VERSIONS:
        yield File('no rule', version=version)


FILES = list(combinations())
for number, one in enumerate(FILES):
    one.path = FOLDER / f'{number}.pdf'


def source_of(form):
    path = FOLDER / f'source-{list(RULES).index(form)}'
    if not path.exists():
        path.write_bytes(forms.document(RULES[form][0]))
    return path


def make(file):
    version = [f'--force-version={file.version}'] if file.version else []
    options = forms.encryption(file.cipher, file.password, RULES[file.rule][1])
    forms.write(file.path, source_of(file.rule), file.xref, *version, *options)


def word(password):
    """Options that give kyso the password."""
    if not password:
        return []
    path = FOLDER / f'word-{password}'
    path.write_text(password)
    path.chmod(0o600)
    return ['--password-source', f'file:{path}']


def listing(paths):
    handle, name = tempfile.mkstemp(dir=FOLDER, prefix='list-')
    with os.fdopen(handle, 'w', encoding='utf-8') as out:
        out.write(''.join(f'{path}\n' for path in paths))
    return name


def sign_step(rule, number):
    """Runs one step of a rule over all files of it: one process for each password."""
    step, said = RULES[rule][2][number], {}
    files = [file for file in FILES if file.rule == rule]
    for password in {file.password for file in files}:
        some = [file for file in files if file.password == password]
        given = OWNER if step.owner else password
        leaf = LEAVES[len(some[0].signed) % len(LEAVES)]
        done = kyso.run('sign', '--lang', 'en', '--json', *pki.get().p12(leaf), *word(given), '--suffix', f'.{number}',
                        *step.options, '--files-from', listing(file.newest for file in some), timeout=300)
        for row in done.json:
            said[row['file']] = {**row, 'exit': done.code}
    for file in files:
        file.said[number] = said.get(str(file.newest), {'output': None})
        if not step.refused and file.said[number]['output']:
            file.signed.append(pathlib.Path(file.said[number]['output']))


@functools.lru_cache(maxsize=None)
def signed():
    """Makes and signs everything."""
    pki.get()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for form in RULES:
            source_of(form)
        list(pool.map(make, FILES))
    for rule, (_, _, steps) in RULES.items():
        for number in range(len(steps)):
            sign_step(rule, number)


def ask(judge, password, paths):
    chain = pki.get()
    _, found = judges.say([], '--only', judge, '--files-from', listing(paths), '--trust', chain.file('root.pem'),
                          '--crl', chain.file('ca.crl'), '--crl', chain.file('root.crl'),
                          *(['--password', password] if password else []))
    return found


# The slowest first. Two take minutes, so that they see a file after its last signature (it holds the earlier ones), and
# after each one only where no lock or permission is in play.
JUDGES = ('dss', 'pyhanko', 'pdfsig', 'qpdf')
SLOW = ('dss', 'pyhanko')
EVERY_STAGE = ('no rule', 'certified, 2', 'fields, no lock')


def shown_to(judge, file):
    return file.signed if judge not in SLOW or file.rule in EVERY_STAGE else file.signed[-1:]


@functools.lru_cache(maxsize=None)
def verdicts():
    """{(judge, path): verdict}, each judge in one process for each password."""
    judges.folder()
    signed()
    jobs = [(judge, password, [path for file in FILES if file.password == password
                               for path in shown_to(judge, file)]) for judge in JUDGES for password in forms.PASSWORDS]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda job: ask(*job), jobs)
        return {(row['judge'], row['file']): row for rows in answers for row in rows}


@functools.lru_cache(maxsize=None)
def reports():
    """{path: report} by kyso."""
    signed()
    found = {}
    for password in forms.PASSWORDS:
        paths = [path for file in FILES if file.password == password for path in file.signed]
        done = kyso.run('verify', '--json', *pki.get().trust, *word(password), '--files-from', listing(paths),
                        timeout=300)
        tap.equal(done.code, 0, done.err.decode())
        found |= {row['file']: row for row in done.json}
    return found


@dataclasses.dataclass
class Limit:
    """What pyHanko cannot read, whoever wrote it: its words, where they apply, and a file with nothing of ours in it.
    That one it cannot sign itself for the same reason, or, once it has, judges in the same words."""
    why: str
    says: str
    applies: object     # (file, number of signatures) -> bool
    xref: str           # of the witness, as the following
    cipher: str
    rule: str
    fields: tuple       # what pyHanko is to sign in it, one after the other
    fails: str = None   # what it dies of then


PACKED = ('object streams', 'hybrid', 'linearized, object streams')
LIMITS = [
    Limit('knows revision 6 of AES-256, not its predecessor', 'PdfKeyNotAvailableError: Authentication failed',
          lambda file, count: file.cipher == 'AES-256 R5',
          'table', 'AES-256 R5', 'no rule', ('1',), 'PdfKeyNotAvailableError: Authentication failed'),
    Limit('decrypts metadata that are not encrypted',
          'ValueError: The length of the provided data is not a multiple of the block length.',
          lambda file, count: file.cipher == CLEAR and count > 1,
          'table', CLEAR, 'no rule', ('1',),
          'ValueError: The length of the provided data is not a multiple of the block length.'),
    Limit('does not decrypt the names of locked fields',
          "TypeError: unsupported operand type(s) for +: 'DecryptedObjectProxy' and 'str'",
          lambda file, count: file.cipher != BARE and file.locked and count > 1,
          'table', 'AES-256 R6', 'lock, some', (FIRST,), 'TypeError: pdf_string should have str or bytes arg'),
    Limit('takes what stood in an encrypted object stream for changed once it stands outside of one',
          'OTHER: Values for dict key /Resources differ',
          lambda file, count: file.cipher != BARE and file.xref in PACKED and count > 2,
          'object streams', 'AES-256 R6', 'fields, no lock', (FIRST, '2')),
]


def words_of(verdict):
    """An error, or what the judge has against changes after signatures."""
    found = [verdict['error']] if verdict['error'] else []
    return found + [one['modifications'] for one in verdict.get('signatures', ()) if one.get('docmdp_ok') is False]


def limited(file, count, verdict):
    """Does the verdict say no more than a known limit of its judge?"""
    words = words_of(verdict)
    known = tuple(limit.says for limit in LIMITS if limit.applies(file, count))
    return verdict['judge'] == 'pyhanko' and bool(words) and all(text.startswith(known) for text in words)


ONLY_SIGNATURES = {'signature_or_form', 'fields'}    # DSS's names for what may change after a signature


def good(verdict, count):
    """Nothing wrong at all, in the judge's own terms."""
    if verdict['judge'] == 'qpdf':
        return verdict['structure'] == 'sound'
    if verdict['error']:
        return False
    found = verdict['signatures']
    if verdict['judge'] == 'pdfsig':    # it lists empty fields, too
        found = [one for one in found if one['format']]
    newest = [one for one in found if one['covers_whole']]
    trust = {'dss': lambda one: one['indication'] == 'TOTAL-PASSED' and set(one['modifications']) <= ONLY_SIGNATURES,
             'pyhanko': lambda one: one['indication'] == 'TOTAL-PASSED' and one['docmdp_ok'],
             'pdfsig': lambda one: one['trusted']}[verdict['judge']]
    intact = all(one['integrity'] == 'intact' for one in found)
    return len(found) == count and len(newest) == 1 and intact and all(map(trust, found))


@tap.table([(f'{file.name}, {count} of {file.signatures} signatures', file, count)
            for file in FILES for count in range(1, file.signatures + 1)])
def accepted(_, file, count):
    signed()
    tap.true(len(file.signed) >= count, file.said)
    path = file.signed[count - 1]
    report = reports()[str(path)]
    tap.equal((report['verdict'], len(report['signatures'])), ('TOTAL-PASSED', count), report)
    absent = set(JUDGES) - {judge for judge, _ in verdicts()}
    for judge in JUDGES:
        if judge not in absent and path in shown_to(judge, file):
            verdict = verdicts()[judge, str(path)]
            tap.true(good(verdict, count) or limited(file, count, verdict), verdict)
    if absent:
        tap.skip(f'not installed: {", ".join(absent)}')


@tap.table([(f'{rule}, step {number + 1}: refused, {step.refused}', rule, number, step)
            for rule, (_, _, steps) in RULES.items() for number, step in enumerate(steps) if step.refused])
def refused(_, rule, number, step):
    """Every file of the rule: none of the batch is signed, each is told why."""
    judges.needs('qpdf')
    signed()
    for file in FILES:
        if file.rule == rule:
            said = file.said[number]
            found = tuple(said.get(key) for key in ('exit', 'status', 'error', 'output'))
            tap.equal(found, (4, 'error', 'FORBIDDEN', None), file.name, said)
            tap.true(step.refused in said['message'], file.name, said)


SIGN_WITH_PYHANKO = '''
import sys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
source, target, p12, password, names = *sys.argv[1:5], sys.argv[5:]
signer = signers.SimpleSigner.load_pkcs12(p12, passphrase=password.encode())
for name in names:
    with open(source, 'rb') as file:
        writer = IncrementalPdfFileWriter(file)
        if writer.prev.encrypted:
            writer.encrypt('')
        signed = signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name=name), signer=signer).getvalue()
    with open(target, 'wb') as file:
        file.write(signed)
    source = target
'''


@tap.table([(f'pyHanko {limit.why}: in a file of its own, too', limit) for limit in LIMITS])
def witness(_, limit):
    judges.folder()
    key, phrase = pki.get().file('rsa2048.p12'), pki.get().file('p12.password').read_text().strip()
    path = FOLDER / f'witness-{LIMITS.index(limit)}.pdf'
    forms.write(path, source_of(limit.rule), limit.xref, *forms.encryption(limit.cipher))
    python = judges.CACHE / 'venv/bin/python'
    done = subprocess.run([python, '-c', SIGN_WITH_PYHANKO, path, path, key, phrase, *limit.fields],
                          capture_output=True, text=True)
    if limit.fails:
        tap.true(done.returncode == 1 and done.stderr.rstrip().endswith(limit.fails), done)
    else:
        tap.equal(done.returncode, 0, done)
        found = ask('pyhanko', '', [path])
        tap.true(found and any(text.startswith(limit.says) for text in words_of(found[0])), found)


try:
    tap.main()
finally:
    shutil.rmtree(FOLDER)
