"""Documents signed by xmlsec1 and signxml read as intact here, and as broken once a byte of what they say is changed."""

import functools
import itertools
import os
import pathlib
import subprocess
import tempfile

import judges
import tap

PROBE = os.environ['XML_PROBE']
DSIG = 'http://www.w3.org/2000/09/xmldsig#'
MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
C14N = {
    'C14N 1.0': 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
    'C14N 1.0 with comments': 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
    'C14N 1.1': 'http://www.w3.org/2006/12/xml-c14n11',
    'C14N 1.1 with comments': 'http://www.w3.org/2006/12/xml-c14n11#WithComments',
    'exclusive': 'http://www.w3.org/2001/10/xml-exc-c14n#',
    'exclusive with comments': 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
}
DIGESTS = {'SHA-256': 'http://www.w3.org/2001/04/xmlenc#sha256', 'SHA-384': MORE + 'sha384', 'SHA-1': DSIG + 'sha1'}
METHODS = {'rsa': ['rsa-sha256', 'rsa-sha384', 'rsa-sha512'], 'ec': ['ecdsa-sha256', 'ecdsa-sha512']}
KEYS = tempfile.TemporaryDirectory()
# where the Signature stands and what it refers to
TARGETS = {
    'document': ('', True), 'document, with comments': ('#xpointer(/)', True), 'element': ('#data', False),
    'element, with comments': ("#xpointer(id('data'))", False), 'own object': ('#props', False),
}
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<?style sheet?><!-- before -->
<q:HDon xmlns:q="urn:q" xmlns="urn:d" xmlns:unused="urn:u" xml:lang="vi">
 <DLHDon Id="data" b='2' a="&lt;1&gt;&#10;"><!-- inside -->Hóa đơn&#13;<![CDATA[ <số> ]]><q:x unused:y="z" xmlns=""/></DLHDon>
 <DSCKS xmlns:p="urn:p">{signature}</DSCKS>
</q:HDon>
<!-- after -->"""
SIGNATURE = """<Signature xmlns="{dsig}" Id="seller"><SignedInfo><CanonicalizationMethod Algorithm="{c14n}"/>
<SignatureMethod Algorithm="{method}"/><Reference URI="{uri}"><Transforms>{enveloped}<Transform Algorithm="{c14n}"/></Transforms>
<DigestMethod Algorithm="{digest}"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo>
<Object Id="props"><SignatureProperties><SignatureProperty Target="#seller"><SigningTime xmlns="">2026-11-22T09:00:00</SigningTime>
</SignatureProperty></SignatureProperties></Object></Signature>"""


def call(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)


def probe(path):
    """(id, integrity, statuses) of each signature."""
    return [tuple(line.split('\t')[1:4]) for line in call(PROBE, path).stdout.splitlines()]


@functools.cache
def make_key(kind):
    folder = pathlib.Path(KEYS.name)
    key, cert = folder / f'{kind}.key', folder / f'{kind}.crt'
    new = ['rsa:2048'] if kind == 'rsa' else ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    call('openssl', 'req', '-x509', '-nodes', '-newkey', *new, '-keyout', key, '-out', cert, '-subj', '/CN=test', '-days', 30)
    return key, cert


def must_break(path, text):
    data = bytearray(path.read_bytes())
    data[data.index(text)] ^= 1
    path.write_bytes(data)
    tap.equal([row[1] for row in probe(path)], ['broken'])


@tap.table([(f'xmlsec1: {c14n}, {target}', c14n, target) for c14n, target in itertools.product(C14N, TARGETS)])
def _(_, c14n, target):
    judges.needs('xmlsec1')
    uri, enveloped = TARGETS[target]
    with tap.scratch() as folder:
        for kind, methods in METHODS.items():
            key, cert = make_key(kind)
            for method, digest in zip(methods, DIGESTS.values()):
                template, signed = folder / 'template.xml', folder / 'signed.xml'
                signature = SIGNATURE.format(dsig=DSIG, c14n=C14N[c14n], method=MORE + method, uri=uri, digest=digest,
                                             enveloped=f'<Transform Algorithm="{DSIG}enveloped-signature"/>' if enveloped else '')
                template.write_text(DOCUMENT.format(signature=signature), encoding='utf-8')
                call('xmlsec1', '--sign', '--privkey-pem', f'{key},{cert}', '--id-attr:Id', 'urn:d:DLHDon',
                     '--id-attr:Id', f'{DSIG}:Object', '--output', signed, template)
                tap.equal(probe(signed), [('seller', 'intact', 'match')], method)
                must_break(signed, '09:00:00'.encode() if target == 'own object' else 'đơn'.encode())


@tap.table([('signxml: XMLDSig, RSA', 'rsa', []), ('signxml: XMLDSig, ECDSA', 'ec', []),
            ('signxml: XAdES, RSA', 'rsa', ['--xades']), ('signxml: XAdES, ECDSA', 'ec', ['--xades'])])
def _(_, kind, options):
    command = judges.samples()
    with tap.scratch() as folder:
        key, cert = make_key(kind)
        p12, plain, signed = folder / 'key.p12', folder / 'plain.xml', folder / 'signed.xml'
        call('openssl', 'pkcs12', '-export', '-inkey', key, '-in', cert, '-out', p12, '-passout', 'pass:test')
        # signxml digests a SignedInfo that inherits no xml:lang (C14N 1.0 2.4); xmlsec1 finds such a signature broken too.
        plain.write_text(DOCUMENT.format(signature='').replace(' xml:lang="vi"', ''), encoding='utf-8')
        call(*command, 'signxml-sign', '--p12', p12, '--pass', 'test', *options, plain, signed)
        (row,) = probe(signed)
        tap.equal((row[1], set(row[2].split(','))), ('intact', {'match'}))
        must_break(signed, 'đơn'.encode())


tap.main()
