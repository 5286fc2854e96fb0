"""Certificates for tests, by tools/pki."""

import datetime
import fcntl
import functools
import os
import pathlib
import shutil
import subprocess

import paths


class Pki:
    """A folder that tools/pki made; files are named there as `tools/pki --list` names leaves."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def file(self, name):
        return self.folder / name

    def p12(self, leaf='signer'):
        """Options that make kyso sign with that leaf's key from a file."""
        return ['--key', self.file(f'{leaf}.p12'), '--pin-source', f'file:{self.file("p12.password")}']

    @property
    def trust(self):
        """Options of verify: the root as anchor and fresh CRLs of all issuers. No intermediate certificates."""
        return ['--trust', self.file('root.pem'), '--crl', self.file('ca.crl'), '--crl', self.file('root.crl')]


def make(folder, *options):
    """A chain of one's own, where a test wants to spoil it."""
    subprocess.run([paths.TOOLS / 'pki', *options, folder], check=True)
    return Pki(folder)


@functools.lru_cache(maxsize=None)  # one chain a program, even over midnight
def get(bits=2048):
    """The shared chain with every leaf: made once a day in the build folder, for all tests, who must not change it.
    bits=None: sizes as on real tokens (seconds, the first time)."""
    base = paths.BUILD / 'test-pki'
    base.mkdir(parents=True, exist_ok=True)
    prefix = f'{bits or "real"}-'
    today = datetime.datetime.now(datetime.timezone.utc)  # CRLs age; yesterday's tests may still be running
    folder = base / f'{prefix}{today:%Y%m%d}'
    with open(base / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = base / 'new'
            shutil.rmtree(fresh, ignore_errors=True)
            make(fresh, '--all', '--keys', base / 'keys', *(['--bits', str(bits)] if bits else []))
            os.rename(fresh, folder)
            for old in sorted(base.glob(f'{prefix}*'))[:-2]:
                shutil.rmtree(old)
    return Pki(folder)
