"""Documents that other programs signed, with keys of tools/pki: intact here, passed where their form allows, broken where a byte
of them is changed."""

import contextlib
import functools
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

import documents
import judges
import paths
import pki
import tap
from documents import INVOICE, LETTER

sys.path.insert(0, str(paths.TESTDATA / 'hostile'))
import craft_pdf    # noqa: E402

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix='libsign-interop-'))
DSIG = 'http://www.w3.org/2000/09/xmldsig#'


def run(*command, **how):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors='replace', timeout=300, **how)
    tap.true(done.returncode == 0, f'exit {done.returncode}', command, done.stdout, done.stderr)


def password():
    return pki.get().file('p12.password').read_text().strip()


def key_file(leaf):
    return pki.get().file(f'{leaf}.p12')


@functools.lru_cache(maxsize=None)
def nss():
    """An NSS database with the leaf's key, as pdfsig wants it."""
    judges.needs('certutil')
    folder = FOLDER / 'nss'
    folder.mkdir()
    run('certutil', '-N', '-d', f'sql:{folder}', '--empty-password')
    run(judges.needs('pk12util'), '-i', key_file('signer'), '-d', f'sql:{folder}', '-W', password(), '-K', '')
    return folder


def with_field():
    """A PDF with an empty field, Signature1, which is object 5."""
    field = craft_pdf.OBJECTS[5].replace(b'/V 6 0 R', b'').replace(b'[0 0 0 0]', b'[10 10 100 60]')
    source = FOLDER / 'field.pdf'
    source.write_bytes(craft_pdf.write({**{n: craft_pdf.OBJECTS[n] for n in (1, 2, 3, 4)}, 5: field}))
    return source


def pdfsig(*options):
    """pdfsig takes no options for what it adds, only for a field that is there."""
    def make(target, _):
        what = ('-sign', 'Signature1', *options, with_field()) if options else ('-add-signature', LETTER)
        run(judges.needs('pdfsig'), '-nssdir', nss(), '-nick', 'signer', *what, target)
    return make


def mutool(target, leaf):
    run(judges.needs('mutool'), 'sign', '-s', key_file(leaf), '-P', password(), '-o', target, with_field(), 5)


def pyhanko(target, leaf):
    run(*judges.samples(), 'pyhanko-sign', LETTER, target, '--p12', key_file(leaf), '--pass', password())


def signxml(*options):
    def make(target, leaf):
        run(*judges.samples(), 'signxml-sign', INVOICE, target, '--p12', key_file(leaf), '--pass', password(), *options)
    return make


def dss(form, level):
    def make(target, leaf):
        source = LETTER if form == 'PAdES' else INVOICE
        command = [judges.folder() / 'dss-sign', '--format', form, '--level', level, '--p12', key_file(leaf), '--pass', password()]
        with judges.timestamps(FOLDER) if level != 'B' else contextlib.nullcontext() as url:
            run(*command, *(['--tsa', url] if url else []), source, target)
    return make


def template(reference, transforms, scheme, digest):
    chain = ''.join(f'<Transform Algorithm="{name}"/>' for name in transforms)
    return (f'<Signature xmlns="{DSIG}"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
            f'<SignatureMethod Algorithm="{scheme}"/><Reference URI="{reference}"><Transforms>{chain}</Transforms>'
            f'<DigestMethod Algorithm="{digest}"/><DigestValue/></Reference></SignedInfo><SignatureValue/>'
            '<KeyInfo><X509Data/></KeyInfo></Signature>')


SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
MORE = 'http://www.w3.org/2001/04/xmldsig-more#'


def xmlsec1(reference, scheme=MORE + 'rsa-sha256', digest=SHA256, transforms=(DSIG + 'enveloped-signature',)):
    def make(target, leaf):
        source = FOLDER / 'template.xml'
        text = INVOICE.read_text(encoding='utf-8')
        source.write_text(text.replace('<NBan></NBan>', f'<NBan>{template(reference, transforms, scheme, digest)}</NBan>'), encoding='utf-8')
        run(judges.needs('xmlsec1'), '--sign', '--pkcs12', key_file(leaf), '--pwd', password(), '--id-attr:Id', 'DLHDon',
            '--output', target, source)
    return make


INTACT_ONLY = ('INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND', 'intact')
PASSED = ('TOTAL-PASSED', None, 'intact')
WEAK = ('INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE', 'intact')
CA = ('--certs',)   # the producer embeds the signer's certificate alone: its issuer has to come from elsewhere

# name of the file, producer, leaf, further options of verify, outcome, format
PRODUCERS = [
    ('pdfsig.pdf', pdfsig(), 'signer', (), PASSED, 'PKCS7'),
    ('pdfsig-field.pdf', pdfsig('-etsi'), 'signer', (), PASSED, None),  # 22.12 takes -etsi and writes PKCS#7
    ('mutool.pdf', mutool, 'signer', CA, WEAK, 'PKCS7'),    # mutool 1.21 digests with SHA-1
    ('pyhanko.pdf', pyhanko, 'signer', (), PASSED, 'PAdES-BASELINE-B'),
    ('pyhanko-ec.pdf', pyhanko, 'p256', (), PASSED, 'PAdES-BASELINE-B'),
    ('dss-b.pdf', dss('PAdES', 'B'), 'signer', (), PASSED, 'PAdES-BASELINE-B'),
    ('dss-b-ec.pdf', dss('PAdES', 'B'), 'p384', (), PASSED, 'PAdES-BASELINE-B'),
    ('dss-t.pdf', dss('PAdES', 'T'), 'signer', (), PASSED, None),
    ('dss-b.xml', dss('XAdES', 'B'), 'signer', (), PASSED, 'XAdES-BASELINE-B'),
    ('dss-b-ec.xml', dss('XAdES', 'B'), 'p256', (), PASSED, 'XAdES-BASELINE-B'),
    ('dss-t.xml', dss('XAdES', 'T'), 'signer', (), PASSED, None),
    ('signxml.xml', signxml(), 'signer', (), PASSED, 'XMLDSig'),
    ('signxml-ec.xml', signxml(), 'p256', (), PASSED, 'XMLDSig'),
    ('signxml-xades.xml', signxml('--xades'), 'signer', (), PASSED, None),
    ('xmlsec1.xml', xmlsec1(''), 'signer', (), PASSED, 'XMLDSig'),
    ('xmlsec1-id.xml', xmlsec1('#data'), 'signer', (), PASSED, 'XMLDSig'),
    ('xmlsec1-ec.xml', xmlsec1('#data', MORE + 'ecdsa-sha256'), 'p256', (), PASSED, 'XMLDSig'),
    ('xmlsec1-sha512.xml', xmlsec1('#data', MORE + 'rsa-sha512', 'http://www.w3.org/2001/04/xmlenc#sha512'), 'signer', (), PASSED, 'XMLDSig'),
    ('xmlsec1-exclusive.xml', xmlsec1('#data', transforms=(DSIG + 'enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#')),
     'signer', (), PASSED, 'XMLDSig'),
    ('xmlsec1-sha1.xml', xmlsec1('#data', DSIG + 'rsa-sha1', DSIG + 'sha1'), 'signer', (), WEAK, 'XMLDSig'),
]


@functools.lru_cache(maxsize=None)
def made(name):
    judges.folder()
    _, make, leaf, *_ = next(row for row in PRODUCERS if row[0] == name)
    target = FOLDER / name
    make(target, leaf)
    return target


def options(extra):
    return [*pki.get().trust, *(['--certs', pki.get().file('ca.pem')] if extra == CA else [])]


@tap.table([(row[0], *row) for row in PRODUCERS])
def verified(_, name, make, leaf, extra, outcome, format):
    found = documents.report(made(name), *options(extra), code={'TOTAL-PASSED': 0, 'INDETERMINATE': 2}[outcome[0]])
    one = found['signatures'][0]
    tap.equal(documents.outcome(one), outcome, one)
    tap.true(one['format'] == format if format else one['format'], one)
    tap.note(f'{name}: {one["format"]}, {sorted(documents.codes(one))}')
    tap.equal((len(found['signatures']), one['signer']['sha256']), (1, sha256_of(leaf)), one)


def sha256_of(leaf):
    return hashlib.sha256(pki.get().file(f'{leaf}.der').read_bytes()).hexdigest()


def change(data, name):
    """One bit of what was signed and is read: the first stream of a PDF, the invoice's number."""
    at = data.index(b'stream') + 20 if name.endswith('pdf') else data.index(b'<SHDon>') + 9
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


@tap.table([(f'{row[0]}, one bit changed', row[0]) for row in PRODUCERS])
def broken(_, name):
    spoilt = FOLDER / f'spoilt-{name}'
    spoilt.write_bytes(change(made(name).read_bytes(), name))
    one = documents.report(spoilt, code=1)['signatures'][0]
    tap.equal(documents.outcome(one), ('TOTAL-FAILED', 'HASH_FAILURE', 'broken'), one)


@tap.table([(f'{row[0]}, without anchors', row[0], row[4]) for row in PRODUCERS if row[4] == PASSED])
def without_anchors(_, name, outcome):
    one = documents.report(made(name), '--offline', code=2)['signatures'][0]
    tap.equal(documents.outcome(one), INTACT_ONLY, one)


try:
    tap.main()
finally:
    shutil.rmtree(FOLDER)
