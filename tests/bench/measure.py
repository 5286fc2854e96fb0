"""What a run of a program costs."""

import os
import subprocess

import paths

ENVIRONMENT = {**os.environ, 'LC_ALL': 'C.UTF-8', 'XDG_CONFIG_HOME': str(paths.BUILD / 'no-config'), 'KYSO_DATA': str(paths.SOURCE)}


def cost(command, runs=3):
    """(least processor seconds, most resident KB) of a command that must succeed. Processor time (user and system), and the least
    of several runs, so that a busy machine does not decide."""
    command, least, peak = [str(part) for part in command], None, 0
    for _ in range(runs):
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f'exit {process.returncode}: {command}')
        seconds = usage.ru_utime + usage.ru_stime
        least, peak = min(seconds, least or seconds), max(peak, usage.ru_maxrss)
    return least, peak
