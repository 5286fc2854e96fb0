"""The scripts of docs/batch.md, as they stand there."""

import json
import shutil
import subprocess

import common
import pki
import tap
from page import SCRIPTS, archive, needs, rows, script, surroundings


def run(folder, name, *arguments, env=None):
    return subprocess.run([script(folder, name), *map(str, arguments)], cwd=folder, env=surroundings(folder, env), capture_output=True,
                          check=False)


@tap.case('nightly: all, then what is new')
def _():
    with tap.scratch() as folder:
        names = archive(folder)
        results = folder / 'results.ndjson'
        first = run(folder, 'nightly', 'archive', results, *pki.get().trust)
        tap.equal((first.returncode, len(rows(results))), (1, len(names)), first)
        tap.true(b'TOTAL-FAILED' in first.stdout, first)
        (folder / 'archive/new.pdf').write_bytes(common.signed())
        tap.equal((run(folder, 'nightly', 'archive', results, *pki.get().trust).returncode, len(rows(results))), (1, len(names) + 1))


@tap.case('sign: a folder, twice')
def _():
    with tap.scratch() as folder:
        (folder / 'letters').mkdir()
        for i in range(6):
            shutil.copy(common.PLAIN, folder / f'letters/{i}.pdf')
        for status in ('signed', 'skipped'):
            result = run(folder, 'sign', 'letters', *pki.get().p12())
            tap.equal((result.returncode, [json.loads(line)['status'] for line in result.stdout.splitlines()]), (0, [status] * 6), result)


@tap.case('parallel: every name once, in parts')
def _():
    needs('parallel')
    with tap.scratch() as folder:
        names = archive(folder, 11)[1:]     # the first holds a line end
        (folder / 'list').write_text(''.join(f'{name}\n' for name in names))
        result = run(folder, 'parallel', 'list', 'out', *pki.get().trust, env={'PART': '3'})
        tap.equal(sorted(row['file'] for row in rows(folder / 'out')), sorted(map(str, names)), result)


@tap.case('parallel over several machines: every name once, each host gets parts')
def _():
    needs('parallel')
    with tap.scratch() as folder:
        names = archive(folder, 25)[1:]
        (folder / 'list').write_text(''.join(f'{name}\n' for name in names))
        # ssh [OPTION...] HOST COMMAND: notes the host, runs the command here, with SHELL set as sshd sets it at every login:
        # parallel's own program over there starts "$SHELL", which nothing sets where no one has logged in.
        stand_in = folder / 'ssh'
        stand_in.write_text('#!/bin/sh\nwhile case $1 in -*) true;; *) false;; esac; do shift; done\n'
                            f'echo "$1" >> {folder}/hosts\nshift\n[ "$1" != -- ] || shift\nPATH={folder}/bin:$PATH\nexport SHELL=/bin/sh\nexec sh -c "$*"\n')
        stand_in.chmod(0o755)
        result = run(folder, 'parallel', 'list', 'out', *pki.get().trust,
                     env={'PART': '3', 'HOSTS': '1/one,1/two,1/three', 'PARALLEL_SSH': str(stand_in)})
        tap.equal(sorted(row['file'] for row in rows(folder / 'out')), sorted(map(str, names)), result)
        tap.equal(set((folder / 'hosts').read_text().split()), {'one', 'two', 'three'}, result)


@tap.case('Slurm job array: every name once; a task started again adds nothing')
def _():
    needs('awk')
    with tap.scratch() as folder:
        names = archive(folder, 11)[1:]
        (folder / 'list').write_text(''.join(f'{name}\n' for name in names))
        for _ in range(2):
            for task in range(3):
                result = run(folder, 'slurm', 'list', folder, *pki.get().trust, env={'SLURM_ARRAY_TASK_ID': str(task),
                             'SLURM_ARRAY_TASK_COUNT': '3', 'SLURM_CPUS_PER_TASK': '2'})
                tap.equal(result.returncode, 0, result)
        found = sum((rows(folder / f'results.{task}.ndjson') for task in range(3)), [])
        # What could be opened is answered once; a damaged file too, since it was read.
        tap.equal(sorted(row['file'] for row in found), sorted(map(str, names)))


@tap.case('jq: counts and alerts')
def _():
    needs('jq')
    with tap.scratch() as folder:
        archive(folder)
        run(folder, 'nightly', 'archive', folder / 'r', *pki.get().trust)
        counts = dict(line.split('\t') for line in run(folder, 'jq-counts', 'r').stdout.decode().splitlines())
        tap.equal(counts, {'TOTAL-PASSED': '6', 'TOTAL-FAILED': '2', 'NO-SIGNATURE': '2', 'ERROR': '2'})
        alerts = run(folder, 'jq-alerts', 'r')
        tap.equal(sorted(line.split('\t')[0] for line in alerts.stdout.decode().splitlines()), ['ERROR'] * 2 + ['TOTAL-FAILED'] * 2, alerts)


@tap.case('SQLite: answers and signatures, loaded twice')
def _():
    needs('sqlite3')
    with tap.scratch() as folder:
        names = archive(folder)
        run(folder, 'nightly', 'archive', folder / 'r', *pki.get().trust)
        for _ in range(2):
            loaded = run(folder, 'sqlite', 'r', 'db')
            tap.equal((loaded.returncode, loaded.stderr), (0, b''), loaded)
        ask = lambda query: subprocess.run(['sqlite3', folder / 'db', query], capture_output=True, check=True).stdout.decode().split()
        tap.equal(ask('select count(*) from answer'), [str(len(names))])
        tap.equal(ask("select verdict || '=' || count(*) from signature group by verdict"), ['TOTAL-FAILED=2', 'TOTAL-PASSED=6'])


@tap.case('every script of the page is run here')
def _():
    tap.equal(sorted(SCRIPTS), ['jq-alerts', 'jq-counts', 'nightly', 'parallel', 'sign', 'slurm', 'sqlite'])


tap.main()
