"""Seed values of an empty signature field (ISO 32000-2 12.7.5.5) that ask something of the certificate: kyso signs where it fits."""

import subprocess
import sys

import kyso
import paths
import pki
import tap

sys.path.insert(0, str(paths.TESTDATA / 'hostile'))
import craft_pdf    # noqa: E402

POLICY, USAGE = b'2.16.704.1.1.1.1.1', b'1111'   # of the leaf `signer`: see tools/pki
NAME = '\ufeffNguyễn Văn Ánh'.encode('utf-16-be').hex().encode()
DIFFERENT = '\ufeffNguyễn Văn Anh'.encode('utf-16-be').hex().encode()


def der(name):
    return b'<' + pki.get().file(f'{name}.der').read_bytes().hex().encode() + b'>'


# what is asked, /Cert, whether it fits
ROWS = [
    ('its policy', lambda: b'/OID[(%s)]/Ff 4' % POLICY, True),
    ('another policy', lambda: b'/OID[(2.16.704.1.1.1.1.2)]/Ff 4', False),
    ('its policy and another', lambda: b'/OID[(%s)(1.2.3)]/Ff 4' % POLICY, False),
    ('a policy that is no OID', lambda: b'/OID[(anyPolicy)(x)]/Ff 4', False),
    ('its usage', lambda: b'/KeyUsage[(%s)]/Ff 32' % USAGE, True),
    ('its usage, and no more', lambda: b'/KeyUsage[(%s00000)]/Ff 32' % USAGE, True),
    ('one bit, the others free', lambda: b'/KeyUsage[(0)(X1X)]/Ff 32', True),
    ('no digitalSignature', lambda: b'/KeyUsage[(0XXXXXXXX)]/Ff 32', False),
    ('certificates are signed with it', lambda: b'/KeyUsage[(XXXXX1)]/Ff 32', False),
    ('usage in another alphabet', lambda: b'/KeyUsage[(yes)]/Ff 32', False),
    ('its name', lambda: b'/SubjectDN[<</CN<%s>/C(VN)>>]/Ff 8' % NAME, True),
    ('its name by OID', lambda: b'/SubjectDN[<</2.5.4.3<%s>>>]/Ff 8' % NAME, True),
    ('another name', lambda: b'/SubjectDN[<</CN<%s>>>]/Ff 8' % DIFFERENT, False),
    ('another country, or its name', lambda: b'/SubjectDN[<</C(LA)>><</CN<%s>>>]/Ff 8' % NAME, True),
    ('an attribute that nobody knows', lambda: b'/SubjectDN[<</Rumour(x)>>]/Ff 8', False),
    ('itself', lambda: b'/Subject[%s]/Ff 1' % der('signer'), True),
    ('another certificate', lambda: b'/Subject[%s]/Ff 1' % der('p256'), False),
    ('its issuer', lambda: b'/Issuer[%s]/Ff 2' % der('ca'), True),
    ('its root', lambda: b'/Issuer[%s%s]/Ff 2' % (der('other'), der('root')), True),
    ('another issuer', lambda: b'/Issuer[%s]/Ff 2' % der('other'), False),
    ('all of it', lambda: b'/Subject[%s]/Issuer[%s]/OID[(%s)]/KeyUsage[(%s)]/SubjectDN[<</C(VN)>>]/URL(http://ca.example)/Ff 111'
     % (der('signer'), der('ca'), POLICY, USAGE), True),
    ('a wish alone', lambda: b'/OID[(1.2.3)]/KeyUsage[(0)]/SubjectDN[<</C(LA)>>]/Ff 0', True),
]


@tap.table(ROWS)
def seed(_, cert, fits):
    with tap.scratch() as folder:
        source = folder / 'form.pdf'
        field = craft_pdf.OBJECTS[5].replace(b'/V 6 0 R', b'/SV<</Cert<<%s>>>>' % cert())
        source.write_bytes(craft_pdf.write({**{n: craft_pdf.OBJECTS[n] for n in range(1, 5)}, 5: field}))
        result = kyso.run('sign', '--lang', 'en', *pki.get().p12(), '--trust', pki.get().file('root.pem'), '--field', 'Signature1',
                          '-o', folder / 'signed.pdf', source)
        tap.equal(result.code, 0 if fits else 4, result)
        tap.true(fits or (b'/Cert' in result.err and b'12.7.5.5' in result.err), result)


@tap.case('the table speaks of the certificate as it is')
def _():
    text = subprocess.run(['openssl', 'x509', '-in', pki.get().file('signer.pem'), '-noout', '-text'], capture_output=True, text=True,
                          check=True).stdout
    tap.true(f'Policy: {POLICY.decode()}' in text, text)
    tap.true('Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment' in text, text)


tap.main()
