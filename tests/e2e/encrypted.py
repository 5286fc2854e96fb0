"""Encrypted PDFs, as qpdf makes them: every revision and cross-reference form, signed twice, read by user and owner; what
permissions forbid; and kyso inspect over the result."""

import pathlib
import re
import shutil
import subprocess
import sys

import documents
import kyso
import paths
import pki
import tap

sys.path[:0] = [str(paths.TESTDATA / 'hostile'), str(pathlib.Path(__file__).parent / 'attacks')]
import craft_der    # noqa: E402
import craft_pdf    # noqa: E402
import paper        # noqa: E402

WEAK = '--allow-weak-crypto'
# name, arguments of qpdf, cipher and bits that inspect tells
KINDS = [
    ('RC4-40', [WEAK, '--encrypt', 'user', 'owner', '40', '--'], 'RC4', 40),
    ('RC4-128', [WEAK, '--encrypt', 'user', 'owner', '128', '--use-aes=n', '--'], 'RC4', 128),
    ('RC4-128 by crypt filter', [WEAK, '--encrypt', 'user', 'owner', '128', '--use-aes=n', '--force-V4', '--'], 'RC4', 128),
    ('AES-128', [WEAK, '--encrypt', 'user', 'owner', '128', '--use-aes=y', '--'], 'AES-128', 128),
    ('AES-128, metadata in the clear', [WEAK, '--encrypt', 'user', 'owner', '128', '--use-aes=y', '--cleartext-metadata', '--'],
     'AES-128', 128),
    ('AES-256 of extension level 3', [WEAK, '--encrypt', 'user', 'owner', '256', '--force-R5', '--'], 'AES-256', 256),
    ('AES-256', ['--encrypt', 'user', 'owner', '256', '--'], 'AES-256', 256),
    ('AES-256, object streams', ['--encrypt', 'user', 'owner', '256', '--', '--object-streams=generate'], 'AES-256', 256),
]


def encrypt(folder, arguments):
    if not shutil.which('qpdf'):
        tap.skip('qpdf is not installed')
    path = folder / 'locked.pdf'
    subprocess.run(['qpdf', *arguments, documents.LETTER, path], check=True)
    return path


def password(folder, word):
    path = folder / word
    path.write_text(word + '\n')
    path.chmod(0o600)
    return ['--password-source', f'file:{path}']


@tap.table([(name, arguments, cipher, bits) for name, arguments, cipher, bits in KINDS])
def signed_twice(_, arguments, cipher, bits):
    with tap.scratch() as folder:
        locked = encrypt(folder, arguments)
        user, owner = password(folder, 'user'), password(folder, 'owner')
        once = documents.sign(locked, folder / 'once.pdf', *user, '--reason', 'Phê duyệt')
        twice = documents.sign(once, folder / 'twice.pdf', *owner)
        for words in (user, owner):
            found = documents.report(twice, *pki.get().trust, *words, code=0)
            tap.equal([one['verdict'] for one in found['signatures']], ['TOTAL-PASSED'] * 2)
        tap.true('Phê duyệt'.encode('utf-16-be') not in twice.read_bytes(), 'the reason stands in the clear')
        shown = kyso.run('inspect', '--json', *user, twice).json[0]
        tap.equal((shown['encryption']['cipher'], shown['encryption']['key_bits'], shown['encryption']['opened_as']),
                  (cipher, bits, 'user'))
        tap.equal((shown['signatures'][0]['reason'], len(shown['revisions'])), ('Phê duyệt', 3))
        for word in ('user', 'owner'):
            done = subprocess.run(['qpdf', '--check', f'--password={word}', twice], capture_output=True)
            tap.equal(done.returncode, 0, done.stdout, done.stderr)


@tap.case('no password, a wrong one, a source with nothing in it: exit 4')
def _():
    with tap.scratch() as folder:
        locked = encrypt(folder, KINDS[-1][1])
        (folder / 'empty').touch(mode=0o600)
        for words in ([], password(folder, 'wrong'), ['--password-source', f'file:{folder / "empty"}']):
            found = documents.report(locked, *pki.get().trust, *words, code=4)
            tap.equal((found['verdict'], found['error']['code']), ('ERROR', 'PASSWORD'))


@tap.case('permissions bind the user, not the owner')
def _():
    with tap.scratch() as folder:
        locked = encrypt(folder, [WEAK, '--encrypt', '', 'owner', '128', '--modify=none', '--'])
        refused = kyso.run('sign', '--lang', 'en', *pki.get().p12(), '-o', folder / 'a.pdf', locked)
        tap.equal(refused.code, 4, refused)
        tap.true(b'/P bits' in refused.err, refused)
        documents.passes(documents.sign(locked, folder / 'b.pdf', *password(folder, 'owner')))


@tap.case('a placeholder that was encrypted, as PDFBox leaves it: integrity is told, nothing passes')
def _():
    with tap.scratch() as folder:
        pdf = encrypt(folder, [WEAK, '--encrypt', '', 'owner', '128', '--use-aes=n', '--', '--object-streams=disable']).read_bytes()
        kept = re.sub(rb'/(Size|Prev) \d+', b'', re.findall(rb'trailer <<(.*)>>', pdf)[-1])
        root = int(re.search(rb'/Root (\d+) 0 R', kept)[1])
        catalog = paper.body(pdf, root).replace(b'<<', b'<</AcroForm<</Fields[900 0 R]/SigFlags 3>>', 1)
        pdf = paper.update(pdf, {root: catalog, 900: b'<</FT/Sig/T(S)/V 901 0 R>>', 901: paper.SIGNATURE % b''}, trailer=kept)
        for pad, verdict in ((b'0', ('TOTAL-PASSED', None)), (b'7', ('INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE'))):
            path = folder / 'signed.pdf'
            path.write_bytes(craft_pdf.fill(pdf, craft_der.Signer(pki.get().folder, 'signer'), pad=pad))
            found, = kyso.verify(pki.get(), path).json[0]['signatures']
            tap.equal((found['verdict'], found['sub_indication'], found['integrity']), (*verdict, 'intact'), found)
            tap.equal('PADDING_ENCRYPTED' in [one['code'] for one in found['messages']], pad != b'0')


@tap.case('certified: 1 forbids a further signature, 2 does not; certifying comes first')
def _():
    with tap.scratch() as folder:
        for level, code in (('1', 4), ('2', 0)):
            certified = documents.sign(documents.LETTER, folder / f'{level}.pdf', '--certify', level)
            shown = kyso.run('inspect', '--json', certified).json[0]
            tap.equal((shown['certified_by'], shown['doc_mdp']), ('Signature1', int(level)))
            result = kyso.run('sign', *pki.get().p12(), '-o', folder / f'{level}b.pdf', certified)
            tap.equal(result.code, code, result)
        late = kyso.run('sign', *pki.get().p12(), '--certify', '2', '-o', folder / 'late.pdf', folder / '2b.pdf')
        tap.equal(late.code, 4, late)


tap.main()
