"""kyso sign over many: one login, what a second run does, what stops a batch."""

import json
import os
import shutil
import signal
import subprocess
import time

import common
import faults
import kyso
import paths
import pki
import softhsm
import tap


def fill(folder, number):
    names = [f'{i:03}.pdf' for i in range(number)]
    for name in names:
        shutil.copy(common.PLAIN, folder / name)
    return names


def sign(folder, *arguments, **how):
    return kyso.run('sign', '--json', *pki.get().p12(), *arguments, cwd=folder, **how)


def statuses(result):
    counts = {}
    for row in result.json:
        counts[row['status']] = counts.get(row['status'], 0) + 1
    return counts


def all_pass(folder, names):
    result = kyso.run('verify', '--json', *pki.get().trust, *names, cwd=folder)
    tap.equal((result.code, len(result.json)), (0, len(names)), result)
    tap.true(all(len(row['signatures']) == 1 for row in result.json), result)


@tap.case('a second run leaves what is signed, signs what is not; --again signs all once more')
def _():
    for how in ([], ['--in-place'], ['--suffix', '-da-ky']):
        with tap.scratch() as folder:
            names = fill(folder, 9)
            outs = names if how == ['--in-place'] else [name.replace('.pdf', ('-da-ky' if how else '.signed') + '.pdf') for name in names]
            tap.equal(statuses(sign(folder, *how, *names[:5])), {'signed': 5})
            second = sign(folder, *how, *names)
            tap.equal((statuses(second), second.code), ({'skipped': 5, 'signed': 4}, 0), second)
            all_pass(folder, outs)
            again = sign(folder, *how, '--again', '--force', *names)
            tap.equal((statuses(again), again.code), ({'signed': 9}, 0), again)
            result = kyso.run('verify', '--json', *pki.get().trust, *outs, cwd=folder)
            tap.equal({len(row['signatures']) for row in result.json}, {2 if how == ['--in-place'] else 1}, result)


@tap.case('an output made from another document than the input is now is not "signed already"')
def _():
    with tap.scratch() as folder:
        shutil.copy(common.PLAIN, folder / 'a.pdf')
        shutil.copy(paths.TESTDATA / 'invoice.xml', folder / 'b.xml')
        fill(folder, 1)
        tap.equal(statuses(sign(folder, 'a.pdf', 'b.xml')), {'signed': 2})
        tap.equal(statuses(sign(folder, 'a.pdf', 'b.xml')), {'skipped': 2})
        shutil.copy(paths.TESTDATA / 'cong-van.cairo.pdf', folder / 'a.pdf')
        (folder / 'b.xml').write_bytes((folder / 'b.xml').read_bytes().replace(b'<SHDon>', b'<SHDon>9', 1))
        before = (folder / 'a.signed.pdf').read_bytes()
        result = sign(folder, 'a.pdf', 'b.xml', '000.pdf')
        tap.equal((statuses(result), result.code), ({'error': 2, 'signed': 1}, 4), result)
        tap.equal([row['error'] for row in result.json], ['EXISTS', 'EXISTS', None], result)
        tap.equal((folder / 'a.signed.pdf').read_bytes(), before)


@tap.case('a document whose signature of this key is broken is not "signed already"')
def _():
    with tap.scratch() as folder:
        (folder / 'broken.pdf').write_bytes(common.tampered())
        (folder / 'whole.pdf').write_bytes(common.signed())
        result = sign(folder, '--in-place', 'broken.pdf', 'whole.pdf')
        tap.true(result.json[0]['status'] != 'skipped' and result.json[1]['status'] == 'skipped', result)
        # Nor is the output that was made from what the input still is, and was changed since.
        fill(folder, 1)
        tap.equal(statuses(sign(folder, '000.pdf')), {'signed': 1})
        made = bytearray((folder / '000.signed.pdf').read_bytes())
        at = made.rindex(b'/Contents') + 200
        made[at:at + 2] = b'00' if made[at:at + 2] != b'00' else b'11'
        (folder / '000.signed.pdf').write_bytes(made)
        result = sign(folder, '000.pdf')
        tap.equal((statuses(result), result.json[0]['error'], result.code), ({'error': 1}, 'EXISTS', 4), result)


@tap.case('one login, one PIN for all; each signed file is whole')
def _():
    with tap.scratch() as folder:
        token = softhsm.token(folder)
        names = fill(folder, 40)
        reader, writer = os.pipe()
        os.write(writer, token.pin.read_bytes())
        os.close(writer)                # the PIN can be had once
        process = subprocess.Popen([str(part) for part in (kyso.program(), 'sign', '--json', '--unchecked', '--module', token.module,
                                    '--key', token.uri(), '--pin-source', f'fd:{reader}', *names)], pass_fds=[reader], cwd=folder,
                                   env={**common.ENV, **{name: str(value) for name, value in token.env.items()}}, stdout=subprocess.PIPE)
        os.close(reader)
        out = process.communicate(timeout=120)[0]
        tap.equal((process.returncode, out.count(b'"signed"')), (0, 40), out)
        all_pass(folder, [name.replace('.pdf', '.signed.pdf') for name in names])


@tap.case('a token that fails stops the batch: exit 5, every file is named, none is half there')
def _():
    for workers in (1, 8):
        with tap.scratch() as folder:
            names = fill(folder, 300)
            result = kyso.run('sign', '--json', '--unchecked', '--module', faults.faulty(), '--pin-source', 'env:WORD', '-j', workers, *names,
                              cwd=folder, env={'FAULT': 'sign-removed', 'WORD': '1234'})
            counts = statuses(result)
            tap.equal((result.code, sum(counts.values()), counts.get('signed', 0)), (5, 300, 0), counts, result.err)
            tap.true(1 <= counts['error'] <= workers, counts)
            tap.equal(sorted(row['file'] for row in result.json), names)
            tap.equal(sorted(os.listdir(folder)), names)


@tap.case('Ctrl-C: documents at hand are finished, the rest is named, exit 7; a second run completes')
def _():
    for workers in (1, 4):
        with tap.scratch() as folder:
            names = fill(folder, 400)
            (folder / 'list').write_text('\n'.join(names) + '\n')
            process = subprocess.Popen([str(part) for part in (kyso.program(), 'sign', '--json', *pki.get().p12(), '-j', workers,
                                        '--files-from', 'list')], cwd=folder, env=common.ENV, stdout=subprocess.PIPE)
            first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            rows = [json.loads(line) for line in (first + process.stdout.read()).splitlines()]
            tap.equal((process.wait(60), len(rows)), (7, 400))
            signed = {row['output'] for row in rows if row['status'] == 'signed'}
            tap.equal({row['status'] for row in rows}, {'signed', 'not-tried'})
            tap.equal({name for name in os.listdir(folder) if name.endswith('.signed.pdf')}, signed)
            second = sign(folder, *names)
            tap.equal((statuses(second), second.code), ({'skipped': len(signed), 'signed': 400 - len(signed)}, 0), second)


@tap.case('Ctrl-C: what waits behind the documents at hand is not begun')
def _():
    with tap.scratch() as folder:
        names = fill(folder, 3)
        for pipe in ('p', 'q'):
            os.mkfifo(folder / pipe)
        process = subprocess.Popen([str(part) for part in (kyso.program(), 'sign', '--json', *pki.get().p12(), '-j', 2, 'p', 'q', *names)],
                                   cwd=folder, env=common.ENV, stdout=subprocess.PIPE)
        time.sleep(1)           # both workers wait for a document that does not come
        process.send_signal(signal.SIGINT)
        rows = [json.loads(line) for line in process.communicate(timeout=20)[0].splitlines()]
        tap.equal([(row['file'], row['status']) for row in rows], [(name, 'not-tried') for name in ('p', 'q', *names)])
        tap.equal((process.returncode, sorted(os.listdir(folder))), (7, [*names, 'p', 'q']))


@tap.case('Ctrl-C amid a name: half of it is no name, not even of what was not tried')
def _():
    for workers in (1, 4):
        with tap.scratch() as folder:
            fill(folder, 2)
            process = subprocess.Popen([str(part) for part in (kyso.program(), 'sign', '--json', *pki.get().p12(), '-j', workers,
                                        '--files-from', '-')], cwd=folder, env=common.ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            process.stdin.write(b'000.pdf\n001.pdf')       # no end: it may be 001.pdf.old
            process.stdin.flush()
            first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            tap.equal((json.loads(first)['status'], rest, process.wait(20)), ('signed', b'', 7))


def big(path, megabytes):
    """A document that takes long: of many small elements, or of pictures."""
    if path.suffix == '.pdf':
        subprocess.run([paths.TESTDATA / 'make-pdf', '--size', str(megabytes << 20), path], check=True)
        return
    with open(path, 'wb') as to:
        to.write(b'<a>' + b'<b><c/></b>' * ((megabytes << 20) // 11) + b'</a>')


@tap.case('two runs in place over one folder: every signature that was told of is there')
def _():
    with tap.scratch() as folder:
        for i in range(30):
            shutil.copy(common.PLAIN, folder / f'{i}.pdf')
        command = [kyso.program(), 'sign', '--json', '--in-place', '-r', '.', *map(str, pki.get().p12())]
        runs = [subprocess.Popen(command, cwd=folder, env=common.ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                for _ in range(2)]
        told = sum(run.communicate(timeout=120)[0].count(b'"status":"signed"') for run in runs)
        rows = kyso.verify(pki.get(), '-r', folder).json
        tap.equal((len(rows), {row['verdict'] for row in rows}), (30, {'TOTAL-PASSED'}))
        tap.equal(told, sum(len(row['signatures']) for row in rows))


@tap.case('a file named twice, or by two names: signed once, then skipped, with any number of workers')
def _():
    for how in ([], ['--in-place']):
        for workers in (1, 8):
            with tap.scratch() as folder:
                names = fill(folder, 12)
                twice = [named for name in names for named in (name, './' + name)]
                result = sign(folder, *how, '-j', workers, *twice)
                tap.equal((statuses(result), result.code), ({'signed': 12, 'skipped': 12}, 0), result)
                tap.equal([row['file'] for row in result.json], twice)
                all_pass(folder, names if how else [name.replace('.pdf', '.signed.pdf') for name in names])


@tap.case('a field that a document has not is that document\'s error; an option that no document could meet is wrong use; others are signed')
def _():
    for arguments, code, error, bad in ((['--field', 'Form.Signature'], 4, 'NOTFOUND', ['000.pdf', '001.pdf']),
                                        (['--xml-place', '/a['], 64, 'ARG', ['a.xml', 'b.xml'])):
        with tap.scratch() as folder:
            names = [*fill(folder, 2), 'a.xml', 'b.xml']
            for name in names[2:]:
                shutil.copy(paths.TESTDATA / 'invoice.xml', folder / name)
            for order in (names, names[::-1]):
                result = sign(folder, '-j', 1, '--again', '--force', *arguments, *order)
                tap.equal((result.code, statuses(result)), (code, {'error': 2, 'signed': 2}), result)
                tap.equal({row['file']: row['error'] for row in result.json if row['error']}, {name: error for name in bad}, result)
            alone = sign(folder, *arguments, '-o', 'out', bad[0])
            tap.equal((alone.code, alone.json[0]['error'], (folder / 'out').exists()), (code, error, False), alone)


@tap.case('a document that memory does not suffice for is one error, exit 70; those behind it are signed')
def _():
    if kyso.sanitized():
        tap.skip('AddressSanitizer needs an address space of its own')
    with tap.scratch() as folder:
        names = fill(folder, 2)
        big(folder / 'big.pdf', 7)          # held in memory whole
        for megabytes in range(6, 400):
            def limited(*files):
                return kyso.run_program(['prlimit', f'--as={megabytes << 20}', kyso.program(), 'sign', '--json', '-j', 1, '--again', '--force',
                                         *pki.get().p12(), *files], cwd=folder)
            if limited(*names).code == 0:
                break
        result = limited(names[0], 'big.pdf', names[1])
        tap.equal([(row['status'], row['error']) for row in result.json], [('signed', None), ('error', 'NOMEM'), ('signed', None)], result)
        tap.equal(result.code, 70, result)


@tap.case('ulimit -f: what does not fit is an error of that file, nothing of it stays, and the others are signed')
def _():
    for how in ([], ['--in-place']):
        with tap.scratch() as folder:
            shutil.copy(paths.TESTDATA / 'invoice.xml', folder / 'small.xml')
            names = fill(folder, 4)
            before = (folder / names[0]).read_bytes()
            most = (folder / 'small.xml').stat().st_size + 20000
            tap.true(most < len(before))
            result = kyso.run_program(['prlimit', f'--fsize={most}', kyso.program(), 'sign', '--json', *pki.get().p12(), *how,
                                       *names, 'small.xml'], cwd=folder)
            tap.equal((statuses(result), result.code), ({'error': 4, 'signed': 1}, 4), result)
            tap.equal({(folder / name).read_bytes() for name in names}, {before})
            tap.equal(sorted(os.listdir(folder)), sorted([*names, 'small.xml', *([] if how else ['small.signed.xml'])]))


@tap.case('--in-place: a signed document whose bytes could not be read once is not signed a second time')
def _():
    if not shutil.which('strace'):
        tap.skip('strace is not installed')
    with tap.scratch() as folder:
        names = ['big.pdf', *fill(folder, 1)]
        big(folder / 'big.pdf', 12)         # not held in memory
        tap.equal(statuses(sign(folder, '--in-place', *names)), {'signed': 2})
        before = (folder / 'big.pdf').read_bytes()
        failed = 0
        for number in range(10, 30, 3):
            result = kyso.run_program(['strace', '-f', '-qq', '-o', folder / 'log', '-e', f'inject=pread64:error=EIO:when={number}',
                                       kyso.program(), 'sign', '--json', '-j', 1, *pki.get().p12(), '--in-place', *names], cwd=folder)
            if b'trace' in result.err.lower():
                tap.skip('strace may not trace here')
            failed += 'INJECTED' in (folder / 'log').read_text()
            tap.true('signed' not in statuses(result), result)
            tap.true((folder / 'big.pdf').read_bytes() == before, result)
        tap.true(failed > 0)


def gone():
    """The number of a process that is no more."""
    process = subprocess.Popen(['true'])
    process.wait()
    return process.pid


@tap.case('where new files have names while they are written (no O_TMPFILE, no /proc), the next run removes what a killed one left')
def _():
    if not shutil.which('strace'):
        tap.skip('strace is not installed')
    with tap.scratch() as folder:
        names = fill(folder, 2)
        left = folder / f'.000.signed.pdf.kyso-{gone()}-0123456789abcdef.tmp'
        left.write_bytes(b'half')
        result = kyso.run_program(['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=?access,?faccessat:error=ENOENT', kyso.program(),
                                   'sign', '--json', *pki.get().p12(), *names], cwd=folder)
        if b'trace' in result.err.lower():
            tap.skip('strace may not trace here')
        tap.equal(statuses(result), {'signed': 2}, result)
        tap.true(not left.exists())


@tap.case('--timeout: a document that takes too long is one error, nothing is written for it, the others are signed')
def _():
    for name in ('slow.pdf', 'slow.xml'):
        with tap.scratch() as folder:
            names = fill(folder, 3)
            big(folder / name, 150)
            for how in ([], ['--again']):
                result = sign(folder, '--timeout', 0.05, '--force', *how, names[0], name, *names[1:])
                tap.equal([(row['file'], row['error']) for row in result.json if row['status'] != 'signed'], [(name, 'TIMEOUT')], result)
                tap.equal((result.code, sorted(path.name for path in folder.iterdir() if '.signed' in path.name)),
                          (4, [other.replace('.pdf', '.signed.pdf') for other in names]), result)
            alone = sign(folder, '--timeout', 0.05, '-o', 'out', name)
            tap.equal((alone.code, alone.json[0]['error'], (folder / 'out').exists()), (4, 'TIMEOUT', False), alone)
            tap.equal(sign(folder, '--timeout', 'soon', '-o', 'out', name).code, 64)


def cancelled(folder, name, pause):
    """Ctrl-C so long after the pass phrase was given, or before: then the work begins with the wish to stop."""
    reader, writer = os.pipe()
    process = subprocess.Popen([str(part) for part in (kyso.program(), 'sign', '--json', '--unchecked', '--key', pki.get().file('signer.p12'),
                                '--pin-source', f'fd:{reader}', '-o', folder / 'out', name)], pass_fds=[reader], cwd=folder,
                               env=common.ENV, stdout=subprocess.PIPE)
    os.close(reader)
    time.sleep(0.3)
    if pause is None:
        process.send_signal(signal.SIGINT)
    os.write(writer, pki.get().file('p12.password').read_bytes())
    os.close(writer)
    if pause is not None:
        time.sleep(pause)
        process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    out = process.communicate(timeout=60)[0]
    tap.equal((process.returncode, json.loads(out)['error'], os.listdir(folder)), (7, 'CANCELLED', [name]), out)
    return time.monotonic() - begun


@tap.case('Ctrl-C while one large document is signed: soon, exit 7, no output')
def _():
    with tap.scratch() as folder:
        big(folder / 'slow.pdf', 40)
        cancelled(folder, 'slow.pdf', None)
    with tap.scratch() as folder:
        big(folder / 'slow.xml', 100)
        cancelled(folder, 'slow.xml', None)
        seconds = sign(folder, '--dry-run', 'slow.xml').seconds
        took = cancelled(folder, 'slow.xml', seconds / 8)
        tap.note(f'100 MB of XML: {seconds:.2f} s to be checked alone, ended {took:.3f} s after the signal')
        tap.true(took < seconds / 2, took, seconds)


tap.main()
