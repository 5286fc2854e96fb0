"""Where PINs come from, what becomes of them, and that a token never sees more than one try."""

import os
import re
import signal

import faults
import kyso
import paths
import pki
import softhsm
import tap
from terminals import Terminal

PDF = paths.TESTDATA / 'cong-van.plain.pdf'
PIN = b'1234'           # of the faulty module: P-256, three tries, self-signed certificate "Faulty"


def arguments(folder, source, *more, output='out.pdf'):
    return ['sign', '--module', faults.faulty(), '--unchecked', '--pin-source', source, '--lang', 'en', '-o', folder / output, *more, PDF]


def sign(folder, source, *more, env=None, **how):
    result = kyso.run(*arguments(folder, source, *more), env=env, **how)
    tap.true(b'1234' not in result.out + result.err and b'87654321' not in result.out + result.err, 'the PIN is shown', result)
    tap.equal((folder / 'out.pdf').exists(), result.code == 0 and '--dry-run' not in more, result)
    return result


# what stands in the source, exit code, what is said
CONTENTS = [
    ('the PIN', PIN, 0, b''),
    ('the PIN and a newline', PIN + b'\n', 0, b''),
    ('two newlines: one is dropped', PIN + b'\n\n', 5, b'wrong PIN'),
    ('a carriage return is part of it', PIN + b'\r\n', 5, b'wrong PIN'),
    ('a wrong one', b'87654321', 5, b'wrong PIN'),
    ('empty', b'', 5, b'nothing there'),
    ('a newline alone', b'\n', 5, b'nothing there'),
    ('a NUL behind it', PIN + b'\0', 5, b'NUL'),
    ('a NUL within', b'12\0' + b'34', 5, b'NUL'),
    ('longer than any PIN', b'87654321' * 100, 5, b'longer than any PIN'),
    ('a file without end', None, 5, b'longer than any PIN'),
]


@tap.table([(f'file: {name}', *row) for name, *row in CONTENTS])
def _(name, given, code, said):
    with tap.scratch() as folder:
        source = '/dev/zero'
        if given is not None:
            source = folder / 'pin'
            source.touch(0o600)
            source.write_bytes(given)
        result = sign(folder, f'file:{source}')
        tap.equal(result.code, code, result)
        tap.true(said in result.err, result)


@tap.table([(f'fd: {name}', *row) for name, *row in CONTENTS if row[0] is not None])
def _(name, given, code, said):
    with tap.scratch() as folder:
        result = sign(folder, 'fd:0', stdin=given)
        tap.equal(result.code, code, result)
        tap.true(said in result.err, result)


@tap.table([(f'env: {name}', *row) for name, *row in CONTENTS if row[0] is not None and b'\0' not in row[0]])
def _(name, given, code, said):
    with tap.scratch() as folder:
        result = sign(folder, 'env:THE_PIN', env={'THE_PIN': given.decode()})
        tap.equal(result.code, code, result)
        tap.true(said in result.err, result)


@tap.table([
    ('a variable that is not there', 'env:NO_SUCH_VARIABLE', b'nothing there'),
    ('a file that is not there', 'file:/nowhere/pin', b'No such file'),
    ('a folder', 'file:/tmp', b'others may read it|Is a directory'),
    ('a descriptor that is not open', 'fd:99', b'Bad file descriptor'),
])
def _(name, source, said):
    with tap.scratch() as folder:
        result = sign(folder, source)
        tap.equal(result.code, 5, result)
        tap.true(any(part in result.err for part in said.split(b'|')), result)


@tap.table([(f'{mode:04o}', mode, code) for mode, code in
            [(0o600, 0), (0o400, 0), (0o700, 0), (0o640, 5), (0o604, 5), (0o620, 5), (0o660, 5), (0o601, 5), (0o644, 5)]])
def _(name, mode, code):
    with tap.scratch() as folder:
        (folder / 'pin').write_bytes(PIN)
        (folder / 'pin').chmod(mode)
        result = sign(folder, f'file:{folder / "pin"}')
        tap.equal(result.code, code, result)
        tap.true((b'chmod 600' in result.err) == (code == 5), result)


@tap.case('a source that gives nothing is told once, and is no cancelling')
def _():
    with tap.scratch() as folder:
        result = sign(folder, 'env:NO_SUCH_VARIABLE')
        tap.equal(result.err.count(b'\n'), 1, result)
        result = kyso.run('sign', '--key', pki.get().file('signer.p12'), '--pin-source', 'env:NO_SUCH_VARIABLE', PDF)
        tap.equal((result.code, result.err.count(b'\n')), (5, 1), result)


@tap.case('a wrong pass phrase of a .p12 file: exit 5, and it is called so')
def _():
    with tap.scratch() as folder:
        result = kyso.run('sign', '--key', pki.get().file('signer.p12'), '--pin-source', 'env:WORD', '-o', folder / 'x', PDF,
                          '--lang', 'en', env={'WORD': 'not it at all'})
        tap.equal(result.code, 5, result)
        tap.true(b'wrong pass phrase' in result.err and b'not it at all' not in result.err, result)


# --- tries ---

@tap.case('a wrong PIN stops a batch: one try, the rest is not touched')
def _():
    with tap.scratch() as folder:
        token = softhsm.token(folder)
        for name in ('a.pdf', 'b.pdf'):
            (folder / name).write_bytes(PDF.read_bytes())
        result = kyso.run('sign', '--module', token.module, '--pin-source', 'env:WORD', '--lang', 'en', 'a.pdf', 'b.pdf', cwd=folder,
                          env={**token.env, 'WORD': '87654321'})
        tap.equal(result.code, 5, result)
        tap.equal(result.err.count(b'wrong PIN'), 1, result)
        tap.equal(sorted(path.name for path in folder.glob('*.pdf')), ['a.pdf', 'b.pdf'])


@tap.table([
    ('the last try is refused', 'final-try', [], b'one more wrong PIN would lock', 5),
    ('the last try, when asked for', 'final-try', ['--allow-final-try'], b'', 0),
    ('a locked PIN is not tried', 'locked', ['--allow-final-try'], b'locked', 5),
])
def _(name, fault, more, said, code):
    with tap.scratch() as folder:
        result = sign(folder, 'env:WORD', *more, env={'WORD': PIN.decode(), 'FAULT': fault})
        tap.equal(result.code, code, result)
        tap.true(said in result.err, result)


# --- terminal ---

def at_prompt(folder, *more, env=None):
    terminal = Terminal([kyso.program(), *arguments(folder, 'prompt', *more)], env)
    terminal.wait_for(b'PIN of token')
    tap.true(not terminal.echo(), 'no echo while the PIN is asked')
    return terminal


# keys, exit code, what is said
@tap.table([
    ('typed: the PIN', b'1234\n', 0, b''),
    ('typed: carriage return', b'1234\r', 0, b''),
    ('typed: with a mistake mended', b'12x\x7f34\n', 0, b''),
    ('typed: begun anew with Ctrl-U', b'xyz\x151234\n', 0, b''),
    ('typed: a wrong one', b'87654321\n', 5, b'wrong PIN'),
    ('typed: nothing', b'\n', 7, b'cancelled'),
    ('typed: Ctrl-C', b'12\x03', 7, b'cancelled'),
    ('typed: Ctrl-D', b'\x04', 7, b'cancelled'),
    ('typed: an arrow key', b'12\x1b[A34\n', 7, b'cancelled'),
    ('typed: too much', b'87654321' * 40 + b'\n', 5, b'longer than any PIN'),
])
def _(name, keys, code, said):
    with tap.scratch() as folder:
        terminal = at_prompt(folder)
        terminal.type(keys)
        tap.equal(terminal.end(), code, terminal.seen)
        tap.true(said in terminal.seen, terminal.seen)
        tap.true(b'1234' not in terminal.seen and b'8765' not in terminal.seen, 'the PIN is on the screen', terminal.seen)


@tap.table([
    ('the echo is back after Ctrl-C', lambda terminal, child: terminal.type(b'\x03')),
    ('the echo is back after SIGTERM', lambda terminal, child: os.kill(child, signal.SIGTERM)),
    ('the echo is back after SIGHUP', lambda terminal, child: os.kill(child, signal.SIGHUP)),
])
def _(name, stop):
    with tap.scratch() as folder:
        # A shell around kyso, so that somebody is left to look at the terminal.
        script = '"$@" & echo child $!; wait $!; echo code $?; stty -a; read wait'
        terminal = Terminal(['/bin/sh', '-c', script, 'sh', kyso.program(), *arguments(folder, 'prompt')])
        terminal.wait_for(b'PIN of token')
        tap.true(not terminal.echo())
        stop(terminal, int(re.search(rb'child (\d+)', terminal.seen)[1]))
        terminal.wait_for(b'code 7')
        terminal.wait_for(b'isig icanon')
        terminal.wait_for(b' echo ')
        tap.true(b'-isig' not in terminal.seen and b'-echo ' not in terminal.seen, terminal.seen)
        terminal.type(b'\n')
        tap.equal(terminal.end(), 0)


@tap.case('a low PIN and the last try are told at the prompt')
def _():
    with tap.scratch() as folder:
        terminal = at_prompt(folder, '--allow-final-try', env={'FAULT': 'final-try'})
        tap.true(b'THIS IS THE LAST TRY' in terminal.seen, terminal.seen)
        terminal.type(b'\x03')
        tap.equal(terminal.end(), 7)


@tap.case('no terminal: exit 5, and what to do')
def _():
    with tap.scratch() as folder:
        result = kyso.run_program(['setsid', '-w', kyso.program(), *arguments(folder, 'prompt')])
        tap.equal(result.code, 5, result)
        tap.true(b'--pin-source' in result.err, result)


@tap.case('a PIN pad asks for itself')
def _():
    with tap.scratch() as folder:
        result = sign(folder, 'prompt', env={'FAULT': 'pin-pad'})
        tap.equal(result.code, 0, result)
        tap.true(b'reader of token' in result.err, result)


tap.main()
