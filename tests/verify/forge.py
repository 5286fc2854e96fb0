"""Signed documents put together by hand, right or wrong in one way each; openssl makes digests and signature values.

XML is written in its canonical form at once, so that what is digested is what stands in the file.
"""

import base64
import hashlib
import subprocess

DS = 'http://www.w3.org/2000/09/xmldsig#'
XADES = 'http://uri.etsi.org/01903/v1.3.2#'
C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
ENVELOPED = '<Transforms><Transform Algorithm="' + DS + 'enveloped-signature"></Transform></Transforms>'
DIGEST_URI = {'sha1': DS + 'sha1', 'sha256': 'http://www.w3.org/2001/04/xmlenc#sha256',
              'sha512': 'http://www.w3.org/2001/04/xmlenc#sha512', 'md5': 'http://www.w3.org/2001/04/xmldsig-more#md5'}
METHOD_URI = {('rsa', 'sha256'): 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', ('rsa', 'sha1'): DS + 'rsa-sha1',
              ('ec', 'sha256'): 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', 'hmac': DS + 'hmac-sha1'}


def openssl(*arguments, given=b''):
    return subprocess.run(['openssl', *arguments], input=given, capture_output=True, check=True).stdout


def b64(data):
    return base64.b64encode(data).decode()


def cert_der(pki, name):
    return pki.file(f'{name}.der').read_bytes()


def _raw_ecdsa(der, width):
    def integer(at):
        length = der[at + 1]
        return int.from_bytes(der[at + 2:at + 2 + length], 'big').to_bytes(width, 'big'), at + 2 + length
    start = 2 if der[1] < 0x80 else 3
    r, then = integer(start)
    return r + integer(then)[0]


def sign_value(pki, leaf, digest, data):
    value = openssl('dgst', f'-{digest}', '-sign', pki.file(f'{leaf}.key'), given=data)
    return _raw_ecdsa(value, 32) if leaf == 'p256' else value


def key_value(pki, leaf):
    """KeyValue of an RSA certificate."""
    text = openssl('x509', '-inform', 'DER', '-noout', '-modulus', given=cert_der(pki, leaf)).decode()
    modulus = bytes.fromhex(text.split('=')[1].strip())
    return f'<KeyValue><RSAKeyValue><Modulus>{b64(modulus)}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>'


def serial(pki, name):
    """The serial number, as a decimal."""
    text = openssl('x509', '-inform', 'DER', '-noout', '-serial', given=cert_der(pki, name)).decode()
    return int(text.split('=')[1], 16)


def x509_data(pki, *names):
    return ''.join(f'<X509Data><X509Certificate>{b64(cert_der(pki, name))}</X509Certificate></X509Data>' for name in names)


def reference(uri, octets, digest='sha256', transforms='', kind=''):
    """A Reference to octets, which are their own canonical form."""
    value = b64(hashlib.new(digest, octets.encode()).digest())
    typed = f' Type="{kind}"' if kind else ''
    return (f'<Reference{typed} URI="{uri}">{transforms}<DigestMethod Algorithm="{DIGEST_URI[digest]}"></DigestMethod>'
            f'<DigestValue>{value}</DigestValue></Reference>')


def signature(pki, leaf, refs, *, method=None, digest='sha256', c14n=C14N, keyinfo=None, objects='', sig_id=''):
    kind = 'ec' if leaf.startswith('p') else 'rsa'
    uri = method or METHOD_URI[kind, digest]
    inner = (f'<CanonicalizationMethod Algorithm="{c14n}"></CanonicalizationMethod><SignatureMethod Algorithm="{uri}">'
             f'</SignatureMethod>{"".join(refs)}</SignedInfo>')
    value = sign_value(pki, leaf, digest, f'<SignedInfo xmlns="{DS}">{inner}'.encode())
    info = x509_data(pki, leaf, 'ca') if keyinfo is None else keyinfo
    info = f'<KeyInfo>{info}</KeyInfo>' if info else ''
    named = f' Id="{sig_id}"' if sig_id else ''
    return (f'<Signature xmlns="{DS}"{named}><SignedInfo>{inner}<SignatureValue>{b64(value)}</SignatureValue>{info}{objects}'
            '</Signature>')


DATA = '<data Id="d">Công văn số 1</data>'


def enveloped(pki, leaf='signer', **how):
    """The whole document, the Signature last in its root."""
    digest = how.get('digest', 'sha256')
    ref = reference('', f'<doc>{DATA}</doc>', digest, ENVELOPED)
    return f'<doc>{DATA}{signature(pki, leaf, [ref], **how)}</doc>'


def detached(pki, leaf='signer', *, more='', target=DATA, uri='#d', **how):
    """One element by its Id, beside it."""
    return f'<doc>{DATA}{more}{signature(pki, leaf, [reference(uri, target)], **how)}</doc>'


def _object(inner, name='o'):
    canonical = f'<Object xmlns="{DS}" Id="{name}">{inner}</Object>'
    return f'<Object Id="{name}">{inner}</Object>', canonical


def enveloping(pki, leaf='signer', wrap='{}', **how):
    written, canonical = _object('Công văn số 1')
    return wrap.format(signature(pki, leaf, [reference('#o', canonical)], objects=written, **how))


def _cert_refs(pki, element, names):
    """SigningCertificate or SigningCertificateV2; nothing where no names are given."""
    refs = ''.join(f'<xades:Cert><xades:CertDigest><DigestMethod Algorithm="{DIGEST_URI["sha256"]}"></DigestMethod><DigestValue>'
                   f'{b64(hashlib.sha256(cert_der(pki, name)).digest())}</DigestValue></xades:CertDigest></xades:Cert>' for name in names)
    return f'<xades:{element}>{refs}</xades:{element}>' if names else ''


def xades(pki, leaf='signer', *, named=None, v1=(), time='2026-11-22T09:00:00+07:00', more='', bind=True, typed=True, data=True,
          target='#s', **how):
    """XAdES-B-B over the whole document. named, v1: whose certificates SigningCertificateV2 and SigningCertificate hold."""
    properties = (f'<xades:SignedSignatureProperties><xades:SigningTime>{time}</xades:SigningTime>'
                  f'{_cert_refs(pki, "SigningCertificate", v1)}'
                  f'{_cert_refs(pki, "SigningCertificateV2", (leaf,) if named is None else named)}{more}'
                  '</xades:SignedSignatureProperties>')
    canonical = (f'<xades:SignedProperties xmlns="{DS}" xmlns:xades="{XADES}" Id="sp">{properties}</xades:SignedProperties>')
    objects = (f'<Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="{target}"><xades:SignedProperties Id="sp">'
               f'{properties}</xades:SignedProperties></xades:QualifyingProperties></Object>')
    refs = [reference('', f'<doc>{DATA}</doc>', transforms=ENVELOPED)] if data else []
    if bind:
        refs.append(reference('#sp', canonical, kind='http://uri.etsi.org/01903#SignedProperties' if typed else ''))
    return f'<doc>{DATA}{signature(pki, leaf, refs, objects=objects, sig_id="s", **how)}</doc>'


def cms(pki, leaf, data, *options, certs=('ca',), digest='sha256'):
    """A detached SignedData. openssl writes the signing-time attribute, as adbe.pkcs7.detached has it."""
    extra = [part for name in certs for part in ('-certfile', pki.file(f'{name}.pem'))]
    return openssl('cms', '-sign', '-binary', '-outform', 'DER', '-nosmimecap', '-md', digest, '-signer', pki.file(f'{leaf}.pem'),
                   '-inkey', pki.file(f'{leaf}.key'), *extra, *options, given=data)


ROOM = 6000         # octets of /Contents


def pdf(make_cms, *, subfilter='ETSI.CAdES.detached', date="D:20261122090000+07'00'", extra='', after=b'', tail=b'', inside=b'',
        xref=b'xref', size=6):
    """One page, one signature field. make_cms(data) gives the CMS; inside follows it in /Contents, tail stands at the end of
    the covered bytes (a function gets those before it), after behind them; xref is the table's keyword."""
    gap = '<' + '0' * (2 * ROOM) + '>'
    when = f'/M({date})' if date else ''
    objects = ['<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>',
               '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>',
               '<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[0 0 0 0]/F 132/P 3 0 R/V 5 0 R>>',
               f'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/{subfilter}{when}{extra}/ByteRange[0 0000000000 0000000000 0000000000]'
               f'/Contents{gap}>>']
    out, places = b'%PDF-1.7\n', []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f'{number} 0 obj\n{text}\nendobj\n'.encode()
    table = b'0000000000 65535 f \n' + b''.join(b'%010d 00000 n \n' % place for place in places)
    out += b'%s\n0 6\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % (xref, table, size, len(out))
    out += tail(out) if callable(tail) else tail
    start = out.index(gap.encode())
    end = start + len(gap)
    ranges = b'/ByteRange[0 %010d %010d %010d]' % (start, end, len(out) - end)
    out = out.replace(b'/ByteRange[0 0000000000 0000000000 0000000000]', ranges)
    contents = (make_cms(out[:start] + out[end:]) + inside).hex().encode()
    return out[:start] + b'<' + contents.ljust(2 * ROOM, b'0') + b'>' + out[end:] + after
