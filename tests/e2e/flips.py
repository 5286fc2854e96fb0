"""Every byte of a small signed file of each kind, XORed with 0x01 and with 0x20, by the program flip (argv[1]).

Nothing may pass, but for bytes that canonicalization removes: each of those is named here.
"""

import re
import subprocess
import sys

import documents
import paths
import pki
import tap

sys.path.insert(0, str(paths.TESTDATA / 'hostile'))
import craft_der    # noqa: E402
import craft_pdf    # noqa: E402

FLIP = sys.argv.pop(1)
UNSIGNED = {n: body for n, body in craft_pdf.OBJECTS.items() if n in (2, 3, 4)}
SMALL_PDF = craft_pdf.write({1: b'<</Type/Catalog/Pages 2 0 R>>', **UNSIGNED})
SMALL_XML = '<?xml version="1.0" encoding="UTF-8"?>\n<a><b Id="b" c="1">Mười &amp; một</b></a>'
INVOICE = ('<?xml version="1.0" encoding="UTF-8"?>\n<HDon><DLHDon Id="data"><TTChung><SHDon>18</SHDon></TTChung></DLHDon>'
           '<DSCKS><NBan></NBan></DSCKS></HDon>')


def at(outer, inner):
    """Offset and end of an element inside the bytes that hold it."""
    start = outer.index(inner)
    return start, start + len(inner)


def what_the_value_is_over(cms):
    """Where the signed attributes and the signature value stand in our CMS, which is DER of definite lengths."""
    content = craft_der.children(craft_der.children(craft_der.children(cms)[1])[0])
    info = craft_der.children(craft_der.children(content[-1])[0]) if content[-1][0] == 0x31 else []
    return at(cms, info[3]), at(cms, info[-1])


def pdf_ranges(data):
    """Of /Contents, what is digest input, the signed attributes and the signature value, and what is not."""
    gap = re.search(rb'/Contents\s*<([0-9a-fA-F]*)>', data)
    cms = bytes.fromhex(gap[1].decode())
    first, second = what_the_value_is_over(cms)
    edges = [gap.start(1), *(gap.start(1) + 2 * offset for pair in (first, second) for offset in pair), gap.end(1)]
    return [f'{("free", "hex")[i % 2]}:{edges[i]}-{edges[i + 1]}' for i in range(len(edges) - 1)]


def element(data, name):
    """The whole element of that local name; (0, 0) where there is none."""
    found = re.search(rb'<((?:\w+:)?%s)\b.*?</\1>' % name.encode(), data, re.S)
    return found.span() if found else (0, 0)


def xml_ranges(data):
    """Of the Signature, what is not digest input: all but SignedInfo, SignatureValue and what SignedInfo names (XAdES's
    SignedProperties, the Object of a profile). Around the elements of SMALL_XML and INVOICE there is markup alone."""
    start, end = element(data, 'Signature')
    name = 'SignedProperties' if element(data, 'SignedProperties')[1] else 'Object'
    taken = sorted(span for span in (element(data, 'SignedInfo'), element(data, 'SignatureValue'), element(data, name)) if span[1])
    edges = [start, *(edge for span in taken for edge in span), end]
    out = [f'free:{edges[i]}-{edges[i + 1]}' for i in range(0, len(edges), 2)]
    encoding = re.search(rb'encoding="([^"]*)"', data)
    removed = [f'removed:{encoding.start(1)}-{encoding.end(1)}:the case of the encoding\'s name in the XML declaration']
    if b'URI=""' not in data:   # <?xml becomes an instruction before the root, which a signature by Id does not cover
        removed.append('removed:2-5:the name of the XML declaration, before what is signed')
    return [*removed, *out]


def run_flip(path, ranges):
    chain = pki.get()
    command = [FLIP, path, '--root', chain.file('root.pem'), '--crl', chain.file('ca.crl'), '--crl', chain.file('root.crl'), *ranges]
    done = subprocess.run(command, capture_output=True, text=True, errors='replace')
    tap.note(done.stdout)
    tap.true(done.returncode == 0, f'exit {done.returncode}', done.stderr)


XMLDSIG = ('--xml-form', 'xmldsig')


@tap.table([
    ('PDF, RSA', SMALL_PDF, 'pdf', (), 'signer'),
    ('PDF, ECDSA', SMALL_PDF, 'pdf', (), 'p256'),
    ('PDF, PSS', SMALL_PDF, 'pdf', ('--pss',), 'signer'),
    ('XAdES, whole document', SMALL_XML, 'xml', (), 'signer'),
    ('XAdES by Id', SMALL_XML, 'xml', ('--xml-id', 'b'), 'p256'),
    ('XMLDSig, whole document', SMALL_XML, 'xml', XMLDSIG, 'signer'),
    ('XMLDSig by Id', SMALL_XML, 'xml', (*XMLDSIG, '--xml-id', 'b'), 'p256'),
    ('e-invoice, seller', INVOICE, 'xml', ('--profile', 'invoice-seller'), 'signer'),
    ('XMLDSig, PSS', SMALL_XML, 'xml', (*XMLDSIG, '--pss'), 'signer'),
])
def every_byte(_, content, kind, options, leaf):
    with tap.scratch() as folder:
        source = folder / f'small.{kind}'
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        signed = documents.sign(source, folder / f'signed.{kind}', *options, key=pki.get().p12(leaf))
        data = signed.read_bytes()
        tap.note(f'{len(data)} bytes')
        run_flip(signed, pdf_ranges(data) if kind == 'pdf' else xml_ranges(data))


tap.main()
