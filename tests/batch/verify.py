"""kyso verify over many: results as they come, resumed runs, early ends, the same answers with any number of workers."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

import common
import kyso
import paths
import pki
import tap
import terminals

CODES = {'good.pdf': 0, 'tampered.pdf': 1, 'strange.pdf': 2, 'plain.pdf': 3, 'bad.pdf': 4}


def fill(folder, each=1):
    """One file of every verdict, each under several names; their names in order."""
    foreign = paths.TESTDATA / 'hostile'
    contents = {'good': common.signed(), 'tampered': common.tampered(), 'plain': common.PLAIN.read_bytes(), 'bad': b'%PDF-1.7 and no more',
                'invoice': (paths.TESTDATA / 'invoice.xml').read_bytes()}
    tap.true(foreign.is_dir())
    names = []
    for i in range(each):
        for name, content in contents.items():
            path = f'{i:03}-{name}.{"xml" if content.startswith(b"<") else "pdf"}'
            (folder / path).write_bytes(content)
            names.append(path)
    return sorted(names)


def verify(folder, *arguments, **how):
    return kyso.run('verify', '--json', *pki.get().trust, *arguments, cwd=folder, **how)


@tap.case('the same answers with any -j, in order; --unordered: the same lines')
def _():
    with tap.scratch() as folder:
        names = fill(folder, 12)
        one = verify(folder, *common.AT, '-j', 1, *names)
        tap.equal(one.code, 1, one)
        tap.equal([row['file'] for row in one.json], names)
        for workers in (2, 3, 8, 64):
            many = verify(folder, *common.AT, '-j', workers, *names)
            tap.equal((many.out, many.code), (one.out, one.code), f'-j {workers}')
            loose = verify(folder, *common.AT, '-j', workers, '--unordered', *names)
            tap.equal((sorted(loose.out.splitlines()), loose.code), (sorted(one.out.splitlines()), one.code), f'-j {workers}')


@tap.case('--unordered: what is ready does not wait for what is not; else it does')
def _():
    with tap.scratch() as folder:
        fill(folder)
        os.mkfifo(folder / 'pipe')
        for options, order in ((['--unordered'], ['000-plain.pdf', 'pipe']), ([], ['pipe', '000-plain.pdf'])):
            process = common.start(*options, '-j', 2, 'pipe', '000-plain.pdf', stdout=subprocess.PIPE, cwd=folder)
            first = json.loads(process.stdout.readline())['file'] if options else None
            (folder / 'pipe').write_bytes(common.PLAIN.read_bytes())
            rest = [json.loads(line)['file'] for line in process.stdout]
            tap.equal(([first] * bool(options) + rest, process.wait(20)), (order, 3))


@tap.case('results come while the list is still open, from a pipe and from a named pipe')
def _():
    for workers in (1, 4):
        with tap.scratch() as folder:
            fill(folder)
            os.mkfifo(folder / 'list')
            process = common.start('-j', workers, '--files-from', 'list', stdout=subprocess.PIPE, cwd=folder)
            with open(folder / 'list', 'wb', buffering=0) as names:
                for name in ('000-good.pdf', '000-bad.pdf', '000-tampered.pdf'):
                    names.write(name.encode() + b'\n')
                    tap.equal(json.loads(process.stdout.readline())['file'], name)
            tap.equal((process.stdout.read(), process.wait(60)), (b'', 1))


@tap.case('Ctrl-C while nobody has opened the named pipe, or it is silent: exit 7, with any -j')
def _():
    for workers in (1, 4):
        for opened in (False, True):
            with tap.scratch() as folder:
                os.mkfifo(folder / 'list')
                process = common.start('-j', workers, '--files-from', 'list', stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder)
                writer = os.open(folder / 'list', os.O_RDWR) if opened else None
                time.sleep(0.4)
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=20)
                tap.equal((process.returncode, out), (7, b''), err)
                if opened:
                    os.close(writer)


@tap.case('Ctrl-C amid a name: half of it is no name')
def _():
    with tap.scratch() as folder:
        fill(folder)
        for workers in (1, 4):
            process = common.start('-j', workers, '--files-from', '-', stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
            process.stdin.write(b'000-bad.pdf\n000-good.pdf')      # no end: it may be 000-good.pdf.old
            process.stdin.flush()
            first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            tap.equal((json.loads(first)['file'], rest, process.wait(20)), ('000-bad.pdf', b'', 7))


@tap.case('a list that is made for -0 and read without it ends there, however long standard input stays open')
def _():
    with tap.scratch() as folder:
        fill(folder)
        process = common.start('--files-from', '-', stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        process.stdin.write(b'000-good.pdf\0000-bad.pdf\n')
        process.stdin.flush()
        tap.equal(process.wait(20), 4)
        tap.equal([json.loads(line)['verdict'] for line in process.stdout], ['ERROR'])


@tap.case('a document whose bytes never come (a named pipe that nobody writes to, a silent one): --timeout and Ctrl-C end the wait')
def _():
    with tap.scratch() as folder:
        names = fill(folder)
        os.mkfifo(folder / 'pipe')
        for options in ([], ['-j', 4]):
            for opened in (False, True):
                writer = os.open(folder / 'pipe', os.O_RDWR) if opened else None
                result = verify(folder, '--timeout', 0.3, *options, 'pipe', *names, timeout=20)
                tap.equal([row['file'] for row in result.json], ['pipe', *names], result)
                tap.equal((result.json[0]['error']['code'], result.code), ('TIMEOUT', 1), result)
                # What has not come in is no document at hand.
                process = common.start(*options, names[1], 'pipe', names[0], stdout=subprocess.PIPE, cwd=folder)
                tap.equal(json.loads(process.stdout.readline())['file'], names[1])
                process.send_signal(signal.SIGTERM)
                rest = process.communicate(timeout=20)[0]
                tap.equal((process.returncode, b'pipe' in rest), (7, False), rest)
                if opened:
                    os.close(writer)
        tap.equal(verify(folder, '--timeout', '1e-9', 'pipe', timeout=20).json[0]['error']['code'], 'TIMEOUT')     # the least there is, not none
        for command in ('sign', *pki.get().p12(), '-o', 'out'), ('inspect',):
            process = subprocess.Popen([kyso.program(), *map(str, command), 'pipe'], cwd=folder, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=common.ENV)
            time.sleep(0.4)
            process.send_signal(signal.SIGINT)
            tap.equal((process.communicate(timeout=20)[0], process.returncode), (b'', 7))
        tap.true(not (folder / 'out').exists())
        # The bytes that do come make a document.
        process = common.start(*common.AT, 'pipe', stdout=subprocess.PIPE, cwd=folder)
        (folder / 'pipe').write_bytes(common.signed())
        tap.equal(json.loads(process.communicate(timeout=20)[0])['verdict'], 'TOTAL-PASSED')


@tap.case('--timeout: a document that takes too long is one result, and the run goes on')
def _():
    with tap.scratch() as folder:
        names = fill(folder)
        with open(folder / 'slow.xml', 'wb') as slow:
            slow.write(b'<a>')
            slow.write(b'<b><c/></b>' * 12_000_000)
            slow.write(b'</a>')
        result = verify(folder, '--timeout', 0.3, *names, 'slow.xml', names[0])
        tap.equal([row['file'] for row in result.json], [*names, 'slow.xml', names[0]])
        slow = result.json[-2]
        tap.equal((slow['verdict'], slow['error']['code'], result.code), ('ERROR', 'TIMEOUT', 1), slow)


# --- resumed runs ---

def resume(folder, *arguments, code, lines, options=()):
    """A run that goes on with the results it appends to; how many result lines it adds."""
    before = (folder / 'R').read_bytes() if (folder / 'R').exists() else b''
    with open(folder / 'R', 'ab') as results:
        process = common.start('--resume', 'R', *options, *arguments, stdout=results, stderr=subprocess.PIPE, cwd=folder)
        err = process.communicate(timeout=60)[1]
    added = (folder / 'R').read_bytes()[len(before):]
    tap.equal((process.returncode, added.count(b'"verdict"') and sum(b'"file"' in line for line in added.splitlines())), (code, lines), err, added)
    return err


@tap.case('--resume: what was answered is not asked again, and counts')
def _():
    with tap.scratch() as folder:
        names = fill(folder, 3)
        resume(folder, *names[:6], code=1, lines=6)
        header = json.loads((folder / 'R').read_text().splitlines()[0])
        tap.true({'kyso', 'options', 'salt'} <= set(header), header)
        resume(folder, *names, code=1, lines=len(names) - 6)
        resume(folder, *names, code=1, lines=0)                 # all answered: the forged one still counts
        good = [name for name in names if 'good' in name]
        resume(folder, *good, code=0, lines=0)
        rows = [json.loads(line) for line in (folder / 'R').read_text().splitlines()[1:]]
        tap.equal(sorted(row['file'] for row in rows), names)
        for row in rows:
            stat = (folder / row['file']).stat()
            tap.equal((row['size'], int(row['mtime'])), (stat.st_size, int(stat.st_mtime)))


@tap.case('--resume: a changed file is asked again, even within the second; its later answer counts')
def _():
    with tap.scratch() as folder:
        fill(folder)
        resume(folder, '000-good.pdf', code=0, lines=1)
        (folder / '000-good.pdf').write_bytes(common.tampered())    # of the same size
        resume(folder, '000-good.pdf', code=1, lines=1)
        resume(folder, '000-good.pdf', code=1, lines=0)
        (folder / '000-good.pdf').write_bytes(common.signed())
        resume(folder, '000-good.pdf', code=0, lines=1)
        resume(folder, '000-good.pdf', code=0, lines=0)
        was = (folder / '000-good.pdf').stat()
        with open(folder / '000-good.pdf', 'ab') as grown:          # of the same time
            grown.write(b'\n1 0 obj\n')
        os.utime(folder / '000-good.pdf', ns=(was.st_atime_ns, was.st_mtime_ns))
        resume(folder, '000-good.pdf', code=1, lines=1)
        os.remove(folder / '000-good.pdf')
        resume(folder, '000-good.pdf', code=4, lines=1)             # gone: no longer what was answered
        resume(folder, '000-good.pdf', code=4, lines=1)             # and never answered for good


@tap.case('--resume: a file from before 1970 has its time, and is not asked again')
def _():
    with tap.scratch() as folder:
        fill(folder)
        for nanoseconds in (-1_250_000_000, -2_000_000_000):
            os.utime(folder / '000-good.pdf', ns=(0, nanoseconds))
            resume(folder, '000-good.pdf', code=0, lines=1)
            resume(folder, '000-good.pdf', code=0, lines=0)


@tap.case('--resume over thousands: each is answered once, and each counts')
def _():
    with tap.scratch() as folder:
        (folder / '0.xml').write_bytes(b'<a/>')
        names = [f'{i}.xml' for i in range(3000)]
        for name in names[1:]:
            os.link(folder / '0.xml', folder / name)
        (folder / 'list').write_text('\n'.join(names))
        resume(folder, '--files-from', 'list', code=3, lines=3000)
        resume(folder, '--files-from', 'list', code=3, lines=0)


@tap.case('--resume: a line that says more, or tells of an internal error, is no answer')
def _():
    with tap.scratch() as folder:
        fill(folder)
        resume(folder, '000-good.pdf', code=0, lines=1)
        header, line = (folder / 'R').read_text().splitlines()
        for changed in (line + ' ', line + '}', line.replace('"exit":0', '"exit":70'), line.replace('"exit":0', '"exit":7')):
            tap.true(changed != line)
            (folder / 'R').write_text(f'{header}\n{changed}\n')
            resume(folder, '000-good.pdf', code=0, lines=1)


@tap.case('--resume: results that cannot be read are not taken for none')
def _():
    with tap.scratch() as folder:
        fill(folder)
        (folder / 'loop').symlink_to('loop')
        for results in ('.', 'loop', '000-good.pdf/R'):
            result = verify(folder, '--resume', results, '000-good.pdf')
            tap.equal((result.code, result.out), (4, b''), result)


@tap.case('--resume with results that go elsewhere: an unfinished line is ended in its own file alone')
def _():
    with tap.scratch() as folder:
        fill(folder)
        resume(folder, '000-tampered.pdf', code=1, lines=1)
        (folder / 'R').write_bytes((folder / 'R').read_bytes()[:-20])
        result = verify(folder, '--resume', 'R', '000-good.pdf')
        tap.equal((result.code, result.out[:1], len(result.json)), (0, b'{', 1), result)


@tap.case('--resume: a list that cannot be used is told, whatever was answered of a document of its name')
def _():
    with tap.scratch() as folder:
        (folder / 'a.pdf').write_bytes(b'\n\0' + common.PLAIN.read_bytes())
        code = verify(folder, 'a.pdf').code
        resume(folder, 'a.pdf', code=code, lines=1)
        resume(folder, 'a.pdf', code=code, lines=0)
        resume(folder, '--files-from', 'a.pdf', code=4, lines=1)


@tap.case('--resume: no line for standard input or a password that was not given is an answer')
def _():
    with tap.scratch() as folder:
        fill(folder)
        result = kyso.run('verify', '--json', *pki.get().trust, '--resume', 'R', '-', stdin=common.signed(), cwd=folder)
        row = result.json[1]
        tap.equal(('key' in row, 'exit' in row), (False, False), result)
        if shutil.which('qpdf'):
            subprocess.run(['qpdf', '--encrypt', 'secret', 'secret', '256', '--', '000-plain.pdf', 'locked.pdf'], cwd=folder, check=True)
            for _ in range(2):
                resume(folder, 'locked.pdf', code=4, lines=1)


@tap.case('--resume under other options is refused: exit 64, nothing written')
def _():
    with tap.scratch() as folder:
        fill(folder)
        resume(folder, '000-good.pdf', code=0, lines=1)
        before = (folder / 'R').read_bytes()
        for options in (['--revocation', 'off'], ['--at', '2026-11-22T09:00:00+07:00'], ['--timeout', '5'], ['--allow-doctype'],
                        ['--trust', 'elsewhere'], ['--certs', '000-good.pdf']):
            resume(folder, '000-good.pdf', code=64, lines=0, options=options)
            tap.equal((folder / 'R').read_bytes(), before, options)
        resume(folder, '000-good.pdf', code=0, lines=0, options=['-j', '7', '--unordered', '--summary'])
        certs, trust = ([*map(str, pki.get().trust), option, '000-good.pdf'] for option in ('--certs', '--trust'))
        for first, second in ((certs, trust), (trust, certs)):      # the same word of another option
            header = kyso.run('verify', '--json', *first, '--resume', 'none', '000-plain.pdf', cwd=folder).out
            (folder / 'other').write_bytes(header)
            tap.equal(kyso.run('verify', '--json', *second, '--resume', 'other', '000-plain.pdf', cwd=folder).code, 64)
        (folder / 'R').write_bytes(before.replace(b'{"kyso":"', b'{"kyso":"9', 1))     # of another version
        resume(folder, '000-good.pdf', code=64, lines=0)
        tap.equal(verify(folder, '--resume', '000-good.pdf', '000-good.pdf').code, 64)  # a document, no results
        tap.equal(kyso.run('verify', '--resume', 'R', '000-good.pdf', cwd=folder).code, 64)     # without --json


@tap.case('--resume behind a run that was killed while it wrote: at every byte of the last line')
def _():
    with tap.scratch() as folder:
        fill(folder)
        resume(folder, '000-tampered.pdf', code=1, lines=1)
        whole = (folder / 'R').read_bytes()
        start = whole.index(b'\n') + 1
        for cut in [start + 1, *range(start + 40, len(whole), 97), len(whole) - 20, len(whole) - 2, len(whole) - 1]:
            (folder / 'R').write_bytes(whole[:cut])
            resume(folder, '000-good.pdf', code=0, lines=1)         # not the verdict of the piece before it
            resume(folder, '000-good.pdf', code=0, lines=0)
            answered = cut >= len(whole) - 1      # the line end alone was missing
            resume(folder, '000-tampered.pdf', '000-good.pdf', code=1, lines=0 if answered else 1)
            broken = [line for line in (folder / 'R').read_bytes().splitlines() if line and not parses(line)]
            tap.true(len(broken) <= 1, broken)


def parses(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


@tap.case('kill -9 amid a run, then --resume: together each file once')
def _():
    with tap.scratch() as folder:
        names = fill(folder, 60)
        with open(folder / 'R', 'ab') as results:
            process = common.start('--resume', 'R', '-j', 2, *names, stdout=results, cwd=folder)
            while (folder / 'R').read_bytes().count(b'\n') < 20 and process.poll() is None:
                time.sleep(0.002)
            process.kill()
            process.wait()
        with open(folder / 'R', 'ab') as results:
            process = common.start('--resume', 'R', *names, stdout=results, cwd=folder)
            tap.equal(process.wait(60), 1)
        rows = [json.loads(line) for line in (folder / 'R').read_bytes().splitlines()[1:] if parses(line)]
        tap.equal(sorted(row['file'] for row in rows), names)


# --- the terminal ---

def on_terminal(folder, *arguments, stdout=None):
    """What a terminal shows of a run; standard output on it too, or in a file."""
    script = '"$@"' if stdout is None else f'"$@" > {stdout}'
    terminal = terminals.Terminal(['/bin/sh', '-c', f'cd {folder} && {script}', 'sh', *common.command(*arguments)], common.ENV)
    code = terminal.end()
    return code, terminal.seen


@tap.case('progress on a terminal alone, and never on standard output')
def _():
    with tap.scratch() as folder:
        names = fill(folder, 120)
        code, seen = on_terminal(folder, *names, stdout='out')
        rows = (folder / 'out').read_bytes()
        tap.equal((code, rows.count(b'\n')), (1, len(names)))
        tap.true(b'\x1b[K' in seen and f'/{len(names)}'.encode() in seen, seen[:400])
        tap.true(b'\x1b' not in rows and b'\r' not in rows)
        tap.true(all(parses(line) for line in rows.splitlines()))
        (folder / 'list').write_text('\n'.join(names))
        for where in (['-r', '.'], ['--files-from', 'list'], ['--files-from', 'list', names[0]]):     # how many: not known yet
            code, seen = on_terminal(folder, *where, stdout='out')
            tap.true(b'\x1b[K' in seen and not re.search(rb'[0-9]/[0-9]', seen), seen[:400])
        code, seen = on_terminal(folder, '-q', *names, stdout='out')
        tap.true(b'\x1b[K' not in seen, seen[:400])
        code, seen = on_terminal(folder, *names)            # both: each result still stands on a line of its own
        lines = [line.rsplit(b'\x1b[K', 1)[-1] for line in seen.replace(b'\r\n', b'\n').split(b'\n')]
        tap.equal(sum(parses(line) for line in lines), len(names))


@tap.case('--summary counts every verdict, those of earlier runs too')
def _():
    with tap.scratch() as folder:
        names = fill(folder, 4)
        result = verify(folder, '--summary', *names, env={'LANG': 'en_US.UTF-8', 'LC_ALL': None})
        tap.equal(sorted(int(word) for word in result.err.decode().split() if word.isdigit()), [0, 4, 4, 4, 8], result)
        resume(folder, *names, code=1, lines=len(names))
        err = resume(folder, *names, code=1, lines=0, options=['--summary']).decode()
        tap.equal(sorted(int(word) for word in err.split() if word.isdigit()), [0, 4, 4, 4, 8, len(names)], err)


tap.main()
