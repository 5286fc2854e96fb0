"""What many documents cost: two processors against one, and signing with a token against the token's bare signing. All figures of
one run; argv[1]: the program that signs barely."""

import os
import shutil
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
VERIFY_ROUNDS, SIGN_ROUNDS = 20, 9   # the least of each side counts: other machines on the same hardware take a share now and then


def processors():
    return sorted(os.sched_getaffinity(0))[:2]


def seconds(command, cpus, cwd, env=None):
    """(clock, processor) seconds of a command that may use these processors."""
    begun, before = time.monotonic(), os.times()
    subprocess.run([str(part) for part in command], cwd=cwd, env={**common.ENV, **(env or {})}, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    after = os.times()
    return time.monotonic() - begun, after.children_user + after.children_system - before.children_user - before.children_system


def two_against_one(folder):
    if len(processors()) < 2:
        print('two processors against one                     SKIP: this machine has one', flush=True)
        return
    (folder / 'd').mkdir()
    for i in range(VERIFIED):
        (folder / 'd' / f'{i:04}.pdf').write_bytes(common.signed())
    command = common.command('-r', 'd')
    rounds = [(seconds([*command, '-j', 1], processors()[:1], folder), seconds([*command, '-j', 2], processors(), folder))
              for _ in range(VERIFY_ROUNDS)]
    one, two = (min(each[k] for each in rounds) for k in (0, 1))
    work_one, work_two = (min(each[k][1] for each in rounds) for k in (0, 1))
    # What a busy machine takes from both alike cancels in the processors' time: work that two do in half the clock's time.
    print(f'{VERIFIED} small PDFs: one processor {one[0]:.2f} s, two {two[0]:.2f} s: {one[0] / two[0]:.2f} times '
          f'(work {work_one:.2f} s and {work_two:.2f} s: {2 * work_one / work_two:.2f} where nothing else runs)', flush=True)


def many_against_bare(folder, bare):
    try:
        token = softhsm.token(folder)
    except tap.Skip as reason:
        print(f'signing with a token                           SKIP: {reason}', flush=True)
        return
    env = {name: str(value) for name, value in token.env.items()}
    rounds = []
    # Nothing is deleted meanwhile: ext4 passes over inodes that were, at some cost, for seconds.
    for k in range(SIGN_ROUNDS):
        names = [f'{k}-{i:03}.pdf' for i in range(SIGNED)]
        for name in names:
            shutil.copy(common.PLAIN, folder / name)
        loop = subprocess.run([bare, token.module, token.pin, str(SIGNED)], env={**common.ENV, **env}, capture_output=True, check=True)
        empty = seconds([kyso.program(), 'sign', '--unchecked', *token.options, '--key', token.uri(), '--dry-run', names[0]],
                        os.sched_getaffinity(0), folder, env)
        whole = seconds([kyso.program(), 'sign', '--unchecked', *token.options, '--key', token.uri(), *names],
                        os.sched_getaffinity(0), folder, env)
        rounds.append((float(loop.stdout), whole[0] - empty[0], whole[1] - empty[1]))
    loop, ours = min(each[0] for each in rounds), min(each[1] for each in rounds)
    print(f'{SIGNED} PDFs signed with SoftHSM on one login: {SIGNED / ours:.0f} a second, bare C_Sign {SIGNED / loop:.0f}: '
          f'{loop / ours:.2f} of its rate (each round: {", ".join(f"{a / b:.2f}" for a, b, _ in rounds)}; '
          f'work {min(each[2] for each in rounds):.2f} s against {loop:.2f} s)', flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix='libsign-bench-', dir=os.environ.get('LIBSIGN_BENCH_DIR')) as folder:
        two_against_one(pathlib.Path(folder))
        many_against_bare(pathlib.Path(folder), sys.argv[1])


main()
