"""kill -9 at random moments of a batch signing: every original intact, every output whole or absent, a second run completes it.
Usage: killed.py TIMES"""

import os
import random
import shutil
import subprocess
import sys
import time

import common
import kyso
import pki
import tap

FILES = 24
TIMES = int(sys.argv[1])


def start(folder, *arguments):
    command = [kyso.program(), 'sign', '-q', *pki.get().p12(), '-j', 4, *arguments, '-r', '.']
    return subprocess.Popen([str(part) for part in command], cwd=folder, env=common.ENV, stderr=subprocess.DEVNULL)


def fill(folder):
    for i in range(FILES):
        shutil.copy(common.PLAIN, folder / f'{i:02}.pdf')


def whole(data, original):
    """Is it a signed version of the original, down to its last bytes?"""
    return data.startswith(original) and data.endswith(b'%%EOF\n') and len(data) > len(original)


def check(folder, original, in_place):
    """No original is lost, no output is cut; how many there are."""
    done = 0
    for path in folder.iterdir():
        if path.name.startswith('.'):
            continue
        data = path.read_bytes()
        tap.true(data == original or whole(data, original), f'{path.name}: {len(data)} bytes')
        done += data != original
        tap.true(in_place or (data != original) == ('.signed' in path.name), path.name)
    names = [path.name for path in folder.iterdir() if not path.name.startswith('.')]
    tap.equal(sum('.signed' not in name for name in names), FILES, names)
    return done


def whole_run(arguments):
    """Seconds that a run takes which nobody kills."""
    with tap.scratch() as folder:
        fill(folder)
        begun = time.monotonic()
        tap.equal(start(folder, *arguments).wait(120), 0)
        return time.monotonic() - begun


def finished(folder, size):
    """How many outputs there are, at a glance: names or sizes that a run makes."""
    with os.scandir(folder) as entries:
        return sum('.signed' in entry.name or (not entry.name.startswith('.') and entry.stat().st_size != size) for entry in entries)


def wait_for_work(process, folder, size, chance):
    """Until some of the files are signed, but not all: a clock alone would miss a short run on a busy machine."""
    wanted = chance.randrange(1, FILES)
    while process.poll() is None and finished(folder, size) < wanted:
        time.sleep(0.0002)


def case(arguments, in_place):
    original = common.PLAIN.read_bytes()
    chance = random.Random(20261122)
    seconds = whole_run(arguments)
    amid, leftovers = 0, 0
    for time_nr in range(TIMES):
        with tap.scratch() as folder:
            fill(folder)
            process = start(folder, *arguments)
            if time_nr % 2:
                time.sleep(chance.uniform(0, seconds))
            else:
                wait_for_work(process, folder, len(original), chance)
            process.kill()
            process.wait()
            done = check(folder, original, in_place)
            amid += 0 < done < FILES
            leftovers += any(name.startswith('.') for name in os.listdir(folder))
            tap.equal(start(folder, *arguments).wait(120), 0)
            tap.equal(check(folder, original, in_place), FILES)
            tap.equal([name for name in os.listdir(folder) if name.startswith('.')], [])
            names = sorted(name for name in os.listdir(folder) if in_place or '.signed' in name)
            result = kyso.run('verify', '--json', *pki.get().trust, *names, cwd=folder)
            tap.equal((result.code, [len(row['signatures']) for row in result.json]), (0, [1] * FILES), result)
    tap.note(f'{TIMES} kills within {seconds:.2f} s: {amid} amid the files, {leftovers} left a temporary name, which the next run took away')
    tap.true(amid > TIMES // 10, f'only {amid} of {TIMES} kills met the batch at work')


@tap.case(f'--suffix: {TIMES} kills')
def _():
    case([], False)


@tap.case(f'--in-place: {TIMES} kills')
def _():
    case(['--in-place'], True)


tap.main()
