"""From bytes to verdict: documents signed by openssl's keys, each right or wrong in one way, and what is said of them.

argv[1] is verify_probe, argv[2] verify_fault.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile

import forge
import paths
import pki as pkis
import tap

PROBE = sys.argv[1]
PASSED, OPEN, FAILED = 'TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED'
# Outcomes: verdict, sub-indication, integrity.
VALID = PASSED, None, 'intact'
HASH = FAILED, 'HASH_FAILURE', 'broken'
VALUE = FAILED, 'SIG_CRYPTO_FAILURE', 'broken'
FORMAT = FAILED, 'FORMAT_FAILURE', 'unknown'
ANOTHER = OPEN, 'NO_SIGNING_CERTIFICATE_FOUND', 'intact'
UNSUPPORTED = OPEN, 'CUSTOM', 'unknown'
NOT_FOUND = OPEN, 'SIGNED_DATA_NOT_FOUND', 'unknown'
NOTHING = OPEN, 'SIGNED_DATA_NOT_FOUND', 'intact'
PKI = pkis.get()
UPDATE = (b'%d 0 obj\n%s\nendobj\nxref\n%d 1\n%010d 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev %d>>\n'
          b'startxref\n%d\n%%%%EOF\n')


def file(*names):
    return [part for name in names for part in ('--evidence', PKI.file(name))]


ROOT = ['--anchor', PKI.file('root.pem')]
CRLS = file('ca.crl', 'root.crl')
FULL = ROOT + CRLS


def answer(content, options):
    with tempfile.NamedTemporaryFile(prefix='libsign-test-') as out:
        out.write(content if isinstance(content, bytes) else content.encode())
        out.flush()
        done = subprocess.run([PROBE, *options, out.name], capture_output=True, check=True)
    return json.loads(done.stdout)


def cut(text, pattern, replacement):
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, pattern
    return changed


def flip(data, place):
    data = bytearray(data)
    data[place] ^= 1
    return bytes(data)


def signed_pdf(leaf='signer', *options, subfilter='ETSI.CAdES.detached', **how):
    options = options or (('-cades',) if subfilter.startswith('ETSI') else ())
    kept = {name: how.pop(name) for name in ('certs', 'digest') if name in how}
    return forge.pdf(lambda data: forge.cms(PKI, leaf, data, *options, **kept), subfilter=subfilter, **how)


def hybrid(number, body):
    """A revision whose object stands in the stream that /XRefStm names, and not in its table."""
    def tail(before):
        prev = int(re.findall(rb'startxref\n(\d+)', before)[-1])
        added = b'%d 0 obj\n%s\nendobj\n' % (number, body)
        stream = len(before) + len(added)
        row = b'\1' + len(before).to_bytes(4, 'big') + b'\0'
        added += (b'7 0 obj\n<</Type/XRef/W[1 4 1]/Index[%d 1]/Size 8/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n'
                  % (number, len(row), row))
        return added + (b'xref\n0 0\ntrailer\n<</Size 8/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n'
                        % (prev, stream, len(before) + len(added)))
    return tail


def updated(pdf, number=6, body=b'<</Producer(x)>>'):
    """An incremental update of one object."""
    xref = int(re.search(rb'startxref\n(\d+)', pdf)[1])
    table = len(pdf) + len(b'%d 0 obj\n%s\nendobj\n' % (number, body))
    return pdf + UPDATE % (number, body, number, len(pdf), xref, table)


def inner_sha1(leaf='signer'):
    return forge.pdf(lambda data: forge.cms(PKI, leaf, hashlib.sha1(data).digest(), '-nodetach'), subfilter='adbe.pkcs7.sha1')


def bare_sha1(leaf='signer', chain=('signer',)):
    """adbe.x509.rsa_sha1: an OCTET STRING with the value of 256 octets, the certificates in the one string of /Cert."""
    der = b''.join(forge.cert_der(PKI, name) for name in chain)
    return forge.pdf(lambda data: b'\x04\x82\x01\x00' + forge.openssl('dgst', '-sha1', '-sign', PKI.file(f'{leaf}.key'), given=data),
                     subfilter='adbe.x509.rsa_sha1', extra=f'/Cert<{der.hex()}>')


def mixed(pdf):
    """The first letter among the digits of /Contents in its other case."""
    place = pdf.index(b'/Contents<') + 10
    while pdf[place] not in b'abcdef':
        place += 1
    return pdf[:place] + pdf[place:place + 1].upper() + pdf[place + 1:]


def serials(*names):
    return '<X509Data>' + ''.join(
        f'<X509IssuerSerial><X509IssuerName>CN=x</X509IssuerName><X509SerialNumber>{forge.serial(PKI, name)}</X509SerialNumber>'
        '</X509IssuerSerial>' for name in names) + '</X509Data>'


def beside(objects=''):
    """Two signatures over the document without any, the second with Objects that nobody signs."""
    xpath = (f'<Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath xmlns:d="{forge.DS}">'
             'not(ancestor-or-self::d:Signature)</XPath></Transform></Transforms>')
    ref = forge.reference('', f'<doc>{forge.DATA}</doc>', transforms=xpath)
    return f'<doc>{forge.DATA}{forge.signature(PKI, "signer", [ref])}{forge.signature(PKI, "signer", [ref], objects=objects)}</doc>'


def damaged_copy(name, place):
    return forge.x509_data(PKI, 'signer') + (
        f'<X509Data><X509Certificate>{forge.b64(flip(forge.cert_der(PKI, name), place))}</X509Certificate></X509Data>')


XML = forge.enveloped(PKI)
DETACHED = forge.detached(PKI)
XADES = forge.xades(PKI)
PDF = signed_pdf()
OWN = forge.x509_data(PKI, 'signer')
WRONG_VALUE = cut(XML, '<SignatureValue>....', '<SignatureValue>AAAA')
MANIFEST_OBJECT = (f'<Manifest Id="m">{forge.reference("#d", forge.DATA.replace("1", "2"))}</Manifest>')


def manifest():
    canonical = f'<Manifest xmlns="{forge.DS}" Id="m">{MANIFEST_OBJECT[17:]}'
    refs = [forge.reference('#m', canonical, kind=forge.DS + 'Manifest'), forge.reference('#d', forge.DATA)]
    return f'<doc>{forge.DATA}{forge.signature(PKI, "signer", refs, objects=f"<Object>{MANIFEST_OBJECT}</Object>")}</doc>'


# name, content, options, outcome, format, messages that must be there
ROWS = [
    ('xml: the whole document', XML, FULL, VALID, 'XMLDSig', []),
    ('xml: ECDSA', forge.enveloped(PKI, 'p256'), FULL, VALID, 'XMLDSig', []),
    ('xml: by Id', DETACHED, FULL, VALID, 'XMLDSig', ['PARTIAL_SCOPE']),
    ('xml: enveloping', forge.enveloping(PKI), FULL, VALID, 'XMLDSig', ['PARTIAL_SCOPE']),
    ('xml: XAdES', XADES, FULL, VALID, 'XAdES-BASELINE-B', ['TIME_CLAIMED']),
    ('xml: XAdES, time without a zone', forge.xades(PKI, time='2026-11-22T09:00:00'), FULL, VALID,
     'XAdES-BASELINE-B', ['TIME_WITHOUT_ZONE']),
    ('xml: chain upside down', forge.enveloped(PKI, keyinfo=forge.x509_data(PKI, 'root', 'ca', 'signer')), FULL,
     VALID, 'XMLDSig', []),
    ('xml: KeyValue and certificate agree', forge.enveloped(PKI, keyinfo=forge.key_value(PKI, 'signer') + OWN),
     FULL + file('ca.pem'), VALID, 'XMLDSig', []),
    ('xml: certificate given by the caller, found by KeyValue', forge.enveloped(PKI, keyinfo=forge.key_value(PKI,
     'signer')), FULL + file('signer.pem', 'ca.pem'), VALID, 'XMLDSig', []),
    ('xml: certificate given by the caller, found by its digest', forge.xades(PKI, keyinfo=''),
     FULL + file('rsa2048.pem', 'signer.pem', 'ca.pem'), VALID, 'XAdES', []),
    ('xml: certificate given by the caller, found by its key: no KeyInfo', forge.enveloped(PKI, keyinfo=''),
     FULL + file('rsa2048.pem', 'signer.pem', 'ca.pem'), VALID, 'XMLDSig', []),
    ('xml: certificate given by the caller, found by its key: KeyName', forge.enveloped(PKI,
     keyinfo='<KeyName>the signer</KeyName>'), FULL + file('signer.pem', 'ca.pem'), VALID, 'XMLDSig', []),
    ('xml: certificates given by the caller, none of which signed', forge.enveloped(PKI, keyinfo=''),
     FULL + file('rsa2048.pem', 'ca.pem'), (OPEN, 'NO_SIGNING_CERTIFICATE_FOUND', 'unknown'), 'XMLDSig', []),
    ('xml: serial numbers of a chain', forge.enveloped(PKI, keyinfo=serials('signer', 'ca')), FULL + file('ca.pem', 'signer.pem'),
     VALID, 'XMLDSig', []),
    ('xml: serial numbers of a chain, of which the issuer alone was given', forge.enveloped(PKI, keyinfo=serials('signer', 'ca')),
     FULL + file('ca.pem'), (OPEN, 'NO_SIGNING_CERTIFICATE_FOUND', 'unknown'), 'XMLDSig', []),
    ('xml: the serial number of another', forge.enveloped(PKI, keyinfo=serials('rsa2048')), FULL + file('rsa2048.pem'), VALUE,
     'XMLDSig', []),
    ('xml: an empty X509IssuerSerial', forge.enveloped(PKI, keyinfo=forge.x509_data(PKI, 'signer', 'ca') +
     '<X509Data><X509IssuerSerial></X509IssuerSerial></X509Data>'), FULL, VALID, 'XMLDSig', []),
    ('xml: content changed', XML.replace('số 1', 'số 2'), FULL, HASH, 'XMLDSig', ['REFERENCE_DIFFERS']),
    ('xml: content changed, no anchor', XML.replace('số 1', 'số 2'), [], HASH, 'XMLDSig', ['NO_ANCHOR']),
    ('xml: content changed, no certificate', forge.enveloped(PKI, keyinfo='').replace('số 1', 'số 2'), FULL, HASH,
     'XMLDSig', ['NO_SIGNING_CERTIFICATE']),
    ('xml: value changed', WRONG_VALUE, FULL, VALUE, 'XMLDSig', ['VALUE_WRONG']),
    ('xml: value and content changed', WRONG_VALUE.replace('số 1', 'số 2'), FULL, HASH, 'XMLDSig',
     ['REFERENCE_DIFFERS', 'VALUE_WRONG']),
    ('xml: SignedInfo changed', cut(XML, '<SignedInfo>', '<SignedInfo Id="x">'), FULL, VALUE, 'XMLDSig', []),
    ('xml: certificate of another', forge.enveloped(PKI, keyinfo=forge.x509_data(PKI, 'rsa2048', 'ca')), FULL, VALUE,
     'XMLDSig', ['VALUE_WRONG']),
    ('xml: Id twice', forge.detached(PKI, more='<x ID="d"></x>'), FULL, FORMAT, 'XMLDSig', ['REFERENCE_AMBIGUOUS']),
    ('xml: unreferenced Id twice', forge.detached(PKI, more='<x Id="e"></x><y Id="e"></y>'), FULL, VALID, 'XMLDSig',
     []),
    ('xml: no Reference', f'<doc>{forge.DATA}{forge.signature(PKI, "signer", [])}</doc>', FULL, FORMAT, 'XMLDSig',
     ['STRUCTURE_WRONG']),
    ('xml: Id not there', forge.detached(PKI, uri='#e'), FULL, NOT_FOUND, 'XMLDSig', ['REFERENCE_NOT_FOUND']),
    ('xml: nothing but its own properties', forge.xades(PKI, data=False), FULL, NOTHING, 'XAdES-BASELINE-B',
     ['NOTHING_SIGNED']),
    ('xml: nothing outside itself', forge.enveloping(PKI, wrap=f'<doc>{forge.DATA}{{}}</doc>'), FULL, NOTHING,
     'XMLDSig', ['NOTHING_SIGNED']),
    ('xml: HMAC', forge.enveloped(PKI, method=forge.METHOD_URI['hmac']), FULL, UNSUPPORTED, 'XMLDSig',
     ['UNSUPPORTED']),
    ('xml: unknown signature method', forge.enveloped(PKI, method='urn:x'), FULL, UNSUPPORTED, 'XMLDSig',
     ['UNSUPPORTED']),
    ('xml: unknown canonicalization', forge.enveloped(PKI, c14n='urn:x'), FULL, UNSUPPORTED, 'XMLDSig',
     ['UNSUPPORTED']),
    ('xml: external URI', forge.detached(PKI, uri='http://127.0.0.1:1/'), FULL, UNSUPPORTED, 'XMLDSig',
     ['UNSUPPORTED']),
    ('xml: SHA-1', forge.enveloped(PKI, digest='sha1'), FULL, (OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact'),
     'XMLDSig', ['WEAK_ALGORITHM']),
    ('xml: SHA-1, no anchor', forge.enveloped(PKI, digest='sha1'), [], (OPEN, 'CRYPTO_CONSTRAINTS_FAILURE',
     'intact'), 'XMLDSig', ['WEAK_ALGORITHM', 'NO_ANCHOR']),
    ('xml: a manifest that is not right', manifest(), FULL, (OPEN, 'CUSTOM', 'intact'), 'XMLDSig',
     ['MANIFEST_UNCHECKED']),
    ('xml: a manifest that is not right, and that nobody signed',
     forge.enveloped(PKI, objects=f'<Object>{MANIFEST_OBJECT}</Object>'), FULL, VALID, 'XMLDSig', ['PARTIAL_SCOPE']),
    ('xml: KeyValue alone', forge.enveloped(PKI, keyinfo=forge.key_value(PKI, 'signer')), FULL, (OPEN,
     'NO_SIGNING_CERTIFICATE_FOUND', 'intact'), 'XMLDSig', ['NO_SIGNING_CERTIFICATE']),
    ('xml: KeyValue of another alone', forge.enveloped(PKI, keyinfo=forge.key_value(PKI, 'rsa2048')), FULL, VALUE,
     'XMLDSig', []),
    ('xml: no KeyInfo', forge.enveloped(PKI, keyinfo=''), FULL, (OPEN, 'NO_SIGNING_CERTIFICATE_FOUND', 'unknown'),
     'XMLDSig', []),
    ('xml: XAdES names another certificate', forge.xades(PKI, named=('rsa2048',)), FULL, ANOTHER, 'XAdES', ['CERT_REF_MISMATCH']),
    ('xml: XAdES names another certificate, untyped', forge.xades(PKI, named=('rsa2048',), typed=False), FULL, ANOTHER, 'XAdES',
     ['CERT_REF_MISMATCH']),
    ('xml: XAdES names the signer, v1 another', forge.xades(PKI, v1=('rsa2048',)), FULL, ANOTHER, 'XAdES', ['CERT_REF_MISMATCH']),
    ('xml: XAdES v1 names the signer, v2 another', forge.xades(PKI, v1=('signer',), named=('rsa2048',)), FULL, ANOTHER, 'XAdES',
     ['CERT_REF_MISMATCH']),
    ('xml: XAdES names the path, from above', forge.xades(PKI, named=('ca', 'signer')), FULL, VALID, 'XAdES-BASELINE-B', []),
    ('xml: XAdES v1 names the path, from above', forge.xades(PKI, v1=('root', 'ca', 'signer'), named=()), FULL, VALID, 'XAdES', []),
    ('xml: XAdES properties without a Type', forge.xades(PKI, typed=False), FULL, VALID, 'XAdES', []),
    ('xml: XAdES of two times', forge.xades(PKI, more='<xades:SigningTime>2026-11-20T09:00:00Z</xades:SigningTime>'), FULL, FORMAT,
     'XAdES', ['STRUCTURE_WRONG']),
    ('xml: XAdES of two lists of certificates', forge.xades(PKI, more='<xades:SigningCertificateV2></xades:SigningCertificateV2>'),
     FULL, FORMAT, 'XAdES', ['STRUCTURE_WRONG']),
    ('xml: the issuer alone came along', forge.enveloped(PKI, keyinfo=forge.x509_data(PKI, 'ca')), FULL + file('signer.pem'), VALID,
     'XMLDSig', []),
    ('xml: XAdES properties not signed', forge.xades(PKI, bind=False), FULL, VALID, 'XAdES', ['PROPERTIES_UNSIGNED',
     'TIME_UNSIGNED']),
    ('xml: XAdES properties of another signature', forge.xades(PKI, target='#t'), FULL, (OPEN,
     'SIG_CONSTRAINTS_FAILURE', 'intact'), 'XMLDSig', ['PROPERTIES_FOREIGN']),
    ('xml: KeyValue contradicts', forge.enveloped(PKI, keyinfo=forge.key_value(PKI, 'rsa2048') + forge.x509_data(PKI,
     'signer', 'ca')), FULL, (OPEN, 'SIG_CONSTRAINTS_FAILURE', 'intact'), 'XMLDSig', ['KEYINFO_CONTRADICTS']),
    ('xml: a damaged issuer came along', forge.enveloped(PKI, keyinfo=damaged_copy('ca', -1)), FULL + file('ca.pem'),
     (OPEN, 'SIG_CONSTRAINTS_FAILURE', 'intact'), 'XMLDSig', ['CERT_CORRUPTED']),
    ('xml: a damaged root came along', forge.enveloped(PKI, keyinfo=damaged_copy('root', 200)),
     FULL + file('ca.pem'), (OPEN, 'SIG_CONSTRAINTS_FAILURE', 'intact'), 'XMLDSig', []),
    ('path: no anchor', XML, [], (OPEN, 'NO_CERTIFICATE_CHAIN_FOUND', 'intact'), 'XMLDSig', ['NO_ANCHOR']),
    ('path: under another root', forge.enveloped(PKI, 'stranger'), FULL, (OPEN, 'NO_CERTIFICATE_CHAIN_FOUND',
     'intact'), 'XMLDSig', ['NO_CHAIN']),
    ('path: no intermediate', forge.enveloped(PKI, keyinfo=OWN), FULL, (OPEN, 'NO_CERTIFICATE_CHAIN_FOUND',
     'intact'), 'XMLDSig', []),
    ('path: intermediate given', forge.enveloped(PKI, keyinfo=OWN), FULL + file('ca.pem'), VALID, 'XMLDSig', []),
    ('path: expired', forge.enveloped(PKI, 'expired'), FULL, (OPEN, 'OUT_OF_BOUNDS_NO_POE', 'intact'), 'XMLDSig',
     ['CERT_EXPIRED']),
    ('path: not yet valid', forge.enveloped(PKI, 'future'), FULL, (OPEN, 'NOT_YET_VALID', 'intact'), 'XMLDSig',
     ['CERT_NOT_YET_VALID']),
    ('path: not for signing', forge.enveloped(PKI, 'nosign'), FULL, (OPEN, 'CHAIN_CONSTRAINTS_FAILURE', 'intact'),
     'XMLDSig', ['KEY_USAGE']),
    ('path: revoked', forge.enveloped(PKI, 'revoked'), FULL, (OPEN, 'REVOKED_NO_POE', 'intact'), 'XMLDSig',
     ['CERT_REVOKED']),
    ('path: revoked, revocation off', forge.enveloped(PKI, 'revoked'), FULL + ['--revocation', '2'], VALID,
     'XMLDSig', ['REVOCATION_UNCHECKED']),
    ('path: unknown critical extension', forge.enveloped(PKI, 'critical'), FULL, (OPEN,
     'CERTIFICATE_CHAIN_GENERAL_FAILURE', 'intact'), 'XMLDSig', ['CHAIN_INVALID']),
    ('path: no CRL', XML, ROOT, (OPEN, 'TRY_LATER', 'intact'), 'XMLDSig', ['REVOCATION_UNCHECKED']),
    ('path: no CRL, try', XML, ROOT + ['--revocation', '1'], VALID, 'XMLDSig', ['REVOCATION_UNCHECKED']),
    ('path: old CRL', XML, ROOT + file('ca.stale.crl', 'root.crl'), (OPEN, 'TRY_LATER', 'intact'), 'XMLDSig',
     ['REVOCATION_UNCHECKED']),
    ('pdf: CAdES', PDF, FULL, VALID, 'PAdES', []),
    ('pdf: PKCS7', signed_pdf(subfilter='adbe.pkcs7.detached'), FULL, VALID, 'PKCS7', ['CERT_REF_ABSENT']),
    ('pdf: PSS', signed_pdf('signer', '-cades', '-keyopt', 'rsa_padding_mode:pss'), FULL, VALID, 'PAdES', []),
    ('pdf: ECDSA', signed_pdf('p384', digest='sha384'), FULL, VALID, 'PAdES', []),
    ('pdf: sid by key identifier', signed_pdf('signer', '-cades', '-keyid'), FULL, VALID, 'PAdES', []),
    ('pdf: no signed attributes', signed_pdf('signer', '-noattr', subfilter='adbe.pkcs7.detached'), FULL, VALID,
     'PKCS7', []),
    ('pdf: CAdES without signed attributes', signed_pdf('signer', '-noattr'), FULL, FORMAT, 'PAdES',
     ['STRUCTURE_WRONG']),
    ('pdf: no certificate, given by the caller', signed_pdf('signer', '-cades', '-nocerts'),
     FULL + file('signer.pem', 'ca.pem'), VALID, 'PAdES', []),
    ('pdf: no certificate', signed_pdf('signer', '-cades', '-nocerts'), FULL, (OPEN, 'NO_SIGNING_CERTIFICATE_FOUND',
     'unknown'), 'PAdES', ['NO_SIGNING_CERTIFICATE']),
    ('pdf: time without a zone', signed_pdf(date='D:20261122090000'), FULL, VALID, 'PAdES', ['TIME_WITHOUT_ZONE']),
    ('pdf: time unreadable', signed_pdf(date='today'), FULL, VALID, 'PAdES', ['TIME_UNREADABLE']),
    ('pdf: content changed', PDF.replace(b'595', b'594'), FULL, HASH, 'PAdES', ['DIGEST_DIFFERS']),
    ('pdf: content changed, no anchor', PDF.replace(b'595', b'594'), [], HASH, 'PAdES', []),
    ('pdf: content changed, no attributes', signed_pdf('signer', '-noattr',
     subfilter='adbe.pkcs7.detached').replace(b'595', b'594'), FULL, VALUE, 'PKCS7', []),
    ('pdf: hybrid as it is meant', signed_pdf(tail=hybrid(6, b'<</Hidden true>>')), FULL, VALID, 'PAdES', []),
    ('pdf: hybrid, two pages by the tables, one by the stream',
     signed_pdf(tail=hybrid(3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[4 0 R]>>')), FULL,
     (OPEN, 'CUSTOM', 'intact'), 'PAdES', ['READERS_DIFFER']),
    ('pdf: objects beyond /Size', signed_pdf(size=3), FULL, (OPEN, 'CUSTOM', 'intact'), 'PAdES', ['READERS_DIFFER']),
    ('pdf: bytes before the header', b'\r\n' + signed_pdf(), FULL, HASH, 'PAdES', ['FILE_REPAIRED']),
    ('pdf: damaged when signed', signed_pdf(xref=b'xrof'), FULL, (OPEN, 'CUSTOM', 'intact'), 'PAdES', ['READERS_DIFFER', 'FILE_REPAIRED']),
    ('pdf: data after the CMS', signed_pdf(inside=b'\0\1'), FULL, FORMAT, 'PAdES', ['TRAILING_DATA']),
    ('pdf: no CMS', forge.pdf(lambda data: b'junk'), FULL, FORMAT, 'PAdES', ['CMS_MALFORMED']),
    ('pdf: two signers', signed_pdf('signer', '-cades', '-signer', PKI.file('rsa2048.pem'), '-inkey',
     PKI.file('rsa2048.key')), FULL, FORMAT, 'PAdES', ['SIGNER_COUNT']),
    ('pdf: content of its own', signed_pdf('signer', '-cades', '-nodetach'), FULL, FORMAT, 'PAdES',
     ['STRUCTURE_WRONG']),
    ('pdf: another content type', signed_pdf('signer', '-cades', '-econtent_type', '1.2.3.4'), FULL, FORMAT, 'PAdES',
     ['STRUCTURE_WRONG']),
    ('pdf: digits of both cases', mixed(PDF), FULL, FORMAT, 'PAdES', ['BYTERANGE_WRONG']),
    ('pdf: a key twice in the dictionary', signed_pdf(extra='/Name(a)/Name(b)'), FULL, FORMAT, 'PAdES',
     ['STRUCTURE_WRONG']),
    ('pdf: unknown SubFilter', signed_pdf(subfilter='x.y'), FULL, UNSUPPORTED, None, ['UNSUPPORTED']),
    ('pdf: x509.rsa_sha1 with a CMS in it', signed_pdf(subfilter='adbe.x509.rsa_sha1'), FULL, FORMAT, 'X509-SHA1', []),
    ('pdf: x509.rsa_sha1', bare_sha1(), FULL, (OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact'), 'X509-SHA1',
     ['WEAK_ALGORITHM']),
    ('pdf: x509.rsa_sha1, a chain in one string', bare_sha1(chain=('signer', 'ca')), FULL,
     (OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact'), 'X509-SHA1', ['WEAK_ALGORITHM']),
    ('pdf: x509.rsa_sha1, content changed', bare_sha1().replace(b'595', b'594'), FULL, VALUE, 'X509-SHA1', []),
    ('pdf: pkcs7.sha1', inner_sha1(), FULL, (OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact'), 'PKCS7',
     ['WEAK_ALGORITHM']),
    ('pdf: pkcs7.sha1, content changed', inner_sha1().replace(b'595', b'594'), FULL, HASH, 'PKCS7', []),
    ('pdf: SHA-1', signed_pdf(digest='sha1'), FULL, (OPEN, 'CRYPTO_CONSTRAINTS_FAILURE', 'intact'), 'PAdES',
     ['WEAK_ALGORITHM']),
    ('pdf: an object after it that nothing shows', updated(PDF), FULL, VALID, 'PAdES', []),
    ('pdf: another page size after it', updated(PDF, 3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>'), FULL,
     (FAILED, 'FORMAT_FAILURE', 'intact'), 'PAdES', ['MODIFIED_AFTER_SIGNING']),
    ('pdf: white space after it', PDF + b'\r\n \n', FULL, VALID, 'PAdES', []),
    ('pdf: expired', signed_pdf('expired'), FULL, (OPEN, 'OUT_OF_BOUNDS_NO_POE', 'intact'), 'PAdES',
     ['CERT_EXPIRED']),
    ('pdf: revoked', signed_pdf('revoked'), FULL, (OPEN, 'REVOKED_NO_POE', 'intact'), 'PAdES', ['CERT_REVOKED']),
]


@tap.table(ROWS)
def row(name, content, options, outcome, form, messages):
    got = answer(content, options)
    tap.equal(got['error'], None)
    tap.equal(len(got['signatures']), 1)
    one = got['signatures'][0]
    said = {message['code'] for message in one['messages']}
    detail = json.dumps(one, ensure_ascii=False, indent=1)
    tap.equal((one['verdict'], one['sub_indication'], one['integrity']), outcome, detail)
    tap.equal(one['format'], form)
    tap.true(said >= set(messages), f'messages {said}', detail)
    tap.equal(got['verdict'], outcome[0])


@tap.case('scope names what is signed, with its place in the file')
def _():
    cover = answer(DETACHED, FULL)['signatures'][0]['scope']['covers'][0]
    content = DETACHED.encode()
    tap.equal(content[cover['offset']:cover['offset'] + cover['length']].decode(), forge.DATA)
    tap.equal((cover['uri'], cover['path'], cover['resolved']), ('#d', '/doc/data', True))
    scope = answer(PDF, FULL)['signatures'][0]['scope']
    gap = scope['covers'][0]['length'], scope['covers'][1]['offset']
    tap.equal((PDF[gap[0]:gap[0] + 1], PDF[gap[1] - 1:gap[1]]), (b'<', b'>'))
    tap.equal((scope['whole_file'], scope['revision'], scope['revisions'], scope['changes_after']), (True, 1, 1, 'none'))


@tap.case('what came after: a comment is nothing, an update of nothing is an update')
def _():
    for content, said in ((PDF + b'% seen\n', (False, 1, 1, 'none')), (updated(PDF), (False, 1, 2, 'allowed'))):
        scope = answer(content, FULL)['signatures'][0]['scope']
        tap.equal((scope['whole_file'], scope['revision'], scope['revisions'], scope['changes_after']), said)


@tap.case('what is loose in a Signature that another leaves out makes neither of them whole')
def _():
    for objects, whole in (('', True), ('<Object><doc xmlns="">x</doc></Object>', False)):
        got = answer(beside(objects), FULL)
        tap.equal([(one['verdict'], one['scope']['whole_file']) for one in got['signatures']], [(PASSED, whole)] * 2, got)


@tap.case('nor is the one whole beside a SignedInfo with something foreign in it')
def _():
    first, second = beside().split('</Signature>', 1)
    got = answer(first + '</Signature>' + second.replace('<Transforms>', '<Transforms><doc xmlns="">x</doc>'), FULL)
    tap.equal([one['verdict'] == PASSED for one in got['signatures']], [True, False], got)
    tap.equal(got['signatures'][0]['scope']['whole_file'], False, got)


@tap.case('one bad signature decides the file, each keeps its own verdict')
def _():
    two = XML.replace('</doc>', '') + forge.signature(PKI, 'rsa2048', [forge.reference('#d', forge.DATA)]) + '</doc>'
    got = answer(two, FULL)
    tap.equal(got['verdict'], FAILED)
    tap.equal([one['verdict'] for one in got['signatures']], [FAILED, PASSED])
    tap.equal(len({one['id'] for one in got['signatures']}), 2)


@tap.case('a document timestamp alone is no signature')
def _():
    got = answer(signed_pdf(subfilter='ETSI.RFC3161'), FULL)
    tap.equal((got['verdict'], len(got['signatures']), len(got['timestamps'])), ('NO-SIGNATURE', 0, 1))


@tap.table([('not a document', b'hello', 'FORMAT', 'unknown'), ('cut off XML', XML[:200], 'FORMAT', 'xml'),
            ('DOCTYPE', '<!DOCTYPE doc>' + XML, 'FORMAT', 'xml')])
def error(name, content, code, kind):
    got = answer(content, FULL)
    tap.equal((got['verdict'], got['error']['code'], got['type']), ('ERROR', code, kind))


@tap.case('docs/verdicts.md lists every message, and no other')
def _():
    table = (paths.SOURCE / 'lib/verify/messages.c').read_text(encoding='utf-8')
    codes = set(re.findall(r'\[MSG_\w+\] = \{ "(\w+)"', table)) - {'NONE'}
    tap.equal(set(re.findall(r'^\| `([A-Z_]+)` \|', (paths.SOURCE / 'docs/verdicts.md').read_text(encoding='utf-8'), re.M)), codes)


@tap.table([('every allocation fails, XML', XADES.encode(), PASSED), ('every allocation fails, PDF', PDF, PASSED),
            ('every allocation fails, broken XML', WRONG_VALUE.encode(), FAILED)])
def every_allocation(name, content, verdict):
    with tempfile.NamedTemporaryFile(prefix='libsign-test-') as out:
        out.write(content)
        out.flush()
        names = [PKI.file(one) for one in ('root.pem', 'ca.crl', 'root.crl')]
        done = subprocess.run([sys.argv[2], verdict, *names, out.name], capture_output=True, text=True)
    tap.equal(done.returncode, 0, done.stderr[-2000:])
    tap.true(int(done.stdout) > 50, done.stdout)


@tap.table([('by XOR 1', 1), ('by XOR 32', 32)])
def every_byte(name, mask):
    """No damage to a signed document passes; what may be said of each byte is the command line's test to count."""
    through = []
    for content, step in ((XADES.encode(), 23), (PDF, 137)):
        for place in range(0, len(content), step):
            spoilt = bytearray(content)
            spoilt[place] ^= mask
            if answer(bytes(spoilt), FULL)['verdict'] == PASSED:
                through.append(f'byte {place}: {content[max(0, place - 30):place + 10]!r}')
    tap.true(not through, *through)


tap.main()
