"""XML families: references, structure, algorithms, entities, bombs. Name: function of a signer that gives the text."""

import re

import craft_xml
from craft_xml import (BODY, C14N, DSIG, ENVELOPED, RSA_SHA1, SHA1, bare, digest_of, document, enveloped, key_info, reference,
                       signature, signed, signed_info)

C14N_COMMENTS = C14N + '#WithComments'
C14N_11 = 'http://www.w3.org/2006/12/xml-c14n11'
EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
XPATH = 'http://www.w3.org/TR/1999/REC-xpath-19991116'
XSLT = 'http://www.w3.org/TR/1999/REC-xslt-19991116'
BASE64 = DSIG + 'base64'
HMAC = DSIG + 'hmac-sha1'
OTHER = '<data Id="other">Chín mươi chín triệu đồng</data>'


def by(*references, body=BODY, after='', how=None, declaration='', **algorithms):
    """A document signed over these references, whatever they say."""
    def make(signer):
        info = signed_info(*references, **algorithms)
        return document(signature(signer, info, **(how or {})) + after, body, declaration)
    return make


def over_data(*chain, uri='#data', covered=BODY, **how):
    return by(reference(uri, digest_of(covered), *chain), **how)


def parts(change):
    """The children of Signature as change(info, value, key) puts them."""
    return lambda signer: signed(signer, parts=change)


def after(change):
    """A properly signed document, then changed."""
    return lambda signer: change(signed(signer))


def whole(change):
    """The same of one that is signed as a whole."""
    return lambda signer: change(enveloped(signer))


def unsigned(text):
    return lambda signer: text


def again(pattern, new):
    return lambda text: re.sub(pattern, new, text, count=1, flags=re.S)


def two_infos(order):
    """A second SignedInfo, that nobody signed, over another element."""
    def make(signer):
        forged = bare(signed_info(reference('#other', digest_of(OTHER), C14N)))
        return signed(signer, body=BODY, parts=lambda info, val, key: ''.join(
            {'i': info, 'f': forged, 'v': val, 'k': key}[c] for c in order)).replace('<doc>', f'<doc>{OTHER}')
    return make


def signature_in_another(signer):
    """A Signature in the Object of one that signs nothing of it."""
    return document(signature(signer, signed_info(reference('#data', digest_of(BODY), C14N)),
                              inside=f'<Object>{signature(signer, signed_info(reference("#data", digest_of(OTHER), C14N)))}</Object>'))


def laughs(levels, head='<!DOCTYPE doc ['):
    entities = ''.join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels))
    return f'{head}<!ENTITY a0 "ha">{entities}]><doc>&a{levels - 1};</doc>'


def deep(n):
    return '<a>' * n + '</a>' * n


def namespaces(n):
    return f'<doc {" ".join(f"""xmlns:n{i}="urn:{i}" """ for i in range(n))}/>'


def attributes(n):
    return f'<doc {" ".join(f"""a{i}="" """ for i in range(n))}/>'


def many_references(n):
    return by(*(reference('#data', digest_of(BODY), C14N) for _ in range(n)))


def many_candidates(n):
    """Signature elements that hold nothing."""
    return unsigned(f'<doc>{f"""<Signature xmlns="{DSIG}"/>""" * n}</doc>')


def key_value(signer=None):
    modulus = craft_xml.b64(signer.modulus()) if signer else 'AQAB'
    return f'<KeyValue><RSAKeyValue><Modulus>{modulus}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>'


FAMILIES = {
    # What is referenced (XMLDSig 4.4.3)
    'honest-by-id': signed,
    'honest-whole': enveloped,
    'xpointer-root': lambda s: enveloped(s, uri='#xpointer(/)'),
    'xpointer-id': over_data(C14N, uri="#xpointer(id('data'))"),
    'xpointer-other': over_data(C14N, uri='#xpointer(//data)'),
    'uri-absent': by(reference('#data', digest_of(BODY), C14N).replace(' URI="#data"', '')),
    'uri-external': over_data(uri='http://127.0.0.1:1/data'),
    'uri-file': over_data(uri='file:///etc/passwd'),
    'uri-relative': over_data(uri='other.xml#data'),
    'uri-fragment-empty': over_data(C14N, uri='#'),
    'id-not-found': over_data(C14N, uri='#nowhere'),
    'id-twice': over_data(C14N, body=BODY + BODY),
    'id-and-ID': over_data(C14N, body=BODY + '<data ID="data">khác</data>'),
    'id-and-lower-case': over_data(C14N, body=BODY + '<data id="data">khác</data>'),
    'id-and-xml-id': over_data(C14N, body=BODY + '<data xml:id="data">khác</data>'),
    'id-twice-unreferenced': over_data(C14N, body=BODY + '<x Id="same"/><x Id="same"/>'),
    'three-kinds-of-id-on-one': lambda s: signed(s, body='<data ID="x" Id="data" id="y">x</data>'),
    'the-same-id-twice-on-one': lambda s: signed(s, body='<data ID="data" Id="data">x</data>'),
    'id-moved': after(lambda t: t.replace('<doc><data Id="data">', '<doc><data Id="data">Chín mươi</data><data Id="was">')),
    'data-changed': after(lambda t: t.replace('Mười', 'Chín')),
    'whole-changed': whole(lambda t: t.replace('Mười', 'Chín')),
    'comment-in-data': after(lambda t: t.replace('Mười', 'Mư<!-- x -->ời')),
    'pi-in-data': after(lambda t: t.replace('Mười', 'Mư<?x y?>ời')),
    'wrapped': after(lambda t: t.replace(f'<doc>{BODY}', f'<doc><data>Chín mươi</data><box>{BODY}</box>')),
    'reference-to-the-signature': by(reference('#sig', digest_of('x'), C14N), how={'attributes': ' Id="sig"'}),
    'whole-without-enveloped': lambda s: enveloped(s, chain=(C14N,)),
    # How Signature is put together (4.1: its schema; two of anything is somebody's trick)
    'two-signed-infos': two_infos('ifvk'),
    'two-signed-infos-forged-first': two_infos('fivk'),
    'signed-info-after-value': parts(lambda i, v, k: v + i + k),
    'two-values': parts(lambda i, v, k: i + v + v + k),
    'two-key-infos': parts(lambda i, v, k: i + v + k + k),
    'key-info-first': parts(lambda i, v, k: k + i + v),
    'value-absent': parts(lambda i, v, k: i + k),
    'signed-info-absent': parts(lambda i, v, k: v + k),
    'value-empty': parts(lambda i, v, k: i + '<SignatureValue></SignatureValue>' + k),
    'references-none': by(),
    'element-unknown': parts(lambda i, v, k: i + v + k + '<Unknown/>'),
    'element-foreign': parts(lambda i, v, k: i + v + k + '<x xmlns="urn:x"/>'),
    'text-between': parts(lambda i, v, k: i + 'text' + v + k),
    'signed-info-in-another-namespace': after(again('<SignedInfo>', '<SignedInfo xmlns="urn:x">')),
    'signature-in-an-object': signature_in_another,
    'comment-in-digest-value': after(lambda t: re.sub(r'(<DigestValue>.{9})', r'\1<!-- x -->', t)),
    'comment-in-signature-value': after(lambda t: re.sub(r'(<SignatureValue>.{9})', r'\1<!-- x -->', t)),
    'comment-in-certificate': after(lambda t: re.sub(r'(<X509Certificate>.{9})', r'\1<!-- x -->', t)),
    'comment-before-value': after(lambda t: t.replace('<SignatureValue>', '<!-- x --><SignatureValue>')),
    'element-in-digest-value': after(lambda t: re.sub(r'(<DigestValue>.{9})', r'\1<x/>', t)),
    'digest-value-short': by(reference('#data', digest_of(BODY)[:20], C14N)),
    'digest-value-empty': by(reference('#data', '', C14N)),
    'digest-value-not-base64': by(reference('#data', '!' * 44, C14N)),
    'signature-value-not-base64': after(again('<SignatureValue>....', '<SignatureValue>!!!!')),
    # Keys (4.5; a key that comes with the signature proves nothing)
    'key-info-absent': lambda s: signed(s, key=''),
    'key-info-empty': lambda s: signed(s, key='<KeyInfo></KeyInfo>'),
    'key-name-alone': lambda s: signed(s, key='<KeyInfo><KeyName>signer</KeyName></KeyInfo>'),
    'key-value-alone': lambda s: signed(s, key=f'<KeyInfo>{key_value(s)}</KeyInfo>'),
    'key-value-too': lambda s: signed(s, key=key_info(s).replace('<KeyInfo>', f'<KeyInfo>{key_value(s)}')),
    'key-value-of-three-octets': lambda s: signed(s, key=f'<KeyInfo>{key_value()}</KeyInfo>'),
    'key-value-of-another': lambda s: signed(s, key=key_info(s).replace('<KeyInfo>', f'<KeyInfo>{key_value()}')),
    'retrieval-method': lambda s: signed(s, key=f'<KeyInfo><RetrievalMethod URI="http://127.0.0.1:1/" Type="{DSIG}X509Data"/></KeyInfo>'),
    'certificate-of-another': lambda s: signed(s, key=f'<KeyInfo><X509Data><X509Certificate>{craft_xml.b64(s.issuing)}</X509Certificate></X509Data></KeyInfo>'),
    'certificate-is-rubbish': lambda s: signed(s, key='<KeyInfo><X509Data><X509Certificate>AAAA</X509Certificate></X509Data></KeyInfo>'),
    # Algorithms: closed lists
    'c14n-with-comments': over_data(C14N_COMMENTS),
    'c14n-11': over_data(C14N_11),
    'c14n-exclusive': over_data(EXCLUSIVE),
    'c14n-unknown': over_data('urn:nobody:c14n'),
    'signed-info-c14n-unknown': over_data(C14N, c14n='urn:nobody:c14n'),
    'xslt': over_data(f'<Transform Algorithm="{XSLT}"><x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform"></x:stylesheet></Transform>'),
    'xpath': over_data(f'<Transform Algorithm="{XPATH}"><XPath>count(//*) &gt; 0</XPath></Transform>'),
    'transforms-empty': by(reference('#data', digest_of(BODY), C14N).replace(f'<Transform Algorithm="{C14N}"></Transform>', '')),
    'transforms-of-a-thousand': over_data(*[C14N] * 1000),
    'enveloped-twice': lambda s: enveloped(s, chain=(ENVELOPED, ENVELOPED)),
    'enveloped-after-c14n': lambda s: enveloped(s, chain=(C14N, ENVELOPED)),
    'base64-transform': over_data(BASE64, body='<data Id="data">eHl6</data>', covered='xyz'),
    'base64-of-text': over_data(BASE64),
    'digest-sha1': by(reference('#data', digest_of(BODY, 'sha1'), C14N, method=SHA1)),
    'digest-md5': by(reference('#data', digest_of(BODY, 'md5'), C14N, method='http://www.w3.org/2001/04/xmldsig-more#md5')),
    'digest-unknown': by(reference('#data', digest_of(BODY), C14N, method='urn:nobody:digest')),
    'rsa-sha1': over_data(C14N, method=RSA_SHA1, how={'digest': 'sha1'}),
    'hmac': over_data(C14N, method=HMAC),
    'hmac-truncated': after(again('<SignatureMethod Algorithm="[^"]*">', f'<SignatureMethod Algorithm="{HMAC}"><HMACOutputLength>1</HMACOutputLength>')),
    'scheme-unknown': over_data(C14N, method='urn:nobody:scheme'),
    'scheme-of-another-key': over_data(C14N, method='http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'),
    'scheme-absent': after(again('<SignatureMethod.*?</SignatureMethod>', '')),
    'manifest-reference': by(reference('#data', digest_of(BODY), C14N, attributes=f' Type="{DSIG}Manifest"')),
    # XML itself
    'doctype': whole(lambda t: '<!DOCTYPE doc>' + t),
    'doctype-id': after(lambda t: t.replace('<doc>', '<!DOCTYPE doc [<!ATTLIST data key ID #IMPLIED>]><doc>')),
    'external-entity': unsigned('<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc>&x;</doc>'),
    'external-subset': unsigned('<!DOCTYPE doc SYSTEM "http://127.0.0.1:1/x.dtd"><doc/>'),
    'parameter-entity': unsigned('<!DOCTYPE doc [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><doc/>'),
    'billion-laughs': unsigned(laughs(12)),
    'quadratic-blowup': unsigned(f'<!DOCTYPE doc [<!ENTITY a "{"a" * 50_000}">]><doc>{"&a;" * 50_000}</doc>'),
    'entity-undefined': unsigned('<doc>&nobody;</doc>'),
    'version-1.1': lambda s: signed(s, declaration='<?xml version="1.1"?>\n'),
    'bom-against-encoding': after(lambda t: '\ufeff' + t.replace('UTF-8', 'ISO-8859-1')),
    'encoding-unknown': lambda s: signed(s, declaration='<?xml version="1.0" encoding="TCVN-5712"?>\n'),
    'encoding-utf-7': lambda s: signed(s, declaration='<?xml version="1.0" encoding="UTF-7"?>\n'),
    'not-utf-8': after(lambda t: t.encode().replace('ồ'.encode(), b'\xe1\xbb', 1)),
    'nul': after(lambda t: t.replace('Mười', 'M\0ời')),
    'not-closed': after(lambda t: t.replace('</doc>', '')),
    'two-roots': after(lambda t: t + '<doc/>'),
    'text-after-root': after(lambda t: t + 'x'),
    'prefix-unbound': after(lambda t: t.replace('<doc>', '<doc><u:x/>')),
    'namespace-relative': lambda s: signed(s, body='<data Id="data" xmlns="relative">x</data>'),
    'attribute-twice': after(lambda t: t.replace('<data Id="data"', '<data Id="data" Id="data"')),
    'depth': unsigned(deep(200_000)),
    'depth-signed': lambda s: signed(s, body=f'<data Id="data">{deep(500)}</data>'),
    'attributes-many': unsigned(attributes(100_000)),
    'attribute-long': unsigned(f'<doc a="{"x" * 20_000_000}"/>'),
    'name-long': unsigned(f'<{"a" * 5_000_000}/>'),
    'namespaces-many': unsigned(namespaces(20_000)),
    'namespaces-nested': unsigned(''.join(f'<a xmlns:n{i}="urn:{i}">' for i in range(3000)) + '</a>' * 3000),
    'references-many': many_references(3000),
    'signatures-many': many_candidates(20_000),
    'comments-many': unsigned('<doc>' + '<!---->' * 300_000 + '</doc>'),
    'text-long': unsigned(f'<doc>{"x" * 20_000_000}</doc>'),
    'empty': unsigned(''),
    'blank': unsigned('\n\n\n'),
    'xml-declaration-alone': unsigned('<?xml version="1.0"?>'),
}
