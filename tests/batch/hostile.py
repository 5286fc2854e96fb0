"""Hostile documents of every kind among good ones, in one run: the good ones' results are the same as alone.
Usage: hostile.py [--corpus]: those of other producers too."""

import os
import shutil
import subprocess
import sys

import common
import kyso
import paths
import pki
import tap

EVERY = 5       # a good document behind so many others


def strangers(folder):
    """The documents of testdata/hostile, and, where it is, every file of the corpus. Names in the order of the run."""
    subprocess.run([paths.TESTDATA / 'hostile/make', pki.get().folder, folder / 'hostile'], check=True)
    found = [path for path in sorted((folder / 'hostile').rglob('*.*')) if path.is_file()]
    return found + (sorted(path for path in paths.corpus().rglob('*') if path.is_file()) if '--corpus' in sys.argv else [])


def good(folder):
    """Documents whose verdicts are known: passed, failed, unsigned, in both languages."""
    folder.mkdir()
    contents = {'good.pdf': common.signed(), 'tampered.pdf': common.tampered(), 'plain.pdf': common.PLAIN.read_bytes()}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    shutil.copy(paths.TESTDATA / 'invoice.xml', folder / 'in.xml')
    tap.equal(kyso.run('sign', *pki.get().p12(), '-o', folder / 'good.xml', folder / 'in.xml').code, 0)
    return sorted(folder.iterdir())


def verify(names, *options):
    result = kyso.run('verify', '--json', *pki.get().trust, *common.AT, '--timeout', 30, *options, '-0', '--files-from', '-',
                      stdin=b''.join(os.fsencode(name) + b'\0' for name in names), timeout=800)
    return result, {row['file']: row for row in result.json}


@tap.case('every hostile document among good ones: the good ones as alone, with any -j; all are answered in order')
def _():
    with tap.scratch() as folder:
        bad, fine = strangers(folder), good(folder / 'good')
        alone = {str(name): verify([name])[1][str(name)] for name in fine}
        mixed = []
        for i, name in enumerate(bad):
            mixed += [name] + ([fine[i // EVERY % len(fine)]] if i % EVERY == 0 else [])
        answers = []
        for options in (['-j', 2], ['-j', 8, '--unordered']):
            result, rows = verify(mixed, *options)
            tap.equal(len(result.json), len(mixed), result.err)
            tap.true('--unordered' in options or [row['file'] for row in result.json] == [str(name) for name in mixed])
            tap.equal({name: rows[name] for name in alone}, alone, options)
            tap.equal(result.code, 1, result.err[:2000])
            answers.append({name: row['verdict'] for name, row in rows.items() if (row['error'] or {}).get('code') != 'TIMEOUT'})
            tap.note(f'{" ".join(map(str, options))}: {len(mixed)} documents in {result.seconds:.1f} s, {result.peak_kb // 1024} MiB')
        for other in answers[1:]:
            tap.equal({name: verdict for name, verdict in other.items() if answers[0].get(name, verdict) != verdict}, {})


tap.main()
