"""Each row of the table of situations of the command line's contract (docs/verdicts.md): what it is, what kyso says of it."""

import functools
import hashlib
import re
import shutil
import subprocess
import sys

import documents
import kyso
import paths
import pki
import tap
from documents import INVOICE, LETTER

sys.path.insert(0, str(paths.TESTDATA / 'hostile'))
import craft_der    # noqa: E402
import craft_pdf    # noqa: E402
import craft_xml    # noqa: E402

FORMS = {'PDF': (LETTER, '.pdf', ()), 'XAdES': (INVOICE, '.xml', ()), 'XMLDSig': (INVOICE, '.xml', ('--xml-form', 'xmldsig'))}


@functools.lru_cache(maxsize=None)
def signer(name='signer'):
    return craft_der.Signer(pki.get().folder, name)


def by(leaf='signer'):
    """A document of each form that leaf signed, whatever the check before signing says of it."""
    def make(folder, form):
        source, suffix, options = FORMS[form]
        return documents.sign(source, folder / f'signed{suffix}', '--unchecked', *options, key=pki.get().p12(leaf))
    return make


def changed(pattern, new):
    """The same, then changed where the pattern first stands."""
    def make(folder, form):
        path = by()(folder, form)
        data, count = re.subn(pattern, new, path.read_bytes(), count=1, flags=re.S)
        tap.equal(count, 1)
        path.write_bytes(data)
        return path
    return make


def crafted(function):
    def make(folder, form):
        made = function(signer())
        path = folder / f'crafted{FORMS[form][1]}'
        path.write_bytes(made if isinstance(made, bytes) else made.encode())
        return path
    return make


def value_changed(folder, form):
    """One octet inside the signature value, which in our CMS is the last thing."""
    path = by()(folder, form)
    data = path.read_bytes()
    if form == 'PDF':
        value = bytes.fromhex(re.search(rb'/Contents\s*<([0-9a-fA-F]*)>', data)[1].decode()).rstrip(b'\0')[-20:].hex().encode()
        at = data.lower().index(value)
    else:
        at = re.search(rb'<(?:\w+:)?SignatureValue[^>]*>\s*', data).end() + 60
    path.write_bytes(data[:at] + (b'1' if data[at:at + 1] != b'1' else b'2') + data[at + 1:])
    return path


def signed_again(folder, form):
    return documents.sign(by()(folder, form), folder / 'again.pdf')


def without_certificates(folder, form):
    if form == 'PDF':
        return crafted(lambda s: craft_pdf.signed(s, make=lambda s, content: craft_der.signed_data(
            [craft_der.signer_info(s, list(craft_der.attributes(s, content).values()))], [])))(folder, form)
    return crafted(lambda s: craft_xml.signed(s, key=''))(folder, form)


def beside_older(named):
    """CMS whose signing-certificate-v2 is right, beside a signing-certificate that names this one."""
    def make(s, content):
        reference = craft_der.seq(craft_der.octets(hashlib.sha1(signer(named).certificate).digest()))
        older = craft_der.attribute(craft_der.SIGNING_CERTIFICATE, craft_der.seq(craft_der.seq(reference)))
        signed = [*craft_der.attributes(s, content).values(), older]
        return craft_der.signed_data([craft_der.signer_info(s, signed)], [s.certificate, s.issuing])
    return make


def under_policy(s, content):
    digest = craft_der.seq(craft_der.algorithm(craft_der.DIGESTS['sha256']), craft_der.octets(bytes(32)))
    policy = craft_der.attribute(craft_der.SIGNATURE_POLICY, craft_der.seq(craft_der.oid('1.2.3.4'), digest))
    signed = [*craft_der.attributes(s, content).values(), policy]
    return craft_der.signed_data([craft_der.signer_info(s, signed)], [s.certificate, s.issuing])


class Ed25519(craft_der.Signer):
    """A leaf of its own, for its key signs the message and no digest of it."""

    def __init__(self, folder):
        chain = pki.get()
        (folder / 'ed.ext').write_text('keyUsage = critical, digitalSignature\n')
        for command in [
                ('genpkey', '-quiet', '-algorithm', 'ed25519', '-out', folder / 'ed.key'),
                ('req', '-new', '-key', folder / 'ed.key', '-subj', '/C=VN/CN=Ed25519', '-out', folder / 'ed.csr'),
                ('x509', '-req', '-in', folder / 'ed.csr', '-CA', chain.file('ca.pem'), '-CAkey', chain.file('ca.key'), '-days', '30',
                 '-set_serial', '7777777', '-extfile', folder / 'ed.ext', '-outform', 'DER', '-out', folder / 'ed.der')]:
            subprocess.run(['openssl', *command], check=True, capture_output=True)
        shutil.copy(chain.file('ca.der'), folder)
        super().__init__(folder, 'ed')

    def sign(self, data, digest='sha512', *options):
        message = self.folder / 'message'
        message.write_bytes(data)
        command = ['openssl', 'pkeyutl', '-sign', '-rawin', '-inkey', self.key, '-in', message]
        return subprocess.run(command, capture_output=True, check=True).stdout


def by_ed25519(digest):
    def make(folder, form):
        ed = Ed25519(folder)

        def cms(s, content):
            signed = list(craft_der.attributes(ed, content, digest).values())
            info = craft_der.signer_info(ed, signed, digest, scheme=craft_der.seq(craft_der.oid(craft_der.ED25519)))
            return craft_der.signed_data([info], [ed.certificate, ed.issuing], (digest,))
        return crafted(lambda s: craft_pdf.signed(s, make=cms))(folder, form)
    return make


def trust(root='root', *crls):
    def options():
        chain = pki.get()
        return ['--trust', chain.file(f'{root}.pem'), *[part for crl in crls for part in ('--crl', chain.file(crl))]]
    return options


FULL = trust('root', 'ca.crl', 'root.crl')
NO_CRL = trust()

PASSED, OPEN, FAILED = 'TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED'

# what, document, options of verify, exit code, verdict, sub-indication, integrity, a message that must be there
EVERY_FORM = [
    ('all is well', by(), FULL, 0, PASSED, None, 'intact', None),
    ('no anchors', by(), lambda: ['--offline'], 2, OPEN, 'NO_CERTIFICATE_CHAIN_FOUND', 'intact', None),
    ('another root', by(), trust('other', 'other.crl'), 2, OPEN, 'NO_CERTIFICATE_CHAIN_FOUND', 'intact', None),
    ('signer under another root', by('stranger'), FULL, 2, OPEN, 'NO_CERTIFICATE_CHAIN_FOUND', 'intact', None),
    ('no CRL', by(), NO_CRL, 2, OPEN, 'TRY_LATER', 'intact', 'REVOCATION_UNCHECKED'),
    ('a stale CRL', by(), trust('root', 'ca.stale.crl', 'root.crl'), 2, OPEN, 'TRY_LATER', 'intact', 'REVOCATION_UNCHECKED'),
    ('CRLs of another authority', by(), trust('root', 'other.crl'), 2, OPEN, 'TRY_LATER', 'intact', 'REVOCATION_UNCHECKED'),
    ('the CRL of the root alone', by(), trust('root', 'root.crl'), 2, OPEN, 'TRY_LATER', 'intact', 'REVOCATION_UNCHECKED'),
    ('no CRL, off', by(), lambda: [*NO_CRL(), '--revocation', 'off'], 0, PASSED, None, 'intact', 'REVOCATION_UNCHECKED'),
    ('no CRL, try', by(), lambda: [*NO_CRL(), '--revocation', 'try'], 0, PASSED, None, 'intact', 'REVOCATION_UNCHECKED'),
    ('revoked', by('revoked'), FULL, 2, OPEN, 'REVOKED_NO_POE', 'intact', 'CERT_REVOKED'),
    ('revoked, try', by('revoked'), lambda: [*FULL(), '--revocation', 'try'], 2, OPEN, 'REVOKED_NO_POE', 'intact', 'CERT_REVOKED'),
    ('expired', by('expired'), FULL, 2, OPEN, 'OUT_OF_BOUNDS_NO_POE', 'intact', 'CERT_EXPIRED'),
    ('not yet valid', by('future'), FULL, 2, OPEN, 'NOT_YET_VALID', 'intact', 'CERT_NOT_YET_VALID'),
    ('not for signing', by('nosign'), FULL, 2, OPEN, 'CHAIN_CONSTRAINTS_FAILURE', 'intact', 'KEY_USAGE'),
    ('for timestamps', by('tsa'), FULL, 2, OPEN, 'CHAIN_CONSTRAINTS_FAILURE', 'intact', 'KEY_USAGE'),
    ('an unknown critical extension', by('critical'), FULL, 2, OPEN, 'CERTIFICATE_CHAIN_GENERAL_FAILURE', 'intact', None),
    ('issued by an end entity', by('below'), FULL, 2, OPEN, None, 'intact', None),
    ('the signature value is wrong', value_changed, FULL, 1, FAILED, 'SIG_CRYPTO_FAILURE', 'broken', 'VALUE_WRONG'),
    ('no signer\'s certificate', without_certificates, FULL, 2, OPEN, 'NO_SIGNING_CERTIFICATE_FOUND', 'unknown', None),
]
PDF = [
    ('a digest differs', changed(rb'/Type\s*/Page\b', b'/Type/Pagf'), FULL, 1, FAILED, 'HASH_FAILURE', 'broken', 'DIGEST_DIFFERS'),
    ('ByteRange wrong', crafted(lambda s: craft_pdf.signed(s, ranges=lambda a, b, n: [1, a - 1, b, n - b])), FULL, 1, FAILED,
     'FORMAT_FAILURE', 'unknown', 'BYTERANGE_WRONG'),
    ('ByteRange changed', changed(rb'/ByteRange\s*\[\s*0', b'/ByteRange[1'), FULL, 1, FAILED, 'HASH_FAILURE', 'broken',
     'BYTERANGE_WRONG'),
    ('content taken away later', crafted(lambda s: craft_pdf.update(craft_pdf.signed(s), {4: b'null'})), FULL, 1, FAILED,
     'FORMAT_FAILURE', 'intact', 'MODIFIED_AFTER_SIGNING'),
    ('a later change that is not classified', crafted(lambda s: craft_pdf.update(craft_pdf.signed(s), {
        1: craft_pdf.OBJECTS[1][:-2] + b'/Rumour 1>>'})), FULL, 2, OPEN, 'CUSTOM', 'intact', 'CHANGES_UNKNOWN'),
    ('signed again: the first', signed_again, FULL, 0, PASSED, None, 'intact', 'CHANGED_LATER'),
    ('algorithm unknown', crafted(lambda s: craft_pdf.signed(s, make=lambda s, content: craft_der.signed_data([craft_der.signer_info(
        s, list(craft_der.attributes(s, content).values()), scheme=craft_der.algorithm('1.3.6.1.4.1.99999.3'))],
        [s.certificate, s.issuing]))), FULL, 2, OPEN, 'CUSTOM', 'unknown', 'UNSUPPORTED'),
    ('both signing-certificate attributes', crafted(lambda s: craft_pdf.signed(s, make=beside_older('signer'))), FULL, 0, PASSED, None,
     'intact', None),
    ('the older signing-certificate names another', crafted(lambda s: craft_pdf.signed(s, make=beside_older('rsa2048'))), FULL, 2, OPEN,
     'NO_SIGNING_CERTIFICATE_FOUND', 'intact', 'CERT_REF_MISMATCH'),
    ('Ed25519 with SHA-512', by_ed25519('sha512'), FULL, 0, PASSED, None, 'intact', None),
    ('Ed25519 with SHA-256', by_ed25519('sha256'), FULL, 2, OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact', 'WEAK_ALGORITHM'),
    ('under a signature policy', crafted(lambda s: craft_pdf.signed(s, make=under_policy)), FULL, 0, PASSED, None, 'intact',
     'POLICY_UNCHECKED'),
    ('SHA-1', crafted(lambda s: craft_pdf.signed(s, make=lambda s, c: craft_der.plain(s, c, 'sha1'))), FULL, 2, OPEN,
     'CRYPTO_CONSTRAINTS_FAILURE', 'intact', 'WEAK_ALGORITHM'),
]
DATA = craft_xml.reference('#data', craft_xml.digest_of(craft_xml.BODY), craft_xml.C14N)


def over(reference, body=craft_xml.BODY, digest='sha256', **algorithms):
    def make(s):
        info = craft_xml.signed_info(reference, **algorithms)
        return craft_xml.document(craft_xml.signature(s, info, digest), body)
    return crafted(make)


XML = [
    ('a digest differs', changed('đồng'.encode(), 'đong'.encode()), FULL, 1, FAILED, 'HASH_FAILURE', 'broken', 'REFERENCE_DIFFERS'),
    ('a referenced Id found twice', over(DATA, craft_xml.BODY * 2), FULL, 1, FAILED, 'FORMAT_FAILURE', 'unknown', 'REFERENCE_AMBIGUOUS'),
    ('a referenced Id not found', over(DATA.replace('#data', '#nobody')), FULL, 2, OPEN, 'SIGNED_DATA_NOT_FOUND', 'unknown',
     'REFERENCE_NOT_FOUND'),
    ('transform refused', over(DATA.replace(craft_xml.C14N, 'http://www.w3.org/TR/1999/REC-xslt-19991116')), FULL, 2, OPEN, 'CUSTOM',
     'unknown', 'UNSUPPORTED'),
    ('algorithm unknown', over(DATA, method='urn:nobody'), FULL, 2, OPEN, 'CUSTOM', 'unknown', 'UNSUPPORTED'),
    ('structure wrong', crafted(lambda s: craft_xml.signed(s, parts=lambda i, v, k: i + i + v + k)), FULL, 1, FAILED, 'FORMAT_FAILURE',
     'unknown', None),
    ('SHA-1', over(DATA, digest='sha1', method=craft_xml.RSA_SHA1), FULL, 2, OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact',
     'WEAK_ALGORITHM'),
]
ROWS = ([(f'{what}: {form}', form, *row) for what, *row in EVERY_FORM for form in FORMS]
        + [(f'{what}: PDF', 'PDF', *row) for what, *row in PDF] + [(f'{what}: XML', 'XAdES', *row) for what, *row in XML])


@tap.table(ROWS)
def situation(_, form, make, options, code, verdict, sub, integrity, message):
    with tap.scratch() as folder:
        found = documents.report(make(folder, form), *options(), code=code)
        tap.equal(found['verdict'], verdict, found)
        one = found['signatures'][0]
        tap.equal(one['verdict'], verdict, one)
        if sub or verdict == PASSED:
            tap.equal(one['sub_indication'], sub, one)
        if integrity:
            tap.equal(one['integrity'], integrity, one)
        tap.true(one['integrity'] != 'intact' or verdict != FAILED or message == 'MODIFIED_AFTER_SIGNING', one)
        tap.true(message is None or message in documents.codes(one), f'no message {message}', one)


# what, name and content of the file, code of the error
UNREADABLE = [
    ('DOCTYPE', 'a.xml', b'<!DOCTYPE a><a/>', 'FORMAT'),
    ('not well-formed', 'a.xml', b'<a><b></a>', 'FORMAT'),
    ('neither PDF nor XML', 'a.pdf', b'PK\3\4', 'FORMAT'),
    ('encrypted', 'a.pdf', craft_pdf.write(trailer=b'/Root 1 0 R/Encrypt<</Filter/Standard/V 2/R 3/P -4'
                                          + b'/O(%s)/U(%s)>>' % (b'o' * 32, b'u' * 32)), 'PASSWORD'),
    ('not there', 'a.pdf', None, 'IO'),
]


@tap.table(UNREADABLE)
def unreadable(_, name, content, code):
    with tap.scratch() as folder:
        if content is not None:
            (folder / name).write_bytes(content)
        found = documents.report(folder / name, code=4)
        tap.equal((found['verdict'], found['error']['code'], found['signatures']), ('ERROR', code, []), found)


@tap.case('no signature: exit 3')
def _():
    for path in (LETTER, INVOICE):
        tap.equal(documents.report(path, code=3)['verdict'], 'NO-SIGNATURE')


@tap.case('of many files the worst counts, in the order of the contract')
def _():
    with tap.scratch() as folder:
        good = by()(folder, 'PDF')
        failed = value_changed(folder, 'XAdES')
        broken = folder / 'broken.xml'
        broken.write_text('<a>')
        for files, code in (([good, good], 0), ([good, LETTER], 3), ([good, broken, LETTER], 4), ([failed, broken, good], 1)):
            result = kyso.run('verify', '--json', *FULL(), *files)
            tap.equal((result.code, len(result.json)), (code, len(files)), result)


@tap.case('--at: valid before a certificate ended, and not after')
def _():
    with tap.scratch() as folder:
        signed = by()(folder, 'PDF')
        one = documents.report(signed, *NO_CRL(), '--revocation', 'off', '--at', '2099-01-01T00:00:00Z', code=2)['signatures'][0]
        tap.equal((one['sub_indication'], one['integrity']), ('OUT_OF_BOUNDS_NO_POE', 'intact'))


REFUSALS = [(leaf, leaf) for leaf in ('expired', 'future', 'nosign', 'tsa', 'revoked', 'critical', 'below', 'stranger')]


@tap.table([(f'signing with a certificate that is wrong: {leaf}', leaf) for leaf, _ in REFUSALS])
def refused(_, leaf):
    with tap.scratch() as folder:
        for form, (source, suffix, options) in FORMS.items():
            out = folder / f'{form}{suffix}'
            plain = kyso.run('sign', *pki.get().p12(leaf), *FULL(), *options, '-o', out, source)
            tap.true(plain.code == 5 and not out.exists(), plain)
            tap.true(plain.err.strip(), 'a refusal without a word', plain)
            forced = kyso.run('sign', *pki.get().p12(leaf), *FULL(), '--unchecked', *options, '-o', out, source)
            tap.true(forced.code == 0 and out.exists(), forced)


@tap.case('without any anchor, signing still looks at validity and usage')
def _():
    with tap.scratch() as folder:
        for leaf in ('expired', 'future', 'nosign', 'tsa'):
            result = kyso.run('sign', *pki.get().p12(leaf), '-o', folder / 'out.pdf', LETTER)
            tap.true(result.code == 5 and not (folder / 'out.pdf').exists(), result)


tap.main()
