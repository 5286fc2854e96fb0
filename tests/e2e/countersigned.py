"""Counter-signatures (EN 319 132-1 5.2.7): a Signature in the unsigned properties of another, over its SignatureValue."""

import re
import sys

import documents
import paths
import pki
import tap

sys.path.insert(0, str(paths.SOURCE / 'tests/verify'))
import forge    # noqa: E402

PKI = pki.get()
COUNTERSIGNED = 'http://uri.etsi.org/01903#CountersignedSignature'


def countersigned(leaf='p256'):
    """A XAdES document whose signature has been counter-signed by another key."""
    signed = forge.xades(PKI).replace('<SignatureValue>', '<SignatureValue Id="value">')
    value = re.search('<SignatureValue Id="value">[^<]*</SignatureValue>', signed).group()
    octets = value.replace('<SignatureValue Id', f'<SignatureValue xmlns="{forge.DS}" Id')
    counter = forge.signature(PKI, leaf, [forge.reference('#value', octets, kind=COUNTERSIGNED)], sig_id='counter',
                              c14n='http://www.w3.org/2001/10/xml-exc-c14n#')   # the prefix around it is no part of it
    end = re.search('</([a-z]*:?)QualifyingProperties>', signed)
    prefix = end.group(1)
    names = ['UnsignedProperties', 'UnsignedSignatureProperties', 'CounterSignature']
    added = ''.join(f'<{prefix}{name}>' for name in names) + counter + ''.join(f'</{prefix}{name}>' for name in reversed(names))
    return signed[:end.start()] + added + signed[end.start():]


def signatures(text, code):
    with tap.scratch() as folder:
        path = folder / 'countersigned.xml'
        path.write_text(text, encoding='utf-8')
        found = documents.report(path, code=code)
        return {('counter' if one['id'] == 'counter' else 'first'): one for one in found['signatures']}, path.read_bytes()


@tap.case('both pass; the second covers the value of the first, and is no whole file')
def _():
    found, data = signatures(countersigned(), 0)
    tap.equal(sorted(found), ['counter', 'first'])
    cover = found['counter']['scope']['covers'][0]
    text = data[cover['offset']:cover['offset'] + cover['length']]
    tap.true(text.startswith(b'<SignatureValue Id="value">') and text.endswith(b'</SignatureValue>'), cover)
    tap.equal(found['counter']['scope']['whole_file'], False)
    tap.equal(found['first']['format'], 'XAdES-BASELINE-B')


@tap.table([
    ('the content changed: the first is broken, the second vouches for its value alone', lambda text: text.replace('số 1', 'số 2'),
     ('TOTAL-FAILED', 'HASH_FAILURE', 'broken'), ('TOTAL-PASSED', None, 'intact')),
    ('the value changed: both are broken', lambda text: re.sub('(Id="value">.)(.)', lambda m: m.group(1) + ('B' if m.group(2) == 'A' else 'A'), text),
     ('TOTAL-FAILED', 'SIG_CRYPTO_FAILURE', 'broken'), ('TOTAL-FAILED', 'HASH_FAILURE', 'broken')),
    ('the counter-signature changed: the first stays as it was',
     lambda text: re.sub('(Id="counter">.*?<DigestValue>)(.)', lambda m: m.group(1) + ('B' if m.group(2) == 'A' else 'A'), text, flags=re.S),
     ('TOTAL-PASSED', None, 'intact'), ('TOTAL-FAILED', 'HASH_FAILURE', 'broken')),
])
def changed(_, change, first, counter):
    text = countersigned()
    tap.true(change(text) != text)
    found, _ = signatures(change(text), 1)
    tap.equal((documents.outcome(found['first']), documents.outcome(found['counter'])), (first, counter))


tap.main()
