"""What kyso says of documents: golden, in both languages. The words of verdicts are tests/verify's; here is what reaches the
reader: which stream, in what order, with which exit code."""

import shutil

import golden
import kyso
import paths
import pki
import tap

PDF, XML = paths.TESTDATA / 'cong-van.plain.pdf', paths.TESTDATA / 'invoice-message.xml'
# Chosen for their offsets and clauses.
ERRORS = {
    'text.pdf': b'hello\n',
    'empty.pdf': b'',
    'cut.xml': b'<a>\n<b>',
    'doctype.xml': b'<!DOCTYPE a [<!ENTITY x "y">]>\n<a>&x;</a>',
    'cut.pdf': b'%PDF-1.7\n1 0 obj\n<<',
}


def fill(folder):
    shutil.copy(PDF, folder / 'letter.pdf')
    shutil.copy(XML, folder / 'invoice.xml')
    for name, content in ERRORS.items():
        (folder / name).write_bytes(content)


def hide():
    """Paths of the chain in a command line."""
    return [(str(pki.get().folder), 'PKI')]


@tap.table([(f'sign, {lang}', lang) for lang in ('vi', 'en')])
def _(name, lang):
    with tap.scratch() as folder:
        fill(folder)

        def sign(*arguments, leaf='signer'):
            return kyso.run('sign', *pki.get().p12(leaf), '--lang', lang, *arguments, cwd=folder)
        golden.check(f'sign.{lang}',
                     sign('--dry-run', 'letter.pdf'), sign('letter.pdf'), sign('letter.pdf', 'invoice.xml', '-j', '1'),
                     sign('letter.pdf'), sign('--in-place', 'invoice.xml'), sign('-q', '--force', 'letter.pdf'),
                     sign(*ERRORS, 'absent.pdf', '-j', '1'), sign('-o', '-', 'absent.pdf'),
                     sign('-o', 'x.pdf', 'letter.pdf', leaf='expired'), sign('-o', 'x.pdf', 'letter.pdf', leaf='nosign'),
                     sign('--unchecked', '-o', 'x.pdf', 'letter.pdf', leaf='expired'),
                     sign('--trust', pki.get().file('other.pem'), '-o', 'y.pdf', 'letter.pdf'),
                     sign('--trust', 'absent.pem', '-o', 'y.pdf', 'letter.pdf'),
                     sign('--json', '--force', 'letter.pdf', 'cut.xml', '-j', '1'), replace=hide())


@tap.table([(f'verify, {lang}', lang) for lang in ('vi', 'en')])
def _(name, lang):
    with tap.scratch() as folder:
        fill(folder)
        for file, leaf, output in (('letter.pdf', 'signer', 'good.pdf'), ('invoice.xml', 'p256', 'good.xml'), ('letter.pdf', 'stranger', 'stranger.pdf')):
            done = kyso.run('sign', *pki.get().p12(leaf), '-o', output, file, cwd=folder)
            tap.equal(done.code, 0, done)
        good = (folder / 'good.pdf').read_bytes()
        at = good.index(b'stream') + 20
        (folder / 'bad.pdf').write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])

        def verify(*arguments):
            return kyso.run('verify', *pki.get().trust, '--lang', lang, *arguments, cwd=folder)
        every = ['good.pdf', 'good.xml', 'bad.pdf', 'stranger.pdf', 'letter.pdf', *ERRORS, 'absent.pdf']
        golden.check(f'verify.{lang}', verify('good.pdf'), verify('good.xml'), verify('bad.pdf'), verify('stranger.pdf'),
                     verify('letter.pdf'), *(verify(name) for name in ERRORS), verify('absent.pdf'), verify(*every),
                     verify('-q', *every), replace=hide())


tap.main()
