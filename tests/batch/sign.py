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


tap.main()
