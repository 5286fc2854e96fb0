"""sign_covered_bytes hands back what is digested, no more and no less. argv[1]: the program covered."""

import base64
import hashlib
import re
import subprocess
import sys

import documents
import paths
import pki
import tap

sys.path.insert(0, str(paths.SOURCE / 'tests/verify'))
import forge    # noqa: E402

COVERED = sys.argv[1]


def covered(path):
    """{signature: [octets, or an error's name with "!", ...]} of one file."""
    chain = pki.get()
    done = subprocess.run([COVERED, chain.file('root.pem'), chain.file('ca.crl'), chain.file('root.crl'), path],
                          capture_output=True, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines()[1:]:
        name, _, _, said = line.rsplit(' ', 3)
        found.setdefault(name, []).append(said if said.startswith('!') else bytes.fromhex(said))
    return found


def ranges(path):
    """What each signature of a PDF covers, by its ByteRange."""
    data = path.read_bytes()
    found = [[int(number) for number in row.split()] for row in re.findall(rb'/ByteRange ?\[([\d ]+)\]', data)]
    return sorted(data[a:a + b] + data[c:c + d] for a, b, c, d in found)


@tap.case('PDF: the ByteRange of each of two signatures, and no second reference')
def _():
    with tap.scratch() as folder:
        first = documents.sign(documents.LETTER, folder / '1.pdf')
        second = documents.sign(first, folder / '2.pdf')
        said = covered(second)
        tap.equal(sorted(row[0] for row in said.values()), ranges(second))
        tap.true(all(row[1:] == ['!NOTFOUND'] * 3 for row in said.values()))


@tap.case('PDF: a ByteRange that leaves something out covers nothing')
def _():
    with tap.scratch() as folder:
        signed = documents.sign(documents.LETTER, folder / '1.pdf')
        data = signed.read_bytes()
        at = re.search(rb'/ByteRange ?\[0 (\d+) ', data)
        number = at.group(1)
        signed.write_bytes(data[:at.start(1)] + b'%0*d' % (len(number), int(number) - 1) + data[at.end(1):])
        tap.equal({row[0] for row in covered(signed).values()}, {'!FORMAT'})


@tap.case('XML: an xml:id with white space around its value')
def _():
    element = '<data xml:id=" e ">x</data>'
    with tap.scratch() as folder:
        path = folder / 'a.xml'
        path.write_text(forge.detached(pki.get(), more=element, target=element, uri='#e'), encoding='utf-8')
        tap.equal([row[0] for row in covered(path).values()], [element.encode()])


@tap.table([
    ('XAdES', documents.INVOICE, ()),
    ('XMLDSig', documents.INVOICE, ('--xml-form', 'xmldsig')),
    ('by Id', documents.INVOICE, ('--xml-id', 'data')),
    ('in a profile', documents.MESSAGE, ('--profile', 'invoice-seller')),
])
def octets(_, source, options):
    with tap.scratch() as folder:
        signed = documents.sign(source, folder / 'out.xml', *options)
        values = re.findall(rb'DigestValue>([^<]+)<', signed.read_bytes().split(b'SignatureValue>')[0])
        said = next(iter(covered(signed).values()))
        found = [base64.b64encode(hashlib.sha256(row).digest()) for row in said if isinstance(row, bytes)]
        tap.equal(found, values)


@tap.table([
    ('a digest that differs', lambda data: data.replace(b'K26TVD', b'K26TVE', 1), '!NOT_VALID'),
    ('an Id that is gone', lambda data: data.replace(b' Id="data"', b'', 1), '!NOTFOUND'),
    ('an Id that is there twice', lambda data: data.replace(b'<DSCKS', b'<x Id="data"/><DSCKS', 1), '!AMBIGUOUS'),
    ('an unknown transform', lambda data: data.replace(b'xml-exc-c14n#', b'xml-exc-c14x#').replace(
        b'CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14x#', b'CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#'), '!UNSUPPORTED'),
])
def refused(_, change, error):
    with tap.scratch() as folder:
        signed = documents.sign(documents.INVOICE, folder / 'out.xml', '--xml-id', 'data')
        data = signed.read_bytes()
        tap.true(change(data) != data)
        signed.write_bytes(change(data))
        tap.equal(next(iter(covered(signed).values()))[0], error)


tap.main()
