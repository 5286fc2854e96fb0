"""Documents for the tests of many."""

import datetime
import functools
import os
import subprocess

import kyso
import paths
import pki
import tap

PLAIN = paths.TESTDATA / 'cong-van.plain.pdf'
# One moment for all runs that are compared: a report tells as of when it speaks.
AT = ['--at', datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')]
ENV = {**os.environ, 'LC_ALL': 'C.UTF-8', 'KYSO_DATA': str(paths.SOURCE)}


@functools.lru_cache(maxsize=None)
def signed():
    """The bytes of a signed PDF."""
    with tap.scratch() as folder:
        result = kyso.run('sign', *pki.get().p12(), '-o', folder / 'a.pdf', PLAIN)
        tap.equal(result.code, 0, result)
        return (folder / 'a.pdf').read_bytes()


def tampered():
    """The same with a byte of its first page changed."""
    good = signed()
    at = good.index(b'stream') + 20
    return good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]


def command(*arguments):
    """A command line of verify, for Popen."""
    return [str(part) for part in (kyso.program(), 'verify', '--json', *pki.get().trust, *arguments)]


def start(*arguments, **how):
    return subprocess.Popen(command(*arguments), env=ENV, **how)
