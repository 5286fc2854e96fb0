"""kyso token, and how sign finds its token and certificate."""

import json
import os
import re
import subprocess

import faults
import golden
import kyso
import paths
import pki
import softhsm
import tap
from terminals import Terminal

PDF = paths.TESTDATA / 'cong-van.plain.pdf'
BAD = ('\x1b', '\x07', '\u202e', '\u2066', '\x9b')


def clean(result):
    """No control or bidi character of a token's strings reaches the reader."""
    for char in BAD:
        tap.true(char.encode() not in result.out + result.err, repr(char), result)


def listing(token, *what, **how):
    return kyso.run('token', *what, '--module', token.module, env=token.env, **how)


def sign(token, folder, *more, **how):
    return kyso.run('sign', *token.options, '--lang', 'en', '-o', folder / 'out.pdf', *more, PDF, env=token.env, **how)


@tap.table([(f'list and certs, {lang}', lang) for lang in ('vi', 'en')])
def _(name, lang):
    with tap.scratch() as folder:
        token = softhsm.token(folder, 'signer', 'p256')
        tokens, certs = [listing(token, what, '--lang', lang) for what in ('list', 'certs')]
        # SoftHSM's order of objects is another each time.
        certs.out = b''.join(sorted(re.findall(rb'^\S.*\n(?: .*\n)+', certs.out, re.M)))
        golden.check(f'token.{lang}', tokens, certs,
                     replace=[(r'SoftHSM v2 +[\d.]+', 'SoftHSM v2'), (r'(serial|số hiệu) +[0-9a-f]{16,}', r'\1 HEX')])


@tap.case('JSON of list and certs')
def _():
    with tap.scratch() as folder:
        token = softhsm.token(folder, 'signer', 'p256')
        row, empty = sorted(listing(token, 'list', '--json').json, key=lambda row: row['pin'], reverse=True)
        tap.equal((empty['label'], empty['pin']), ('', 'not-set'), 'the free slot of SoftHSM')
        tap.equal(sorted(row), ['label', 'manufacturer', 'model', 'module', 'pin', 'pin_pad', 'reader', 'serial', 'uri'])
        tap.equal((row['label'], row['pin'], row['pin_pad']), (token.label, 'ok', False))
        tap.equal(os.path.realpath(row['module']), os.path.realpath(token.module))
        rows = listing(token, 'certs', '--json').json
        tap.true({'Nguyễn Văn Ánh'} <= {row['common_name'] for row in rows}, rows)
        for row in rows:
            tap.true(re.fullmatch('[0-9a-f]{64}', row['sha256']) and row['uri'].startswith('pkcs11:'), row)
            tap.true(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00', row['not_after']), row)


@tap.table([(f'a hostile label: {label!r}', label) for label in
            ('\x1b[31mred', 'bidi\u202e\u2066fdp', 'q"uo\\te', 'line\nend', '%1 %s %n', 'Thiết bị số 1')])
def _(name, label):
    with tap.scratch() as folder:
        token = softhsm.token(folder)
        # A label of its own, set when nothing else needs to name the token on a command line.
        free = re.search(r'Slot (\d+)\n(?:(?!Slot ).*\n)*? +Initialized: +no', subprocess.run(
            ['softhsm2-util', '--show-slots'], env={**token.env, 'PATH': '/usr/bin:/bin'}, capture_output=True, text=True).stdout)
        subprocess.run(['softhsm2-util', '--init-token', '--slot', free[1], '--label', label, '--pin', '12345678', '--so-pin',
                        '12345678'], env={**token.env, 'PATH': '/usr/bin:/bin'}, check=True, capture_output=True)
        result = listing(token, 'list', '--json')
        tap.true(label in [json.loads(line)['label'] for line in result.text.splitlines()], result)
        clean(result)
        text = listing(token, 'list')
        clean(text)
        tap.equal(text.out.count(b'\n'), 7 * 3, text)   # the free slot too
        clean(listing(token, 'certs'))
        # Two tokens and no terminal: listed, exit 5. The URI of the list chooses.
        refused = sign(token, folder)
        tap.equal(refused.code, 5, refused)
        clean(refused)
        uri = [row['uri'] for row in map(json.loads, result.text.splitlines()) if row['label'] == label]
        found = kyso.run('sign', '--module', token.module, '--key', uri[0], '--pin-source', 'env:WORD', PDF, '-o', folder / 'x',
                         env={**token.env, 'WORD': '12345678'})
        tap.equal(found.code, 5, found)                 # logged in; there is no key on it
        tap.true('không tìm thấy' in found.err.decode(), found)
        clean(found)


@tap.case('a label that is no UTF-8, without an end')
def _():
    for what in (['list'], ['list', '--json'], ['certs'], ['certs', '--json']):
        result = kyso.run('token', *what, '--module', faults.faulty(), env={'FAULT': 'label-raw'})
        tap.equal(result.code, 0, result)
        clean(result)
        result.text     # decodes
        if '--json' in what:
            tap.equal(len(result.json), 1)


@tap.table([
    ('low', 'final-try', 'final-try'), ('locked', 'locked', 'locked'), ('ok', '', 'ok'),
])
def _(name, fault, state):
    row, = kyso.run('token', 'list', '--json', '--module', faults.faulty(), env={'FAULT': fault}).json
    tap.equal(row['pin'], state)


@tap.case('no token, no module, a module that is none: exit 5, and what to do')
def _():
    with tap.scratch() as folder:
        token = softhsm.token(folder)
        (folder / 'empty').mkdir()
        (folder / 'conf').write_text(f'directories.tokendir = {folder}/empty\n')
        (folder / 'text.so').write_text('no module')
        for module, env in ((token.module, {'SOFTHSM2_CONF': folder / 'conf'}), ('/nowhere.so', {}), (folder / 'text.so', {})):
            commands = [['token', 'list'], ['token', 'certs'], ['sign', '-o', folder / 'x', PDF]]
            for command in commands[1:] if env else commands:   # SoftHSM always has a free slot to list
                result = kyso.run(*command, '--module', module, env=env)
                tap.equal((result.code, result.out), (5, b''), result)
                tap.true(result.err and not (folder / 'x').exists(), result)


@tap.case('several certificates, no terminal: they are listed, exit 5; --key chooses')
def _():
    with tap.scratch() as folder:
        token = softhsm.token(folder, 'signer', 'p256')
        result = sign(token, folder)
        tap.equal((result.code, (folder / 'out.pdf').exists()), (5, False), result)
        tap.true(b'1) ' in result.err and b'2) ' in result.err and b'3) ' not in result.err and b'--key' in result.err, result)
        for leaf, bits in (('signer', 2048), ('p256', 256)):
            done = sign(token, folder, '--key', token.uri(leaf), '--force')
            tap.equal(done.code, 0, done)
            row, = kyso.verify(pki.get(), folder / 'out.pdf').json
            tap.equal(row['signatures'][0]['algorithms']['key_bits'], bits)


@tap.table([
    ('chosen by number', b'2\n', 0), ('after a wrong answer', b'7\n0\n-1\nx\n1 x\n1\n', 0), ('Ctrl-D', b'\x04', 7), ('Enter', b'\n', 7),
    ('Ctrl-C', b'\x03', 7),
])
def _(name, keys, code):
    with tap.scratch() as folder:
        token = softhsm.token(folder, 'signer', 'p256')
        terminal = Terminal([kyso.program(), 'sign', *token.options, '--lang', 'en', '-o', folder / 'out.pdf', PDF], token.env)
        terminal.wait_for(b'(number)? ')
        terminal.type(keys)
        tap.equal(terminal.end(), code, terminal.seen)
        tap.equal((folder / 'out.pdf').exists(), code == 0)


@tap.case('several tokens: the one chosen by number is the one that is asked for its PIN')
def _():
    with tap.scratch() as folder:
        softhsm.token(folder, 'signer', label='First')
        token = softhsm.token(folder, 'p256', label='Second')
        terminal = Terminal([kyso.program(), 'sign', '--module', token.module, '--lang', 'en', '-o', folder / 'out.pdf', PDF], token.env)
        terminal.wait_for(b'(number)? ')
        number = re.search(rb'(\d)\) Second', terminal.seen)[1]
        terminal.type(number + b'\n')
        terminal.wait_for(b"PIN of token 'Second'")
        terminal.type(token.pin.read_bytes().strip() + b'\n')
        tap.equal(terminal.end(), 0, terminal.seen)
        row, = kyso.verify(pki.get(), folder / 'out.pdf').json
        tap.equal(row['signatures'][0]['algorithms']['key_bits'], 256)


@tap.table([
    ('token and object', 'pkcs11:token=VGCA%20Token;object=signer', 0),
    ('upper-case scheme', 'PKCS11:object=signer', 0),
    ('another token', 'pkcs11:token=Other;object=signer', 5),
    ('another object', 'pkcs11:token=VGCA%20Token;object=nobody', 5),
    ('no URI syntax', 'pkcs11:token=%zz', 64),
    ('a PIN in it is not used', 'pkcs11:object=signer?pin-value=99999999', None),
])
def _(name, uri, code):
    with tap.scratch() as folder:
        token = softhsm.token(folder)
        result = sign(token, folder, '--key', uri)
        tap.true(b'99999999' not in result.out + result.err, result)
        if code is not None:
            tap.equal(result.code, code, result)
        tap.equal((folder / 'out.pdf').exists(), result.code == 0)


tap.main()
