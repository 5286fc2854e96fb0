"""Which files a command works on, in which order, and what the exit code of many is."""

import fcntl
import functools
import os
import pathlib
import signal
import time
import subprocess

import kyso
import paths
import pki
import tap

PDF, XML = paths.TESTDATA / 'cong-van.plain.pdf', paths.TESTDATA / 'invoice-message.xml'


@functools.lru_cache(maxsize=None)
def signed():
    """A signed PDF, with every exit code of verify made from it below."""
    with tap.scratch() as folder:
        result = kyso.run('sign', *pki.get().p12(), '-o', folder / 'a.pdf', PDF)
        tap.equal(result.code, 0, result)
        return (folder / 'a.pdf').read_bytes()


def tampered():
    good = signed()
    at = good.index(b'stream') + 20     # within the first page's content
    return good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]


def verify(folder, *arguments, trust=True, **how):
    return kyso.run('verify', '--json', *(pki.get().trust if trust else ()), *arguments, cwd=folder, **how)


def names(result):
    return [row['file'] for row in result.json]


def fill(folder, *wanted):
    for name in wanted:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'<a/>')


@tap.case('-r: pdf and xml in any case, ordered, no links, no other files')
def _():
    with tap.scratch() as folder:
        fill(folder, 'b.pdf', 'a.XML', 'B.Pdf', 'sub/z.xml', 'sub/deeper/1.pdf', 'c.txt', 'xml', '.pdf', '.hidden/h.pdf', 'pdf.d/x')
        (folder / 'link.pdf').symlink_to('b.pdf')
        (folder / 'loop').symlink_to('.')
        os.mkfifo(folder / 'fifo.pdf')
        expected = ['.hidden/h.pdf', '.pdf', 'B.Pdf', 'a.XML', 'b.pdf', 'sub/deeper/1.pdf', 'sub/z.xml']
        result = verify(folder, '-r', '.')
        tap.equal(names(result), [f'./{name}' for name in expected], result)
        tap.equal(result.code, 3, result)
        tap.equal(names(verify(folder, '-r', 'sub/')), ['sub/deeper/1.pdf', 'sub/z.xml'])
        (folder / 'way-in').symlink_to('sub')
        tap.equal(names(verify(folder, '-r', 'way-in')), ['way-in/deeper/1.pdf', 'way-in/z.xml'], 'a link that was named is followed')
        tap.equal(names(verify(folder, '-r', 'b.pdf', 'sub', 'b.pdf')), ['b.pdf', 'sub/deeper/1.pdf', 'sub/z.xml', 'b.pdf'])


@tap.case('a folder without -r is an error, and others go on')
def _():
    with tap.scratch() as folder:
        fill(folder, 'sub/a.xml', 'b.xml')
        result = verify(folder, 'sub', 'b.xml')
        tap.equal(([row['verdict'] for row in result.json], result.code), (['ERROR', 'NO-SIGNATURE'], 4), result)


@tap.case('a file under a lease, as file servers take them, is waited for')
def _():
    with tap.scratch() as folder:
        fill(folder, 'a.xml')
        with open(folder / 'a.xml', 'r+b') as file:
            broken = []

            def give_up(number, frame):
                broken.append(number)
                time.sleep(0.1)
                fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            before = signal.signal(signal.SIGIO, give_up)
            try:
                fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except OSError as why:
                tap.skip(f'no leases here: {why}')
            result = verify(folder, 'a.xml')
            signal.signal(signal.SIGIO, before)
        tap.equal((result.code, result.json[0]['verdict'], len(broken) > 0), (3, 'NO-SIGNATURE', True), result)


@tap.case('a folder that cannot be read is one result, and the walk goes on')
def _():
    with tap.scratch() as folder:
        fill(folder, 'a/x.xml', 'b/x.xml', 'c/x.xml')
        folder.chmod(0o755)
        (folder / 'b').chmod(0)
        program = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] if os.getuid() == 0 else []
        readable = kyso.run_program([*program, kyso.program(), '--version'])
        if readable.code:
            tap.skip('the program cannot be run by another user here')
        result = kyso.run_program([*program, kyso.program(), 'verify', '--json', '-r', '.'], cwd=folder)
        (folder / 'b').chmod(0o755)
        tap.equal([(row['file'], row['verdict']) for row in result.json],
                  [('./a/x.xml', 'NO-SIGNATURE'), ('./b', 'ERROR'), ('./c/x.xml', 'NO-SIGNATURE')], result)
        tap.equal(result.code, 4, result)


HOSTILE = ['a b.xml', "it's.xml", 'quote".xml', 'line\nend.xml', 'esc\x1b[31m.xml', 'bidi\u202e.xml', '-dash.xml', 'tab\t.xml',
           'back\\slash.xml', '%1%s.xml', 'chữ ký.xml']


@tap.case('--files-from -0: any name; results in the order of the list')
def _():
    with tap.scratch() as folder:
        fill(folder, *HOSTILE)
        result = verify(folder, '-0', '--files-from', '-', stdin='\0'.join(HOSTILE).encode() + b'\0')
        tap.equal(names(result), HOSTILE, result)
        tap.true(b'\x1b' not in result.out and '\u202e'.encode() not in result.out, result)
        text = kyso.run('verify', '-0', '--files-from', '-', cwd=folder, stdin='\0'.join(HOSTILE).encode())
        tap.equal(text.out.count(b'\n'), len(HOSTILE), text)
        tap.true(b'\x1b' not in text.out + text.err and '\u202e'.encode() not in text.out + text.err, text)


@tap.case('a name that is not UTF-8: its bytes in file_hex, in verify and in sign')
def _():
    with tap.scratch() as folder:
        name = b'caf\xe9\xff.xml'
        pathlib.Path(os.fsdecode(bytes(folder) + b'/' + name)).write_bytes(b'<a/>')
        row, = verify(folder, '--files-from', '-', stdin=name + b'\n').json
        tap.equal((row['file'], row['file_hex']), ('caf\ufffd\ufffd.xml', name.hex()))
        result = kyso.run_program([kyso.program(), 'sign', '--json', *pki.get().p12(), os.fsdecode(name)], cwd=folder)
        row, = result.json
        tap.equal((row['file_hex'], row['output_hex'], row['status']), (name.hex(), b'caf\xe9\xff.signed.xml'.hex(), 'signed'), result)


@tap.case('--files-from FILE: lines, the last without an end, empty ones passed over; behind the files of the command line')
def _():
    with tap.scratch() as folder:
        fill(folder, 'a.xml', 'b.xml', 'c.xml', '-')
        (folder / 'list').write_text('b.xml\n\n\nc.xml\nb.xml\n-')
        result = verify(folder, '--files-from', 'list', 'a.xml', stdin=b'<not/><well/>')
        tap.equal(names(result), ['a.xml', 'b.xml', 'c.xml', 'b.xml', './-'], result)
        tap.equal(result.code, 3, result)


@tap.case('-r goes for the folders of a list too')
def _():
    with tap.scratch() as folder:
        fill(folder, 'sub/a.xml', 'sub/b.xml', 'c.xml')
        tap.equal(names(verify(folder, '-r', '--files-from', '-', stdin=b'sub\nc.xml\n')), ['sub/a.xml', 'sub/b.xml', 'c.xml'])


@tap.case('a list made for -0 and read without it is an error, not its first name alone')
def _():
    with tap.scratch() as folder:
        (folder / 'good.pdf').write_bytes(signed())
        (folder / 'bad.pdf').write_bytes(tampered())
        stdin = b'good.pdf\0bad.pdf\0'
        tap.equal(verify(folder, '-0', '--files-from', '-', stdin=stdin).code, 1)
        result = verify(folder, '--files-from', '-', stdin=stdin)
        tap.equal(result.code, 4, result)
        tap.true('-0' in result.json[-1]['error']['message'], result)


@tap.case('a document given as the list is a list with a NUL in it, and not verified')
def _():
    with tap.scratch() as folder:
        (folder / 'good.pdf').write_bytes(b'%PDF-1.7\n\0' + signed())
        tap.equal(verify(folder, 'good.pdf').json[0]['verdict'] == 'ERROR', False)
        result = verify(folder, '--files-from', 'good.pdf')
        tap.equal(({row['verdict'] for row in result.json}, result.code), ({'ERROR'}, 4), result)


@tap.case('such a list in a named pipe is not waited for a second time: the error is said, and that is the end')
def _():
    for command in (['verify'], ['sign', *pki.get().p12()]):
        with tap.scratch() as folder:
            os.mkfifo(folder / 'list')
            writer = subprocess.Popen(['sh', '-c', r"printf 'good.pdf\0bad.pdf\0' >list"], cwd=folder)
            result = kyso.run(*command, '--json', '--files-from', 'list', cwd=folder, timeout=30)
            tap.equal((result.code, [row['file'] for row in result.json]), (4, ['list']), result)
            tap.true('-0' in str(result.json), result)
            writer.wait()


@tap.case('a NUL in a list is told of at once, though the list is still open and has no line end')
def _():
    with tap.scratch() as folder:
        fill(folder, 'a.xml')
        os.mkfifo(folder / 'list')
        for command in (['verify'], ['verify', '-j', 4], ['sign', *pki.get().p12()]):
            with os.fdopen(os.open(folder / 'list', os.O_RDWR), 'wb') as writer:
                writer.write(b'a.xml\nb.xml\0')
                writer.flush()
                result = kyso.run(*command, '--json', '--files-from', 'list', cwd=folder, timeout=20)
            tap.equal((result.code, names(result)), (4, ['a.xml', 'list']), result)


@tap.case('standard input is one document: - named twice is refused, as is - beside a list from there')
def _():
    for arguments in (['-', '-'], ['-', '--files-from', '-']):
        result = kyso.run('verify', '--json', *arguments, stdin=signed())
        tap.equal((result.code, result.out), (64, b''), result)


@tap.table([
    ('an empty list', ['--files-from', '-'], b'', 64),
    ('a list of empty lines', ['--files-from', '-'], b'\n\n\n', 64),
    ('a list that is not there', ['--files-from', 'absent'], b'', 4),
    ('a list that is a folder', ['--files-from', '.'], b'', 4),
    ('a folder without documents', ['-r', '.'], b'', 64),
    ('a name longer than any path', ['--files-from', '-'], b'x' * 100000 + b'\n', 4),
])
def _(name, arguments, stdin, code):
    with tap.scratch() as folder:
        result = verify(folder, *arguments, stdin=stdin)
        tap.equal(result.code, code, result)
        tap.true(len(result.out) + len(result.err) < 20000 and result.out + result.err, 'something is said, in short')


@tap.case('numbers of -j and --timeout: their bounds, and nothing behind them')
def _():
    with tap.scratch() as folder:
        fill(folder, 'a.xml')
        for option, good, bad in (('-j', ('1', '256', '08'), ('0', '257', '1x', '', 'x', '-1', '+1', ' 1', '4294967297', '9' * 30)),
                                  ('--timeout', ('0.001', '1e-9', '1000000', '5'), ('0', '-1', '1000001', '1x', '', 'x', 'nan', 'inf', '1e99'))):
            for value in (*good, *bad):
                result = verify(folder, option, value, 'a.xml')
                tap.equal((result.code, len(result.out) > 0), (3, True) if value in good else (64, False), option, value, result)


@tap.case('- is standard input')
def _():
    with tap.scratch() as folder:
        result = verify(folder, '-', stdin=signed())
        tap.equal((names(result), result.code), (['-'], 0), result)
        tap.equal(verify(folder, '-', stdin=b'').code, 4)


# 70, 64, 7, 5 and 6 do not come from files: test_exit holds the whole order.
FILES = {'passed.pdf': 0, 'untrusted.pdf': 2, 'nothing.xml': 3, 'absent.pdf': 4, 'tampered.pdf': 1}


@tap.table([
    ('0', ['passed.pdf', 'passed.pdf'], 0),
    ('2 before 0', ['untrusted.pdf', 'passed.pdf'], 2),
    ('3 before 2', ['untrusted.pdf', 'nothing.xml', 'passed.pdf'], 3),
    ('4 before 3', ['absent.pdf', 'nothing.xml', 'untrusted.pdf', 'passed.pdf'], 4),
    ('1 before 4', ['passed.pdf', 'tampered.pdf', 'absent.pdf', 'nothing.xml', 'untrusted.pdf'], 1),
    ('1 before 4, the other way round', ['untrusted.pdf', 'nothing.xml', 'absent.pdf', 'tampered.pdf', 'passed.pdf'], 1),
])
def _(name, files, code):
    with tap.scratch() as folder:
        stranger = kyso.run('sign', *pki.get().p12('stranger'), '-o', folder / 'untrusted.pdf', PDF)
        tap.equal(stranger.code, 0, stranger)
        (folder / 'passed.pdf').write_bytes(signed())
        (folder / 'tampered.pdf').write_bytes(tampered())
        (folder / 'nothing.xml').write_bytes(b'<a/>')
        for file in set(files):
            tap.equal(verify(folder, file).code, FILES[file], file)
        result = verify(folder, *files)
        tap.equal((names(result), result.code), (files, code), result)
        tap.equal(kyso.run('verify', '-q', *pki.get().trust, *files, cwd=folder).code, code)


@tap.case('-q says nothing of verdicts, and errors all the same')
def _():
    with tap.scratch() as folder:
        (folder / 'tampered.pdf').write_bytes(tampered())
        result = kyso.run('verify', '-q', *pki.get().trust, 'tampered.pdf', cwd=folder)
        tap.equal((result.code, result.out, result.err), (1, b'', b''), result)
        result = kyso.run('verify', '-q', 'absent.pdf', cwd=folder)
        tap.equal((result.code, result.out), (4, b''), result)
        tap.true(b'absent.pdf' in result.err)


@tap.case('one file in detail, many a line each, -v all in detail')
def _():
    with tap.scratch() as folder:
        (folder / 'a.pdf').write_bytes(signed())
        lines = [kyso.run('verify', *pki.get().trust, *what, cwd=folder).text.count('\n')
                 for what in (['a.pdf'], ['a.pdf', 'a.pdf'], ['-v', 'a.pdf', 'a.pdf'], ['-r', '.'])]
        tap.true(lines[0] > 5 and lines[1] == 2 and lines[2] >= 2 * lines[0] and lines[3] == 1, lines)


@tap.case('ten thousand names cost no memory and keep their order')
def _():
    if kyso.sanitized():
        tap.skip('a sanitizer keeps what was freed')
    with tap.scratch() as folder:
        fill(folder, 'a.xml')
        few, many = [verify(folder, '--files-from', '-', trust=False, stdin=b'a.xml\n' * n) for n in (10, 10000)]
        tap.equal(len(many.json), 10000)
        tap.true(many.peak_kb < few.peak_kb + 2000, f'{few.peak_kb} KB, {many.peak_kb} KB')


tap.main()
