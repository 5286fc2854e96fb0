"""CMS families, each inside a PDF that is otherwise right. Name: function of a signer that gives the bytes of the PDF."""

import hashlib

from craft_der import (DIGESTS, MESSAGE_DIGEST, RSA, RSA_PSS, SIGNING_CERTIFICATE_V2, CONTENT_TYPE, algorithm,
                       attribute, attributes, children, integer, octets, oid, plain, seq, signed_data, signer_info, tlv)
from craft_pdf import OBJECTS, signed

HARMLESS = '1.3.6.1.4.1.99999.2'
PKCS7 = {6: OBJECTS[6].replace(b'ETSI.CAdES.detached', b'adbe.pkcs7.detached')}


def cms(make):
    return lambda signer: signed(signer, make=make)


def with_attributes(change, **how):
    """The signed attributes that change(those of PAdES, signer, content) gives, under a signature that is right."""
    def make(signer, content):
        infos = [signer_info(signer, list(change(attributes(signer, content), signer, content)), **how)]
        return signed_data(infos, [signer.certificate, signer.issuing])
    return cms(make)


def with_info(**how):
    return with_attributes(lambda a, s, c: a.values(), **how)


def with_data(change):
    """The SignedData around a right signer info as change(info, signer, content) puts it."""
    return cms(lambda signer, content: change(signer_info(signer, list(attributes(signer, content).values())), signer, content))


def bytes_of(change):
    """The encoded CMS, changed: nothing signed is touched."""
    return cms(lambda signer, content: change(plain(signer, content), signer))


def without(name):
    return with_attributes(lambda a, s, c: [value for key, value in a.items() if key != name])


def replaced(name, value):
    return with_attributes(lambda a, s, c: {**a, name: value(s, c)}.values())


def certificate_attribute(digest):
    return attribute(SIGNING_CERTIFICATE_V2, seq(seq(seq(octets(digest)))))


def no_attributes(signer, content):
    """PKCS#7 without signed attributes: the value is over the content itself."""
    info = signer_info(signer, None, value=signer.sign(content))
    return signed_data([info], [signer.certificate, signer.issuing])


def content_inside(signer, content):
    """The signed content is in the CMS, and is another than the file's."""
    other = b'another content'
    info = signer_info(signer, list(attributes(signer, other).values()))
    return signed_data([info], [signer.certificate, signer.issuing], content=other)


def pss(salt, mgf='sha256'):
    parameters = seq(tlv(0xa0, algorithm(DIGESTS['sha256'])), tlv(0xa1, algorithm('1.2.840.113549.1.1.8', algorithm(DIGESTS[mgf]))),
                     tlv(0xa2, integer(salt)))
    return algorithm(RSA_PSS, parameters)


def pss_options(salt, mgf='sha256'):
    return ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', f'rsa_pss_saltlen:{salt}', '-sigopt', f'rsa_mgf1_md:{mgf}']


def indefinite(data):
    """The same in BER: the outer three levels without a length."""
    kind, explicit = children(data)
    inner = children(explicit)[0]
    return b'\x30\x80' + kind + b'\xa0\x80\x30\x80' + b''.join(children(inner)) + b'\0\0' * 3


def nested(depth):
    """Constructed octet strings in each other."""
    out = b'\x24\x80' * depth + b'\0\0' * depth
    return seq(oid('1.2.840.113549.1.7.2'), tlv(0xa0, out))


def flipped_in(part):
    """One bit of the part(signer) changed where it stands in the CMS."""
    def change(data, signer):
        at = data.index(part(signer)) + 40
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
    return bytes_of(change)


FAMILIES = {
    # What a signature must carry (RFC 5652, EN 319 122-1, EN 319 142-1)
    'no-attributes': cms(no_attributes),
    'no-attributes-pkcs7': lambda signer: signed(signer, PKCS7, make=no_attributes),
    'pkcs7': lambda signer: signed(signer, PKCS7),
    'content-type-absent': without('type'),
    'content-type-other': replaced('type', lambda s, c: attribute(CONTENT_TYPE, oid('1.2.840.113549.1.7.5'))),
    'digest-absent': without('digest'),
    'digest-empty': replaced('digest', lambda s, c: attribute(MESSAGE_DIGEST, octets(b''))),
    'digest-of-another': replaced('digest', lambda s, c: attribute(MESSAGE_DIGEST, octets(hashlib.sha256(b'another').digest()))),
    'digest-two-values': replaced('digest', lambda s, c: attribute(MESSAGE_DIGEST, octets(hashlib.sha256(c).digest()), octets(b'x' * 32))),
    'digest-twice': with_attributes(lambda a, s, c: [*a.values(), attribute(MESSAGE_DIGEST, octets(b'x' * 32))]),
    'certificate-reference-absent': without('certificate'),
    'certificate-reference-of-another': replaced('certificate', lambda s, c: certificate_attribute(hashlib.sha256(s.issuing).digest())),
    'certificate-reference-empty': replaced('certificate', lambda s, c: attribute(SIGNING_CERTIFICATE_V2, seq(seq()))),
    'attribute-unknown': with_attributes(lambda a, s, c: [*a.values(), attribute(HARMLESS, octets(b'x'))]),
    'attributes-out-of-order': with_info(sort=False),
    'attributes-none-in-set': with_attributes(lambda a, s, c: []),
    # Who signed
    'no-certificates': with_data(lambda info, s, c: signed_data([info], [])),
    'certificates-of-others': with_data(lambda info, s, c: signed_data([info], [s.issuing])),
    'certificates-repeated': with_data(lambda info, s, c: signed_data([info], [s.issuing] * 3 + [s.certificate])),
    'no-signers': with_data(lambda info, s, c: signed_data([], [s.certificate])),
    'two-signers': with_data(lambda info, s, c: signed_data([info, info], [s.certificate, s.issuing])),
    'signer-is-the-authority': with_info(sid=seq(seq(), integer(1))),
    'signer-by-wrong-key-id': with_info(sid=tlv(0x80, b'x' * 20), version=3),
    'certificate-damaged': flipped_in(lambda s: s.certificate),
    'authority-damaged': flipped_in(lambda s: s.issuing),
    'certificate-is-rubbish': with_data(lambda info, s, c: signed_data([info], [s.certificate, s.issuing, seq(octets(b'x' * 99))])),
    # Algorithms
    'digest-list-empty': with_data(lambda info, s, c: signed_data([info], [s.certificate, s.issuing], ())),
    'digest-list-of-others': with_data(lambda info, s, c: signed_data([info], [s.certificate, s.issuing], ('sha1',))),
    'scheme-unknown': with_info(scheme=algorithm('1.3.6.1.4.1.99999.3')),
    'scheme-parameters': with_info(scheme=algorithm(RSA, octets(b'x'))),
    'scheme-is-ecdsa': with_info(scheme=algorithm('1.2.840.10045.4.3.2', b'')),
    'pss': with_info(scheme=pss(32), options=pss_options(32)),
    'pss-salt-0': with_info(scheme=pss(0), options=pss_options(0)),
    'pss-mgf-sha1': with_info(scheme=pss(32, 'sha1'), options=pss_options(32, 'sha1')),
    'pss-says-another-salt': with_info(scheme=pss(20), options=pss_options(32)),
    'pss-salt-negative': with_info(scheme=pss(-1), options=pss_options(32)),
    'sha1': cms(lambda signer, content: plain(signer, content, 'sha1')),
    'md5': cms(lambda signer, content: plain(signer, content, 'md5')),
    'value-empty': with_info(value=b''),
    'value-zero': with_info(value=bytes(256)),
    'value-one': with_info(value=bytes(255) + b'\1'),
    'value-longer': with_info(value=b'\0' * 1000),
    # Encoding
    'ber-indefinite': bytes_of(lambda data, s: indefinite(data)),
    'content-inside': cms(content_inside),
    'version-9': with_data(lambda info, s, c: signed_data([info], [s.certificate, s.issuing], version=9)),
    'truncated': bytes_of(lambda data, s: data[:-40]),
    'length-beyond': bytes_of(lambda data, s: data[:2] + b'\xff\xff' + data[4:]),
    'length-of-eight-octets': bytes_of(lambda data, s: b'\x30\x88' + b'\xff' * 8 + data[4:]),
    'not-signed-data': bytes_of(lambda data, s: seq(oid('1.2.840.113549.1.7.3'), tlv(0xa0, seq(integer(0))))),
    'data-after': bytes_of(lambda data, s: data + b'\x05\x00'),
    'nested': bytes_of(lambda data, s: nested(900)),
    'certificates-many': with_data(lambda info, s, c: signed_data([info], [s.certificate, s.issuing, *(
        seq(integer(n)) for n in range(300))])),
    'rubbish': bytes_of(lambda data, s: hashlib.shake_256(b'rubbish').digest(900)),
}
