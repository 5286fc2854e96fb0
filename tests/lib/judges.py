"""What independent programs say of signed files (suite `judge`)."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time

import paths
import pki
import tap


CACHE = pathlib.Path(os.environ.get('JUDGE_CACHE') or pathlib.Path.home() / '.cache/libsign-judge')


def folder():
    """Where the judges are; the case is skipped where they are absent or not installed."""
    found = paths.judge()
    if not (CACHE / 'dss.stamp').exists():
        tap.skip(f'the judges are not installed (run {found}/install)')
    return found


def samples():
    """Start of a command that signs with pyHanko or signxml: see samples.py beside the judges."""
    return [CACHE / 'venv/bin/python', folder() / 'samples.py']


@contextlib.contextmanager
def timestamps(folder):
    """URL of a time-stamping authority on the loopback, as long as the block lasts; it writes `url` in the folder."""
    url, made = folder / 'url', pki.get()
    url.unlink(missing_ok=True)
    server = subprocess.Popen([*samples(), 'tsa', made.file('tsa.pem'), made.file('tsa.key'), made.file('tsa.chain'), url],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if url.exists() and url.read_text().endswith('/'):
                break
            time.sleep(0.1)
        yield url.read_text()
    finally:
        server.terminate()
        server.wait()


def say(files, *options):
    """Runs the judges over the files. Returns (exit code, [verdict object, ...]), as judge --json prints them."""
    done = subprocess.run([folder() / 'judge', '--json', *options, *files], capture_output=True, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def accept(files, *options):
    """Every judge that understands the file must have found it good; returns the verdicts."""
    code, verdicts = say(files, *options)
    bad = [verdict for verdict in verdicts if verdict['ok'] is False or verdict['error']]
    tap.true(code == 0 and verdicts and not bad, f'judge: exit {code}', *(json.dumps(row, indent=1) for row in bad or verdicts))
    return verdicts


def needs(program):
    """Path of a program that only these tests use; the case is skipped without it."""
    return shutil.which(program) or tap.skip(f'{program} is not installed')
