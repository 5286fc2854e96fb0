"""Damaged PDFs: read with a warning that names the damage, refused for signing, and signed with --repair as one sound revision
that other programs read too. Files whose damage took something, or that hold a signature, stay refused."""

import re
import shutil
import subprocess

import documents
import kyso
import pki
import tap
from paths import TESTDATA

STREAMS = TESTDATA / 'cong-van.objstm.pdf'


def startxref(data, change):
    at = data.rindex(b'startxref')
    value = int(data[at + 9:].split()[0])
    return data[:at] + b'startxref\n%d\n%%%%EOF\n' % change(value)


def without_end(data):
    return data[:data.rindex(b'trailer')]


def moved_table(data, by):
    """Every offset of the table `by` bytes too large."""
    return re.sub(rb'^(\d{10})( \d{5} n)', lambda row: b'%010d%s' % (int(row[1]) + by, row[2]), data, flags=re.M)


def hybrid_twice(_):
    """Objects 1 2 3, and a hybrid update whose stream gives another page than its (empty) table leaves in place."""
    out, at = bytearray(b'%PDF-1.5\n'), {}

    def put(num, body):
        at[num] = len(out)
        out.extend(b'%d 0 obj\n%s\nendobj\n' % (num, body))

    put(1, b'<</Type/Catalog/Pages 2 0 R>>')
    put(2, b'<</Type/Pages/Kids[3 0 R]/Count 1>>')
    put(3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>')
    table = len(out)
    out.extend(b'xref\n0 4\n0000000000 65535 f\r\n' + b''.join(b'%010d 00000 n\r\n' % at[n] for n in (1, 2, 3)))
    out.extend(b'trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % table)
    put(3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Resources<<>>>>')
    stream = len(out)
    rows = b''.join(b'\1' + where.to_bytes(2, 'big') + b'\0' for where in (at[3], stream))
    put(4, b'<</Type/XRef/W[1 2 1]/Index[3 2]/Size 5/Root 1 0 R/Length %d>>\nstream\n%s\nendstream' % (len(rows), rows))
    second = len(out)
    out.extend(b'xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n' % (table, stream, second))
    return bytes(out)


# name, the sound file, what is done to it, part of what the flaw says
DAMAGE = [
    ('bytes before the header', documents.LETTER, lambda d: b'From: a@b\r\n\r\n' + d, 'before %PDF-'),
    ('bytes before the header that the offsets count', TESTDATA / 'cong-van.plain.pdf',
     lambda d: startxref(moved_table(b'0123456789abcde\n' + d, 16), lambda v: v + 16), 'before %PDF-'),
    ('startxref 7 bytes too far', documents.LETTER, lambda d: startxref(d, lambda v: v + 7), 'N G obj'),
    ('startxref behind the end', documents.LETTER, lambda d: startxref(d, lambda v: v + 10 ** 7), 'no offset within'),
    ('offsets 3 bytes off', TESTDATA / 'cong-van.plain.pdf', lambda d: moved_table(d, 3), 'N G obj'),
    ('no startxref', documents.LETTER, lambda d: d[:d.rindex(b'startxref')], 'no startxref'),
    ('no trailer', TESTDATA / 'cong-van.plain.pdf', without_end, 'no startxref'),
    ('trailer cut short', TESTDATA / 'cong-van.plain.pdf', lambda d: d[:d.rindex(b'trailer') + 14], 'no startxref'),
    ('/Size too small', TESTDATA / 'cong-van.plain.pdf', lambda d: re.sub(rb'/Size \d+', b'/Size 3', d), '/Size 3'),
    ('object streams, startxref off', STREAMS, lambda d: startxref(d, lambda v: v - 5), 'N G obj'),
    ('object streams, no startxref', STREAMS, lambda d: d[:d.rindex(b'startxref')], 'no startxref'),
    ('linearized, cut behind the first part', TESTDATA / 'cong-van.linear.pdf', lambda d: d[:d.rindex(b'startxref') - 5], ''),
    ('hybrid, the two views differ', documents.LETTER, hybrid_twice, 'object 3: one thing by the tables'),
    ('no endobj, and offsets off', TESTDATA / 'cong-van.plain.pdf', lambda d: moved_table(d.replace(b'endobj', b''), 3), ''),
    ('wrong /Length, and no startxref', TESTDATA / 'cong-van.plain.pdf',
     lambda d: re.sub(rb'/Length (\d+)(?! \d)', lambda m: b'/Length 7' + b' ' * (len(m[1]) - 1), d[:d.rindex(b'startxref')]), ''),
]


def damaged(folder, source, change):
    path = folder / 'damaged.pdf'
    path.write_bytes(change(source.read_bytes()))
    return path


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
