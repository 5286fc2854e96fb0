"""The tools that tests lean on: a count that hides failures, or a wrong leaf that is wrong in another way, would spoil them all."""

import json
import re
import subprocess

import pki
import tap
from paths import TOOLS

TALLIES = [
    ('cases are counted, not programs', {'stdout': '1..2\nok 1 - a\nok 2 - b\n', 'result': 'OK'}, '2 passed, 0 failed'),
    ('a failed case', {'stdout': '1..2\nok 1 - a\nnot ok 2 - b\n', 'result': 'FAIL'}, '1 passed, 1 failed'),
    ('a skipped case', {'stdout': '1..2\nok 1 - a # SKIP why\nok 2 - b\n', 'result': 'OK'}, '1 passed, 0 failed, 1 skipped'),
    ('a program ends before its last case', {'stdout': '1..3\nok 1 - a\n', 'result': 'ERROR'}, '1 passed, 2 failed'),
    ('all cases pass, the program does not', {'stdout': '1..1\nok 1 - a\n', 'result': 'ERROR'}, '1 passed, 1 failed'),
    ('a program is skipped whole', {'stdout': '1..0 # SKIP why\n', 'result': 'SKIP'}, '0 passed, 0 failed, 1 skipped'),
    ('a program without TAP', {'stdout': 'hello\n', 'result': 'OK'}, '1 passed, 0 failed'),
    ('a program without TAP is skipped', {'stdout': 'why\n', 'result': 'SKIP', 'returncode': 77}, '0 passed, 0 failed, 1 skipped'),
    ('a program without TAP fails', {'result': 'TIMEOUT'}, '0 passed, 1 failed'),
]


@tap.table([(f'tally: {name}', *row) for name, *row in TALLIES])
def _(_, test, expected):
    with tap.scratch() as folder:
        log = folder / 'testlog.json'
        log.write_text(json.dumps({'name': 'program', **test}) + '\n')
        done = subprocess.run([TOOLS / 'tally', log], capture_output=True, text=True)
        tap.equal(done.stdout.splitlines()[-1], expected)
        tap.equal(done.returncode == 0, ' 0 failed' in expected and not expected.startswith('0 passed'))


@tap.case('tally: what a failed case says stands below it, what a good one says does not')
def _():
    tests = [{'result': 'FAIL', 'stdout': '# of the first\nok 1 - a\n# why not\nnot ok 2 - b\nnot ok 3 - c\n# by cmocka\nok 4 - d\n1..4\n'},
             {'result': 'TIMEOUT', 'stdout': '', 'stderr': 'last words\n'}, {'result': 'OK', 'stdout': 'ok 1\n# unasked\n'}]
    with tap.scratch() as folder:
        log = folder / 'testlog.json'
        log.write_text(''.join(json.dumps({'name': 'program', **test}) + '\n' for test in tests))
        lines = subprocess.run([TOOLS / 'tally', log], capture_output=True, text=True).stdout.splitlines()
        tap.equal([line for line in lines if '#' in line], ['    # why not', '    # by cmocka', '    # last words'])


# leaf of tools/pki, what `openssl verify` says of it with the chain's CRLs
LEAVES = [
    ('signer', 'OK'), ('rsa2048', 'OK'), ('p256', 'OK'), ('p384', 'OK'), ('p521', 'OK'), ('nosign', 'OK'),
    ('tsa', 'OK'), ('ocsp', 'OK'),
    ('expired', 'certificate has expired'), ('future', 'certificate is not yet valid'), ('revoked', 'certificate revoked'),
    ('critical', 'unhandled critical extension'), ('below', 'invalid CA certificate'),
    ('stranger', 'unable to get local issuer certificate'),
]


@tap.table([(f'pki: {leaf} is what it says', leaf, expected) for leaf, expected in LEAVES])
def _(_, leaf, expected):
    chain = pki.get()
    done = subprocess.run(
        ['openssl', 'verify', '-crl_check', '-CAfile', chain.file('root.pem'), '-untrusted', chain.file('ca.pem'),
         '-untrusted', chain.file('lookalike.pem'), '-CRLfile', chain.file('ca.crl.pem'), chain.file(f'{leaf}.pem')],
        capture_output=True, text=True)
    tap.true(expected in done.stdout + done.stderr, done.stdout, done.stderr)


@tap.case('every package has a group, a name and a reason')
def _():
    lines = [line for line in (TOOLS / 'packages').read_text().splitlines() if line and not line.startswith('#')]
    tap.equal([line for line in lines if not re.fullmatch(r'(build|demo|test|fuzz) [a-z0-9.+-]+ +# \S.*', line)], [])
    tap.true(lines)


tap.main()
