"""kyso as a process: its descriptors, its memory, signals, and what it does when nobody takes its output."""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import stat
import subprocess
import time

import faults
import kyso
import locales
import paths
import pki
import tap

PDF, XML = paths.TESTDATA / 'cong-van.plain.pdf', paths.TESTDATA / 'invoice-message.xml'
ENV = {**os.environ, 'LC_ALL': 'C.UTF-8'}


def start(*arguments, **how):
    return subprocess.Popen([kyso.program(), *map(str, arguments)], env=how.pop('env', ENV), stdout=how.pop('stdout', subprocess.PIPE),
                            stderr=subprocess.PIPE, **how)


def start_unread(*arguments, **how):
    """With a standard output whose reader is gone, SIGPIPE ignored as many callers do."""
    reader, writer = os.pipe()
    os.close(reader)        # before it starts: it would be quicker on a busy machine
    try:
        return start(*arguments, stdout=writer, restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
                     **how)
    finally:
        os.close(writer)


def waits(pid):
    """Is it in read(2), of the PIN? Of a process that is not dumpable only root may know; others see whether it sleeps, and go on doing so."""
    try:
        return pathlib.Path(f'/proc/{pid}/syscall').read_text().split()[0] == '0'
    except PermissionError:
        states = set()
        for _ in range(10):
            states.add(pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0])
            time.sleep(0.03)
        return states == {'S'}


def waiting(folder, *arguments, **how):
    """kyso, waiting for a PIN that the caller writes into the descriptor returned."""
    reader, writer = os.pipe()
    process = start('sign', '--module', faults.faulty(), '--unchecked', '--pin-source', f'fd:{reader}', '-o', folder / 'out.pdf',
                    *arguments, PDF, pass_fds=[reader], **how)
    os.close(reader)
    end = time.monotonic() + 10
    while not waits(process.pid):
        tap.true(time.monotonic() < end, 'kyso does not come to ask for its PIN')
        time.sleep(0.01)
    return process, writer


def finish(process, writer, pin=b'1234'):
    os.write(writer, pin)
    os.close(writer)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@tap.case('no core dump, no debugger, no look at the environment')
def _():
    with tap.scratch() as folder:
        process, writer = waiting(folder, env={**ENV, 'SECRET': 'x'})
        limits = pathlib.Path(f'/proc/{process.pid}/limits').read_text()
        tap.true('Max core file size        0                    0 ' in limits, limits)
        # The files of a process that is not dumpable belong to root, and only root may read them.
        tap.equal(os.stat(f'/proc/{process.pid}/environ').st_uid, 0)
        tap.equal(os.stat(f'/proc/{process.pid}/mem').st_uid, 0)
        tap.equal(finish(process, writer)[0], 0)


@tap.case('of another user: not dumpable, and everything works')
def _():
    if os.getuid() != 0:
        tap.skip('only root can become another user')
    with tap.scratch() as folder:
        folder.chmod(0o777)
        (folder / 'pin').write_bytes(b'1234')
        os.chown(folder / 'pin', 65534, 65534)
        (folder / 'pin').chmod(0o600)
        as_nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', kyso.program()]
        if kyso.run_program([*as_nobody, '--version']).code:
            tap.skip('the program cannot be run by another user here')
        shutil.copy(PDF, folder / 'a.pdf')
        os.chown(folder / 'a.pdf', 65534, 65534)
        key = ['--module', faults.faulty(), '--unchecked', '--pin-source', f'file:{folder / "pin"}']
        for more in (['-o', folder / 'new.pdf'], ['--in-place']):
            result = kyso.run_program([*as_nobody, 'sign', *key, *more, folder / 'a.pdf'])
            tap.equal(result.code, 0, result)
        tap.equal((folder / 'new.pdf').stat().st_uid, 65534)
        # Process substitution of a shell: /dev/fd/N leads through /proc/self, which is not this user's own any more.
        result = kyso.run_program([*as_nobody[:-1], '/bin/sh', '-c', 'cat new.pdf | "$@"', 'sh', kyso.program(), 'verify', '/dev/stdin'],
                                  cwd=folder)
        tap.equal(result.code, 2, result)


@tap.case('a PIN from the environment is wiped where the process started with it')
def _():
    with tap.scratch() as folder:
        if os.getuid() != 0:
            tap.skip('only root may look into a process that is not dumpable')
        process = start('sign', '--module', faults.faulty(), '--unchecked', '--pin-source', 'env:WORD', '--files-from', '-',
                        env={**ENV, 'WORD': '1234', 'OTHER': 'seen'}, stdin=subprocess.PIPE, cwd=folder)
        shutil.copy(PDF, folder / 'a.pdf')
        process.stdin.write(b'a.pdf\n')
        process.stdin.flush()
        end = time.monotonic() + 10
        while not (folder / 'a.signed.pdf').exists() and time.monotonic() < end:
            time.sleep(0.01)
        environ = pathlib.Path(f'/proc/{process.pid}/environ').read_bytes()
        process.stdin.close()
        tap.equal(process.wait(60), 0, process.stderr.read())
        tap.true(b'OTHER=seen' in environ and b'1234' not in environ, environ)


@tap.case('no secret in the arguments of a running kyso')
def _():
    with tap.scratch() as folder:
        process, writer = waiting(folder)
        command = pathlib.Path(f'/proc/{process.pid}/cmdline').read_bytes()
        code, out, err = finish(process, writer)
        tap.true(code == 0 and b'1234' not in command + out + err, err)


# --- standard descriptors ---

@tap.table([
    ('verify with standard output closed', ['verify'], '>&-', 4),
    ('verify with standard error closed', ['verify'], '2>&-', 0),
    ('verify with all closed', ['verify'], '<&- >&- 2>&-', 4),
    ('version with standard output closed', ['--version'], '>&-', 4),
    ('standard input closed and asked for', ['verify', '-'], '<&-', 4),
])
def _(name, arguments, redirection, code):
    with tap.scratch() as folder:
        done = kyso.run('sign', *pki.get().p12(), '-o', folder / 'a.pdf', PDF)
        tap.equal(done.code, 0, done)
        before = (folder / 'a.pdf').read_bytes()
        given = [] if '-' in arguments or arguments == ['--version'] else [*map(str, pki.get().trust), 'a.pdf']
        script = f'exec "$@" {redirection}'
        result = kyso.run_program(['/bin/sh', '-c', script, 'sh', kyso.program(), *arguments, *given], cwd=folder)
        tap.equal(result.code, code, result)
        tap.equal((folder / 'a.pdf').read_bytes(), before)


@tap.case('sign with standard output and error closed: the document holds no message')
def _():
    with tap.scratch() as folder:
        script = 'exec "$@" <&- >&- 2>&-'
        options = [*map(str, pki.get().p12()), '-v', '--json']
        result = kyso.run_program(['/bin/sh', '-c', script, 'sh', kyso.program(), 'sign', *options, '-o', 'out.pdf', PDF], cwd=folder)
        tap.equal(result.code, 4, result)           # its line of JSON reached nobody
        tap.equal(kyso.verify(pki.get(), folder / 'out.pdf').code, 0)


@tap.table([
    ('--help', ['--help']), ('--version', ['--version']), ('sign --help', ['sign', '--help']),
    ('verify, text', ['verify', XML]), ('verify, JSON', ['verify', '--json', XML]), ('sign -o -', None),
])
def _(name, arguments):
    arguments = arguments or ['sign', *pki.get().p12(), '-o', '-', PDF]
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([kyso.program(), *map(str, arguments)], stdout=full, stderr=subprocess.PIPE, env=ENV, timeout=60)
    tap.equal(done.returncode, 4, done.stderr)
    tap.true(b'No space left' in done.stderr or b'kh\xc3\xb4ng' in done.stderr, done.stderr)


@tap.case('a reader who goes away: not one more document is worked for, exit not 0')
def _():
    names = b'%s\n' % os.fsencode(XML) * 100000
    for ignored in (False, True):       # with SIGPIPE ignored, as under many service managers, it is EPIPE
        disposition = signal.SIG_IGN if ignored else signal.SIG_DFL
        process = start('verify', '--files-from', '-', stdin=subprocess.PIPE, restore_signals=False,
                        preexec_fn=lambda: signal.signal(signal.SIGPIPE, disposition))
        process.stdout.close()
        began = time.monotonic()
        try:
            process.stdin.write(names)
            process.stdin.close()
        except BrokenPipeError:
            pass
        code = process.wait(60)
        tap.equal(code, 4 if ignored else -signal.SIGPIPE, process.stderr.read())
        tap.true(time.monotonic() - began < 5)


@tap.case('a reader who goes away: the next document is not opened, be it verified, signed or passed over as signed')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        os.mkfifo(folder / 'pipe')          # who opens it waits
        key = list(map(str, pki.get().p12()))
        for command in (['verify'], ['sign', *key], ['sign', *key]):
            process = start_unread(*command, '--json', '-j', 1, 'a.pdf', 'pipe', cwd=folder)
            try:
                code = process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                code = 'it waits for the pipe'
            tap.equal(code, 4, command, process.stderr.read())
        tap.equal(kyso.verify(pki.get(), folder / 'a.signed.pdf').code, 0)


@tap.case('a reader who goes away while a list is awaited: that wait ends, too')
def _():
    for jobs in (1, 4):
        process = start_unread('verify', '-j', jobs, '--files-from', '-', stdin=subprocess.PIPE)
        process.stdin.write(b'%s\n' % os.fsencode(XML))
        process.stdin.flush()
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            code = 'it waits for ever'
            process.kill()
        tap.equal(code, 4, f'-j {jobs}')


# --- signals ---

@tap.case('Ctrl-C while a list is awaited: exit 7, and what was done is told')
def _():
    for number in (signal.SIGINT, signal.SIGTERM):
        process = start('verify', '--json', '--files-from', '-', stdin=subprocess.PIPE)
        process.stdin.write(b'%s\n' % os.fsencode(XML))
        process.stdin.flush()
        row = json.loads(process.stdout.readline())
        tap.equal(row['verdict'], 'NO-SIGNATURE')
        process.send_signal(number)
        tap.equal(process.wait(20), 7, process.stderr.read())
        process.stdin.close()


@tap.case('Ctrl-C amid many: whole lines, exit 7')
def _():
    with tap.scratch() as folder:
        (folder / 'list').write_bytes(b'%s\n' % os.fsencode(XML) * 200000)
        process = start('verify', '--json', '--files-from', folder / 'list')
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        tap.equal(process.wait(20), 7, process.stderr.read())
        lines = (first + rest).splitlines()
        tap.true(0 < len(lines) < 200000, len(lines))
        for line in lines:
            json.loads(line)


@tap.case('the second signal ends the program at once, whichever it is')
def _():
    with tap.scratch() as folder:
        with open(folder / 'slow.xml', 'wb') as slow:
            slow.write(b'<a>' + b'<b><c/></b>' * 30_000_000 + b'</a>')
        for first, second in ((signal.SIGINT, signal.SIGINT), (signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGHUP)):
            process = start('verify', folder / 'slow.xml')
            wait_for(process, lambda status, bit=1 << first - 1: int(re.search(r'SigCgt:\s*(\w+)', status)[1], 16) & bit)
            process.send_signal(first)
            wait_for(process, lambda status, bit=1 << second - 1: not int(re.search(r'ShdPnd:\s*(\w+)', status)[1], 16))
            process.send_signal(second)
            tap.equal(process.wait(60), -second, f'{first.name}, then {second.name}')


def wait_for(process, condition):
    end = time.monotonic() + 10
    while not condition(pathlib.Path(f'/proc/{process.pid}/status').read_text()):
        tap.true(time.monotonic() < end and process.poll() is None, 'kyso does not come so far')
        time.sleep(0.01)
    time.sleep(0.05)


@tap.case('Ctrl-C where it is ignored stays ignored')
def _():
    process = start('verify', '--files-from', '-', stdin=subprocess.PIPE, restore_signals=False,
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    process.stdin.write(b'%s\n' % os.fsencode(XML))
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.stdin.close()
    tap.equal(process.wait(20), 3)


# --- cost and surroundings ---

@tap.case('a comma for decimals changes nothing')
def _():
    env = locales.vietnamese()
    # glibc itself loses a copy of LOCPATH in newlocale, which p11-kit calls: no leak of ours, and no other case sets it.
    env['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
    with tap.scratch() as folder:
        done = kyso.run('sign', *pki.get().p12(), '-o', folder / 'a.pdf', PDF, env=env)
        tap.equal(done.code, 0, done)
        result = kyso.run('verify', '--timeout', '30.5', *pki.get().trust, folder / 'a.pdf', env=env)
        tap.equal(result.code, 0, result)
        tap.equal(kyso.run('verify', '--timeout', '30,5', folder / 'a.pdf', env=env).code, 64)


@tap.case('--version and --help read no file and start no thread; verify reads what it is told')
def _():
    if not shutil.which('strace'):
        tap.skip('strace is not installed')
    with tap.scratch() as folder:
        def calls(*arguments):
            done = subprocess.run(['strace', '-f', '-qq', '-e', 'trace=openat,open,clone,clone3,connect,socket,execve', '-o', folder / 'log',
                                   kyso.program(), *map(str, arguments)], env=ENV, capture_output=True)
            if b'ptrace' in done.stderr or b'PTRACE' in done.stderr:
                tap.skip('strace may not trace here')
            lines = (folder / 'log').read_text().splitlines()[1:]
            return [line for line in lines if '= -1' not in line and '.so' not in line and 'ld.so.cache' not in line]
        for arguments in (['--version'], ['--help'], ['sign', '--help']):
            tap.equal(calls(*arguments), [])
        opened = calls('verify', *pki.get().trust, XML)
        tap.true(not [line for line in opened if re.match(r'\d+ +(socket|connect|clone)', line)], *opened)
        given = [str(path) for path in pki.get().trust if not str(path).startswith('--')] + [str(XML)]
        others = [line for line in opened if not any(path in line for path in given) and 'openssl.cnf' not in line]
        tap.equal(others, [])


@tap.case('no progress line and no escape sequence where standard error is no terminal')
def _():
    result = kyso.run('verify', *[XML] * 500)
    tap.equal(result.err, b'')
    tap.true(b'\x1b' not in result.out and b'\r' not in result.out)


@tap.case('few descriptors are enough for many files')
def _():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with tap.scratch() as folder:
        (folder / 'list').write_bytes(b'%s\n' % os.fsencode(XML) * 2000)
        done = subprocess.run([kyso.program(), 'verify', '-j', '2', '--json', '--files-from', folder / 'list'], env=ENV, preexec_fn=few,
                              capture_output=True, timeout=60)
        tap.equal(done.returncode, 3, done.stderr)
        tap.equal(done.stdout.count(b'NO-SIGNATURE'), 2000)


@tap.case('no threads to be had: one document at a time')
def _():
    program = ['setpriv', '--reuid=65531', '--regid=65534', '--clear-groups'] if os.getuid() == 0 else []
    if not program or not shutil.which('prlimit') or kyso.run_program([*program, kyso.program(), '--version']).code:
        tap.skip('the program cannot be run as a user without processes here')
    env = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'}      # the detector wants a thread, too
    for limit in (1, 2, 3):
        result = kyso.run_program([*program, 'prlimit', f'--nproc={limit}', kyso.program(), 'verify', '--json', '-j', 4, *[XML] * 200], env=env)
        tap.equal((result.code, result.out.count(b'NO-SIGNATURE')), (3, 200), result)


@tap.case('little memory: results may be errors, and the exit code says so; no crash')
def _():
    if kyso.sanitized():
        tap.skip('a sanitizer needs an address space of its own')
    with tap.scratch() as folder:
        tap.equal(kyso.run('sign', *pki.get().p12(), '-o', folder / 'a.pdf', PDF).code, 0)
        for megabytes in range(56, 110, 5):
            def little():
                resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
            done = subprocess.run([kyso.program(), 'verify', '--json', '-j', '16', *map(str, pki.get().trust), *['a.pdf', XML] * 300],
                                  env=ENV, preexec_fn=little, capture_output=True, timeout=60, cwd=folder)
            tap.true(done.returncode in (3, 70, 127), f'{megabytes} MB: {done.returncode}', done.stderr[-400:])    # 127: the loader's


@tap.case('sixteen descriptors sign many files: fewer at a time')
def _():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    with tap.scratch() as folder:
        names = [f'{i}.pdf' for i in range(30)]
        for name in names:
            os.link(shutil.copy(PDF, folder / 'a') if name == '0.pdf' else folder / 'a', folder / name)
        for jobs in ([], ['-j', '64']):
            done = subprocess.run([kyso.program(), 'sign', '--json', '--force', '--again', *jobs, *map(str, pki.get().p12()), *names],
                                  env=ENV, preexec_fn=few, capture_output=True, timeout=60, cwd=folder)
            tap.equal((done.returncode, done.stdout.count(b'"status":"signed"')), (0, 30), done.stdout, done.stderr)


@tap.case('outputs have the mode that the umask says')
def _():
    with tap.scratch() as folder:
        for mask, mode in ((0o022, 0o644), (0o077, 0o600)):
            done = subprocess.run([kyso.program(), 'sign', *map(str, pki.get().p12()), '--force', '-o', folder / f'{mask}.pdf', PDF],
                                  env=ENV, preexec_fn=lambda: os.umask(mask), capture_output=True)
            tap.equal(done.returncode, 0, done.stderr)
            tap.equal(stat.S_IMODE((folder / f'{mask}.pdf').stat().st_mode), mode)


tap.main()
