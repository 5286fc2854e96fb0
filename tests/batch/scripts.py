"""The scripts of docs/batch.md, as they stand there."""

import json
import os
import re
import shutil
import subprocess

import common
import kyso
import paths
import pki
import tap

PAGE = (paths.SOURCE / 'docs/batch.md').read_text(encoding='utf-8')
SCRIPTS = dict(re.findall(r'<!-- script: ([a-z-]+) -->\n```sh\n(.*?)```', PAGE, re.DOTALL))


def needs(*programs):
    for program in programs:
        if not shutil.which(program):
            tap.skip(f'{program} is not installed')


def script(folder, name):
    path = folder / name
    path.write_text(SCRIPTS[name], encoding='utf-8')
    path.chmod(0o755)
    return path


def run(folder, name, *arguments, env=None):
    """A script of the page, with kyso where a shell finds it."""
    (folder / 'bin').mkdir(exist_ok=True)
    if not (folder / 'bin/kyso').exists():
        (folder / 'bin/kyso').symlink_to(kyso.program())
    surroundings = {**common.ENV, 'PATH': f'{folder / "bin"}:{os.environ["PATH"]}', 'HOME': str(folder), **(env or {})}
    return subprocess.run([script(folder, name), *map(str, arguments)], cwd=folder, env=surroundings, capture_output=True, check=False)


def archive(folder, number=12):
    """Good, failed and unsigned documents below folder/archive."""
    contents = [common.signed(), common.signed(), common.tampered(), common.PLAIN.read_bytes(), b'%PDF-1.7 and no more']
    (folder / 'archive/sub folder').mkdir(parents=True)
    names = []
    for i in range(number):
        path = folder / 'archive' / ('sub folder' if i % 2 else '.') / (f'{i:03}.pdf' if i else 'a\nb.pdf')
        path.write_bytes(contents[i % len(contents)])
        names.append(path)
    return names


def rows(path):
    return [row for row in map(json.loads, path.read_text(encoding='utf-8').splitlines()) if 'file' in row]


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
