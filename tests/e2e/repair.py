"""Damaged PDFs: read with a warning that names the damage, refused for signing, and signed with --repair as one sound revision
that other programs read too. Files whose damage took something, or that hold a signature, stay refused."""

import re
import shutil
import subprocess

import documents
import kyso
import pki
import tap
from damage import DAMAGE, damaged, startxref, without_end
from paths import TESTDATA


def refused(path, out, *options):
    result = kyso.run('sign', '--lang', 'en', *pki.get().p12(), *options, '-o', out, path)
    tap.equal(result.code, 4, result)
    tap.true(not out.exists(), 'something was written')
    return result.err.decode()


def repaired(folder, path, *options):
    signed = documents.sign(path, folder / 'signed.pdf', '--repair', *options)
    one = documents.report(signed, *pki.get().trust, *[o for o in options if o.startswith('--pass') or o.startswith('file:')], code=0)
    tap.equal(one['verdict'], 'TOTAL-PASSED', one)
    tap.true('FILE_REPAIRED' not in documents.codes(one['signatures'][0]), one)
    return signed


@tap.table([(name, source, change, says) for name, source, change, says in DAMAGE])
def by_option_alone(_, source, change, says):
    with tap.scratch() as folder:
        path = damaged(folder, source, change)
        shown = kyso.run('inspect', '--json', path)
        tap.equal(shown.code, 0, shown)
        tap.true(shown.json[0]['flaws'] and says in shown.json[0]['flaws'][0]['text'], shown)
        tap.true(says in refused(path, folder / 'no.pdf'), 'the refusal does not name the damage')
        signed = repaired(folder, path)
        tap.equal(kyso.run('inspect', '--json', signed).json[0]['flaws'], [])
        if shutil.which('qpdf'):
            done = subprocess.run(['qpdf', '--check', signed], capture_output=True, text=True)
            tap.equal((done.returncode, 'WARNING' in done.stderr), (0, False), done.stdout, done.stderr)


@tap.case('a sound file is appended to, --repair or not')
def sound():
    with tap.scratch() as folder:
        signed = documents.sign(documents.LETTER, folder / 'out.pdf', '--repair')
        data = documents.LETTER.read_bytes()
        tap.equal(signed.read_bytes()[:len(data)], data)


@tap.case('a signature is never written anew')
def signed_already():
    with tap.scratch() as folder:
        signed = documents.sign(documents.LETTER, folder / 'out.pdf')
        broken = damaged(folder, signed, lambda d: startxref(d, lambda v: v + 7))
        tap.true('holds a signature' in refused(broken, folder / 'no.pdf', '--repair'), 'another reason was given')
        one = documents.report(broken, *pki.get().trust)['signatures'][0]
        told = [m for m in one['messages'] if m['code'] == 'FILE_REPAIRED']
        tap.true(told and 'byte' in told[0]['text'] and told[0]['level'] == 'warning', one)
        for lang, word in (('vi', 'Tệp bị hỏng'), ('en', 'The file is damaged')):
            shown = kyso.run('verify', '--lang', lang, *pki.get().trust, broken)
            tap.true(word in shown.out.decode(), shown)


@tap.case('what the damage took is not guessed')
def lost_page():
    def cut(data):
        data = without_end(data)
        return re.sub(rb'/Kids ?\[', b'/Kids[9999 0 R ', data)
    with tap.scratch() as folder:
        path = damaged(folder, TESTDATA / 'cong-van.plain.pdf', cut)
        tap.true('9999' in refused(path, folder / 'no.pdf', '--repair'), 'another reason was given')


@tap.table([(name, arguments) for name, arguments in [
    ('RC4-128', ['--allow-weak-crypto', '--encrypt', 'user', 'owner', '128', '--use-aes=n', '--']),
    ('AES-128', ['--allow-weak-crypto', '--encrypt', 'user', 'owner', '128', '--use-aes=y', '--']),
    ('AES-256', ['--encrypt', 'user', 'owner', '256', '--']),
    ('AES-256, object streams', ['--encrypt', 'user', 'owner', '256', '--', '--object-streams=generate']),
]])
def encrypted(_, arguments):
    if not shutil.which('qpdf'):
        tap.skip('qpdf is not installed')
    with tap.scratch() as folder:
        locked = folder / 'locked.pdf'
        subprocess.run(['qpdf', *arguments, documents.LETTER, locked], check=True)
        path = damaged(folder, locked, lambda d: startxref(d, lambda v: v + 7))
        word = folder / 'word'
        word.write_text('owner\n')
        word.chmod(0o600)
        signed = repaired(folder, path, '--password-source', f'file:{word}')
        done = subprocess.run(['qpdf', '--check', '--password=user', signed], capture_output=True, text=True)
        tap.equal((done.returncode, 'WARNING' in done.stderr), (0, False), done.stdout, done.stderr)


tap.main()
