"""What many documents cost: two processors against one, and signing with a token against the token's bare signing. All figures of
one run; argv[1]: the program that signs barely."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import pathlib

import common
import kyso
import pki
import softhsm
import tap

VERIFIED, SIGNED = 2000, 500
ROUNDS = 15     # other machines on the same hardware take a share now and then: what is compared runs in turns, and the median counts


def processors():
    return sorted(os.sched_getaffinity(0))[:2]


def seconds(*commands, cwd, env=None):
    """Clock seconds until all of the (command, processors it may use) have ended, which run side by side."""
    begun = time.monotonic()
    running = [subprocess.Popen([str(part) for part in command], cwd=cwd, env={**common.ENV, **(env or {})}, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, preexec_fn=lambda cpus=cpus: os.sched_setaffinity(0, cpus))
               for command, cpus in commands]
    if any([process.wait() for process in running]):
        sys.exit('a command that is measured failed')
    return time.monotonic() - begun


def told(ratios):
    """The median, and how far the rounds lie apart."""
    ratios = sorted(ratios)
    quarter = len(ratios) // 4
    return f'{statistics.median(ratios):.2f} (half of the rounds: {ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f})'


def two_against_one(folder):
    if len(processors()) < 2:
        print('two processors against one                     SKIP: this machine has one', flush=True)
        return
    for i in range(VERIFIED):
        half = folder / 'ab'[i % 2]
        half.mkdir(exist_ok=True)
        (half / f'{i:04}.pdf').write_bytes(common.signed())
    first, second = processors()
    rounds = [(seconds((common.command('-r', 'a', 'b', '-j', 1), [first]), cwd=folder),
               seconds((common.command('-r', 'a', 'b', '-j', 2), [first, second]), cwd=folder),
               seconds((common.command('-r', 'a', '-j', 1), [first]), (common.command('-r', 'b', '-j', 1), [second]), cwd=folder))
              for _ in range(ROUNDS)]
    one, two, apart = (min(each[k] for each in rounds) for k in range(3))
    print(f'{VERIFIED} small PDFs, two processors against one: {told([each[0] / each[1] for each in rounds])} times, of the best of each '
          f'{one / two:.2f} ({one:.3f} s, {two:.3f} s); what the machine gives two processes that share nothing: '
          f'{told([each[0] / each[2] for each in rounds])}, {one / apart:.2f}', flush=True)


def many_against_bare(folder, bare):
    try:
        token = softhsm.token(folder)
    except tap.Skip as reason:
        print(f'signing with a token                           SKIP: {reason}', flush=True)
        return
    env = {name: str(value) for name, value in token.env.items()}
    sign = [kyso.program(), 'sign', '--unchecked', *token.options, '--key', token.uri()]

    def loop():
        ran = subprocess.run([bare, token.module, token.pin, str(SIGNED)], env={**common.ENV, **env}, capture_output=True, check=True)
        return float(ran.stdout)

    rounds = []
    for k in range(ROUNDS):
        here = folder / str(k)
        here.mkdir()
        names = [f'{i:03}.pdf' for i in range(SIGNED)]
        for name in names:
            shutil.copy(common.PLAIN, here / name)
        os.sync()           # what the copies left to be written is not ours
        everywhere = os.sched_getaffinity(0)
        before = loop()
        empty = seconds(([*sign, '--dry-run', names[0]], everywhere), cwd=here, env=env)
        whole = seconds(([*sign, *names], everywhere), cwd=here, env=env)
        rounds.append(((before + loop()) / 2, whole - empty))
    bare_best, best = (min(each[k] for each in rounds) for k in range(2))
    print(f'{SIGNED} PDFs signed with SoftHSM on one login, of the rate of a bare C_Sign loop: {told([a / b for a, b in rounds])}, of the best '
          f'of each {bare_best / best:.2f} ({SIGNED / best:.0f} and {SIGNED / bare_best:.0f} a second)', flush=True)


def spread(folder):
    """ext4 passes over each inode that was freed in the last minutes, at some cost. Below a folder with this attribute it starts a
    new folder in a part of the disk of its own, where nothing was: so no test that ran before, nor the last round, is measured."""
    subprocess.run(['chattr', '+T', folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def main():
    with tempfile.TemporaryDirectory(prefix='libsign-bench-', dir=os.environ.get('LIBSIGN_BENCH_DIR')) as folder:
        spread(folder)
        two_against_one(pathlib.Path(folder))
        many_against_bare(pathlib.Path(folder), sys.argv[1])


main()
