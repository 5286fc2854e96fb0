"""Runs the program under test, $KYSO."""

import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time

import paths


@dataclasses.dataclass
class Result:
    """What a run did. Shown whole by a failing assertion that gets it as detail."""
    arguments: list
    code: int           # exit code, or minus the signal's number
    out: bytes
    err: bytes
    seconds: float
    peak_kb: int        # largest resident memory, as /usr/bin/time -f %M reports it; not below this interpreter's own

    @property
    def text(self):
        return self.out.decode('utf-8')

    @property
    def json(self):
        """The objects of --json, one a line."""
        return [json.loads(line) for line in self.text.splitlines()]

    def __str__(self):
        return (f'{" ".join(self.arguments)}\nexit {self.code}, {self.seconds:.3f} s, {self.peak_kb} KB\n'
                f'{self.out.decode("utf-8", "replace")}{self.err.decode("utf-8", "replace")}')


def program():
    return os.environ.get('KYSO') or str(paths.BUILD / 'cli' / 'kyso')


def run(*arguments, env=None, stdin=b'', timeout=60, cwd=None):
    """Runs kyso with the arguments (anything that has a string). env adds to the environment; a name with None is unset.
    A run past its time is killed and shows as exit -9."""
    return run_program([program(), *arguments], env, stdin, timeout, cwd)


def run_program(command, env=None, stdin=b'', timeout=60, cwd=None):
    command = [os.fspath(part) if isinstance(part, os.PathLike) else str(part) for part in command]
    # The developer's own configuration and trust store must not decide a test.
    surroundings = {**os.environ, 'LC_ALL': 'C.UTF-8', 'XDG_CONFIG_HOME': paths.BUILD / 'no-config',
                    'KYSO_DATA': paths.SOURCE, **(env or {})}
    surroundings = {name: str(value) for name, value in surroundings.items() if value is not None}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=given, stdout=out, stderr=err, env=surroundings, cwd=cwd)
        watchdog = threading.Timer(timeout, process.kill)
        watchdog.start()
        _, status, usage = os.wait4(process.pid, 0)  # not process.wait(): wait4 knows the memory of this child alone
        watchdog.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        return Result(command, process.returncode, out.read(), err.read(), seconds, usage.ru_maxrss)


def sanitized():
    """Whether kyso was built with AddressSanitizer: its memory and time then say nothing."""
    return b'__asan_init' in pathlib.Path(program()).read_bytes()


def verify(chain, *files, **how):
    """kyso verify --json of files, trusting the chain's root and with its CRLs."""
    return run('verify', '--json', *chain.trust, *files, **how)
