"""Signed XML of every form and key; every octet outside the Signature is the one that was there."""

import re

import documents
import kyso
import pki
import softhsm
import tap
from documents import INVOICE, MESSAGE

# name, document, options, format, references: (URI pattern, path)
FORMS = [
    ('XAdES, whole document', INVOICE, (), 'XAdES-BASELINE-B', ['/']),
    ('XMLDSig, whole document', INVOICE, ('--xml-form', 'xmldsig'), 'XMLDSig', ['/']),
    ('XAdES by Id', INVOICE, ('--xml-id', 'data'), 'XAdES-BASELINE-B', ['/HDon/DLHDon']),
    ('XMLDSig by Id', INVOICE, ('--xml-id', 'data', '--xml-form', 'xmldsig'), 'XMLDSig', ['/HDon/DLHDon']),
    ('XAdES at a place', INVOICE, ('--xml-place', '/HDon/DSCKS/NBan'), 'XAdES-BASELINE-B', ['/']),
    ('e-invoice, seller', INVOICE, ('--profile', 'invoice-seller'), 'XMLDSig', ['/HDon/DLHDon']),
    ('e-invoice in its message, seller', MESSAGE, ('--profile', 'invoice-seller'), 'XMLDSig', ['/TDiep/DLieu/HDon/DLHDon']),
    ('message, whole document', MESSAGE, (), 'XAdES-BASELINE-B', ['/']),
]
KEYS = [
    ('RSA', 'signer', (), 'RSASSA-PKCS1-v1_5'),
    ('RSA, SHA-384', 'signer', ('--digest', 'SHA-384'), 'RSASSA-PKCS1-v1_5'),
    ('RSA, SHA-512', 'signer', ('--digest', 'SHA-512'), 'RSASSA-PKCS1-v1_5'),
    ('RSA, PSS', 'signer', ('--pss',), 'RSASSA-PSS'),
    ('RSA, PSS, SHA-512', 'signer', ('--pss', '--digest', 'SHA-512'), 'RSASSA-PSS'),
    ('P-256', 'p256', (), 'ECDSA'),
    ('P-384', 'p384', ('--digest', 'SHA-384'), 'ECDSA'),
    ('P-521', 'p521', ('--digest', 'SHA-512'), 'ECDSA'),
]


def without_signatures(data):
    """What stays when each Signature element is cut out (text of tests: no Signature inside another)."""
    return re.sub(rb'<(ds:)?Signature[ >].*?</(ds:)?Signature>', b'', data, flags=re.S)


@tap.table(FORMS)
def form(_, source, options, format, paths):
    with tap.scratch() as folder:
        signed = documents.sign(source, folder / 'out.xml', *options)
        one = documents.passes(signed)
        tap.equal(one['format'], format)
        covered = [cover['path'] for cover in one['scope']['covers']]
        tap.true(set(paths) <= set(covered), covered)
        tap.true(all(cover['resolved'] for cover in one['scope']['covers']), one)
        tap.equal(without_signatures(signed.read_bytes()), source.read_bytes())
        tap.equal(one['algorithms']['digest'], 'SHA-256')


@tap.table([(f'{name}, key in a file', *row) for name, *row in KEYS])
def from_file(_, leaf, options, scheme):
    with tap.scratch() as folder:
        for extra in ((), ('--profile', 'invoice-seller')):
            signed = documents.sign(INVOICE, folder / f'out{len(extra)}.xml', *options, *extra, key=pki.get().p12(leaf))
            one = documents.passes(signed)
            tap.equal(one['algorithms']['signature'], scheme)
            tap.equal(one['algorithms']['digest'], options[-1] if '--digest' in options else 'SHA-256')


@tap.table([(f'{name}, key on a token', *row) for name, *row in KEYS])
def from_token(_, leaf, options, scheme):
    with tap.scratch() as folder:
        token = softhsm.token(folder, leaf)
        signed = documents.sign(INVOICE, folder / 'out.xml', *options, key=token.options, env=token.env)
        tap.equal(documents.passes(signed)['algorithms']['signature'], scheme)


@tap.table([(f'RSA-{bits}', bits, chain) for bits, chain in [(3072, documents.real_sizes), (4096, documents.chain_of_4096)]])
def real_key_sizes(_, bits, chain_of):
    with tap.scratch() as folder:
        signed = documents.sign(INVOICE, folder / 'out.xml', key=chain_of().p12())
        tap.equal(documents.passes(signed, chain=chain_of())['algorithms']['key_bits'], bits)


@tap.case('the element signed is what the report says: offset and length')
def _():
    with tap.scratch() as folder:
        signed = documents.sign(INVOICE, folder / 'out.xml', '--xml-id', 'data')
        cover = next(c for c in documents.passes(signed)['scope']['covers'] if c['path'] == '/HDon/DLHDon')
        text = signed.read_bytes()[cover['offset']:cover['offset'] + cover['length']]
        tap.true(text.startswith(b'<DLHDon Id="data">') and text.endswith(b'</DLHDon>'), cover)
        tap.true(text in INVOICE.read_bytes(), cover)


@tap.case('an element by Id, signed ten times: all pass, because none covers another')
def _():
    with tap.scratch() as folder:
        current = INVOICE
        for number in range(1, 11):
            current = documents.sign(current, folder / f'{number}.xml', '--xml-id', 'data', '--xml-place', '/HDon/DSCKS/NBan')
        found = documents.report(current, code=0)
        tap.equal(len(found['signatures']), 10)
        tap.equal(len({one['id'] for one in found['signatures']}), 10)


@tap.case('a second signature that would break the first is refused, beside it as well')
def _():
    with tap.scratch() as folder:
        first = documents.sign(INVOICE, folder / '1.xml')
        for options in ((), ('--xml-id', 'data')):
            again = kyso.run('sign', *pki.get().p12(), *options, '-o', folder / '2.xml', first)
            tap.true(again.code == 4 and not (folder / '2.xml').exists(), again)


@tap.case('an Id that is not there, or there twice, is refused')
def _():
    with tap.scratch() as folder:
        twice = folder / 'twice.xml'
        twice.write_text('<a><b Id="x"/><b Id="x"/></a>')
        for source, name in ((INVOICE, 'nobody'), (twice, 'x')):
            result = kyso.run('sign', *pki.get().p12(), '--xml-id', name, '-o', folder / 'out.xml', source)
            tap.true(result.code == 4 and not (folder / 'out.xml').exists(), result)


@tap.table([
    ('an empty element at the place', '<a><b/></a>', ('--xml-place', '/a/b')),
    ('an empty root', '<a/>', ()),
    ('UTF-16', '<?xml version="1.0" encoding="UTF-16"?><a>Cộng hòa</a>'.encode('utf-16'), ()),
    ('ISO-8859-1', '<?xml version="1.0" encoding="ISO-8859-1"?><a>caf\u00e9</a>'.encode('latin-1'), ()),
    ('a byte order mark', '\ufeff<a>Cộng hòa</a>', ()),
    ('CRLF', '<a>\r\n<b>x</b>\r\n</a>\r\n', ()),
    ('comments, instructions, CDATA', '<!-- 1 --><?x y?><a><!-- 2 --><![CDATA[<&]]>&lt;&#13;</a><!-- 3 -->', ()),
    ('namespaces', '<a xmlns="urn:a" xmlns:b="urn:b"><b:c b:d="1" xmlns:b="urn:c"/></a>', ()),
    ('a namespace of signatures as default', '<a xmlns="http://www.w3.org/2000/09/xmldsig#" xmlns:ds="urn:not"/>', ()),
    ('xml:lang, xml:space', '<a xml:lang="vi" xml:space="preserve"><b Id="b"> x </b></a>', ('--xml-id', 'b')),
])
def odd_documents(_, text, options):
    with tap.scratch() as folder:
        source = folder / 'in.xml'
        source.write_bytes(text if isinstance(text, bytes) else text.encode())
        for form in ('xades', 'xmldsig'):
            documents.passes(documents.sign(source, folder / f'{form}.xml', '--xml-form', form, *options))


tap.main()
