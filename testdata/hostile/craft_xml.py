"""XML signatures by hand. Everything that is signed is written in its canonical form, so that text is digested as it stands."""

import base64
import hashlib

DSIG = 'http://www.w3.org/2000/09/xmldsig#'
C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
ENVELOPED = DSIG + 'enveloped-signature'
SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
SHA1 = DSIG + 'sha1'
RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
RSA_SHA1 = DSIG + 'rsa-sha1'

BODY = '<data Id="data">Mười triệu đồng</data>'


def b64(data):
    return base64.b64encode(data).decode()


def digest_of(text, name='sha256'):
    return b64(hashlib.new(name, text.encode()).digest())


def transforms(*names):
    return f'<Transforms>{"".join(t if t.startswith("<") else f"""<Transform Algorithm="{t}"></Transform>""" for t in names)}</Transforms>' if names else ''


def reference(uri, digest, *chain, method=SHA256, attributes=''):
    return (f'<Reference{attributes} URI="{uri}">{transforms(*chain)}<DigestMethod Algorithm="{method}"></DigestMethod>'
            f'<DigestValue>{digest}</DigestValue></Reference>')


def signed_info(*references, c14n=C14N, method=RSA_SHA256):
    """Canonical, with its namespace written out: so it is digested. `bare` is how it stands inside Signature."""
    return (f'<SignedInfo xmlns="{DSIG}"><CanonicalizationMethod Algorithm="{c14n}"></CanonicalizationMethod>'
            f'<SignatureMethod Algorithm="{method}"></SignatureMethod>{"".join(references)}</SignedInfo>')


def bare(info):
    return info.replace(f' xmlns="{DSIG}"', '', 1)


def key_info(signer):
    certificates = ''.join(f'<X509Certificate>{b64(der)}</X509Certificate>' for der in (signer.certificate, signer.issuing))
    return f'<KeyInfo><X509Data>{certificates}</X509Data></KeyInfo>'


def value(signer, info, digest='sha256'):
    return f'<SignatureValue>{b64(signer.sign(info.encode(), digest))}</SignatureValue>'


def signature(signer, info, digest='sha256', parts=None, key=None, inside='', attributes=''):
    """parts(info, value, key): the children, for a family that puts them otherwise."""
    inner = (bare(info), value(signer, info, digest), key_info(signer) if key is None else key)
    return f'<Signature xmlns="{DSIG}"{attributes}>{"".join(parts(*inner) if parts else inner)}{inside}</Signature>'


def document(signature_text, body=BODY, declaration='<?xml version="1.0" encoding="UTF-8"?>\n', root='doc'):
    return f'{declaration}<{root}>{body}{signature_text}</{root}>\n'


def signed(signer, body=BODY, uri='#data', covered=None, chain=(C14N,), declaration='<?xml version="1.0" encoding="UTF-8"?>\n', **how):
    """A document whose element `data` is signed by Id: covered is its canonical form (default: the body as it stands)."""
    info = signed_info(reference(uri, digest_of(covered if covered is not None else body), *chain))
    return document(signature(signer, info, **how), body, declaration)


def enveloped(signer, body=BODY, chain=(ENVELOPED,), uri='', declaration='', **how):
    """A document signed as a whole."""
    info = signed_info(reference(uri, digest_of(f'<doc>{body}</doc>'), *chain))
    return document(signature(signer, info, **how), body, declaration)
