"""DER by hand, and CMS signatures over it: every field can be said wrongly, which no proper library allows."""

import hashlib
import pathlib
import subprocess

ID_DATA = '1.2.840.113549.1.7.1'
ID_SIGNED_DATA = '1.2.840.113549.1.7.2'
CONTENT_TYPE = '1.2.840.113549.1.9.3'
MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'
SIGNATURE_POLICY = '1.2.840.113549.1.9.16.2.15'
RSA = '1.2.840.113549.1.1.1'
ED25519 = '1.3.101.112'
RSA_PSS = '1.2.840.113549.1.1.10'
DIGESTS = {'md5': '1.2.840.113549.2.5', 'sha1': '1.3.14.3.2.26', 'sha256': '2.16.840.1.101.3.4.2.1',
           'sha512': '2.16.840.1.101.3.4.2.3'}


def tlv(tag, *parts):
    body = b''.join(parts)
    n = len(body)
    if n < 128:
        length = bytes([n])
    else:
        octets = n.to_bytes((n.bit_length() + 7) // 8, 'big')
        length = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + length + body


def seq(*parts):
    return tlv(0x30, *parts)


def set_of(*parts):
    return tlv(0x31, *sorted(parts))


def octets(value):
    return tlv(0x04, value)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, 'big', signed=True))


def oid(dotted):
    first, second, *rest = map(int, dotted.split('.'))
    out = b''
    for arc in [first * 40 + second, *rest]:
        piece = bytes([arc & 0x7f])
        while arc := arc >> 7:
            piece = bytes([0x80 | (arc & 0x7f)]) + piece
        out += piece
    return tlv(0x06, out)


NULL = tlv(0x05)


def read(data, at=0):
    """Tag, start and end of the content of the element at `at`; definite lengths only."""
    n = data[at + 1]
    start = at + 2
    if n & 0x80:
        start += n & 0x7f
        n = int.from_bytes(data[at + 2:start], 'big')
    return data[at], start, start + n


def children(data):
    """The elements inside the outermost one, whole."""
    _, at, end = read(data)
    out = []
    while at < end:
        _, _, following = read(data, at)
        out.append(data[at:following])
        at = following
    return out


class Signer:
    """A leaf of tools/pki: its key, and the certificates that go with it."""

    def __init__(self, folder, name):
        self.folder, self.name = pathlib.Path(folder), name
        self.key = self.folder / f'{name}.key'
        self.certificate = (self.folder / f'{name}.der').read_bytes()
        self.issuing = (self.folder / 'ca.der').read_bytes()

    def sign(self, data, digest='sha256', *options):
        command = ['openssl', 'dgst', f'-{digest}', '-sign', self.key, *options]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    def modulus(self):
        """Of an RSA key."""
        command = ['openssl', 'rsa', '-in', self.key, '-noout', '-modulus']
        return bytes.fromhex(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split('=')[1])

    def issuer_and_serial(self):
        fields = children(children(self.certificate)[0])    # [0] version, serial, algorithm, issuer
        return seq(fields[3], fields[1])


def algorithm(dotted, parameters=NULL):
    return seq(oid(dotted), parameters)


def attribute(kind, *values):
    return seq(oid(kind), set_of(*values))


def attributes(signer, content, digest='sha256'):
    """The signed attributes of PAdES, by name, for a family to change."""
    reference = seq(octets(hashlib.sha256(signer.certificate).digest()))
    return {
        'type': attribute(CONTENT_TYPE, oid(ID_DATA)),
        'digest': attribute(MESSAGE_DIGEST, octets(hashlib.new(digest, content).digest())),
        'certificate': attribute(SIGNING_CERTIFICATE_V2, seq(seq(reference))),
    }


def signer_info(signer, signed, digest='sha256', scheme=None, value=None, version=1, sid=None, sort=True, options=()):
    """signed: list of attributes, or None for none (then value must be given)."""
    body = b''.join(sorted(signed) if sort else signed) if signed is not None else b''
    if value is None:
        value = signer.sign(tlv(0x31, body), digest, *options)
    return seq(integer(version), sid or signer.issuer_and_serial(), algorithm(DIGESTS[digest]),
               tlv(0xa0, body) if signed is not None else b'', scheme or algorithm(RSA), octets(value))


def signed_data(infos, certificates, digests=('sha256',), version=1, content=None, crls=b''):
    encapsulated = seq(oid(ID_DATA), tlv(0xa0, octets(content))) if content is not None else seq(oid(ID_DATA))
    return seq(oid(ID_SIGNED_DATA), tlv(0xa0, seq(
        integer(version), set_of(*(algorithm(DIGESTS[name]) for name in digests)), encapsulated,
        tlv(0xa0, *certificates) if certificates else b'', crls, tlv(0x31, *infos))))


def plain(signer, content, digest='sha256'):
    """As a proper signer makes it."""
    signed = attributes(signer, content, digest).values()
    return signed_data([signer_info(signer, list(signed), digest)], [signer.certificate, signer.issuing], (digest,))
