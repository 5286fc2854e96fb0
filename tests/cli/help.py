"""--help, --version and wrong usage: golden, in both languages."""

import re

import golden
import kyso
import paths
import tap

LANGUAGES = ('vi', 'en')
COMMANDS = ('sign', 'verify', 'inspect', 'token')


def both(name):
    return [(f'{name}, {lang}', lang) for lang in LANGUAGES]


@tap.table(both('every command helps'))
def _(name, lang):
    results = [kyso.run('--help', '--lang', lang)] + [kyso.run(command, '--help', f'--lang={lang}') for command in COMMANDS]
    for result in results:
        tap.equal((result.code, result.err), (0, b''), result)
    golden.check(f'help.{lang}', *results)


WRONG = [
    [], ['frobnicate'], ['extend', 'a.pdf'], ['doctor'], ['--frobnicate'], ['help', 'frobnicate'],
    ['sign'], ['sign', '--frobnicate', 'a.pdf'], ['sign', '--frobnicate=1', 'a.pdf'], ['sign', '-z', 'a.pdf'],
    ['sign', '-qz', 'a.pdf'], ['sign', '--pss=yes', 'a.pdf'], ['sign', 'a.pdf', '-o'], ['sign', 'a.pdf', '--key'],
    ['sign', '--level', 'T', 'a.pdf'], ['sign', '--level', 'X', 'a.pdf'], ['sign', '--digest', 'MD5', 'a.pdf'],
    ['sign', '--digest', 'sha256', 'a.pdf'], ['sign', '--at', 'yesterday', 'a.pdf'],
    ['sign', '--at', '2026-11-22T09:00:00', 'a.pdf'], ['sign', '--xml-form', 'jades', 'a.xml'],
    ['sign', '--pin-source', '12345678', 'a.pdf'], ['sign', '--pin-source', 'env:', 'a.pdf'],
    ['sign', '--pin-source', 'file:', 'a.pdf'], ['sign', '--pin-source', 'fd:', 'a.pdf'],
    ['sign', '--pin-source', 'fd:-1', 'a.pdf'], ['sign', '--pin-source', 'fd:1x', 'a.pdf'],
    ['sign', '--pin-source', 'fd:99999999999999999999', 'a.pdf'], ['sign', '--suffix', '', 'a.pdf'],
    ['sign', '--suffix', '/x', 'a.pdf'], ['sign', '-o', '', 'a.pdf'], ['sign', '-o', 'b', 'a.pdf', 'c.pdf'],
    ['sign', '-o', 'b', '--in-place', 'a.pdf'], ['sign', '-o', 'b', '--suffix', '.x', 'a.pdf'],
    ['sign', '--in-place', '--suffix', '.x', 'a.pdf'], ['sign', '-'], ['sign', '--in-place', '-'],
    ['sign', '--image', 'a.png', 'a.pdf'], ['sign', '--tsa=http://localhost', 'a.pdf'], ['sign', '--key', 'pkcs11:what', 'a.pdf'],
    ['verify'], ['verify', '--revocation', 'maybe', 'a.pdf'], ['verify', '--at', '1700000000', 'a.pdf'],
    ['verify', '--timeout', '0', 'a.pdf'], ['verify', '--timeout', '-1', 'a.pdf'], ['verify', '--timeout', 'nan', 'a.pdf'],
    ['verify', '--timeout', '1,5', 'a.pdf'], ['verify', '--timeout', '1e7', 'a.pdf'], ['verify', '--timeout', '', 'a.pdf'],
    ['verify', '-j', '0', 'a.pdf'], ['verify', '-jx', 'a.pdf'], ['verify', '-j', '99999999999', 'a.pdf'],
    ['sign', '-j', '-1', 'a.pdf'], ['sign', '-r', '-o', 'x', 'folder'], ['sign', '--files-from', 'list', '-o', 'x'],
    ['sign', '--files-from', '-', '-'], ['verify', '--online', 'a.pdf'], ['verify', '--lang', 'fr', 'a.pdf'], ['verify', '-', '--files-from', '-'],
    ['sign', '--certify', '4', 'a.pdf'], ['sign', '--password-source', '12345678', 'a.pdf'],
    ['verify', '--password-source', '12345678', 'a.pdf'], ['inspect'], ['inspect', '--password-source', '12345678', 'a.pdf'],
    ['token'], ['token', 'frobnicate'], ['token', 'list', 'certs'], ['token', 'pin'], ['token', 'watch'],
]


@tap.table(both('wrong usage is told, exit 64'))
def _(name, lang):
    spoken = [[*arguments[:1], '--lang', lang, *arguments[1:]] for arguments in WRONG]
    results = [kyso.run(*arguments) for arguments in spoken]
    for result in results:
        tap.equal((result.code, result.out), (64, b''), result)
        tap.true(b'12345678' not in result.err and b'localhost' not in result.err, 'a value that may be secret is repeated', result)
    golden.check(f'usage.{lang}', *results)


@tap.case('the language is known even where the mistake stands before it')
def _():
    tap.equal(kyso.run('sign', '--frobnicate', '--lang', 'en').err, kyso.run('sign', '--lang=en', '--frobnicate').err)
    tap.true(b'no option' in kyso.run('sign', '--frobnicate', '--lang', 'en').err)


@tap.case('--version tells the version of the public header')
def _():
    header = (paths.SOURCE / 'include/libsign/version.h').read_text()
    version = re.search(r'#define LIBSIGN_VERSION +"(.+)"', header)[1]
    tap.equal((kyso.run('--version').code, kyso.run('--version').text), (0, f'kyso {version}\n'))


@tap.case('"kyso help COMMAND" is "kyso COMMAND --help"')
def _():
    for command in COMMANDS:
        tap.equal(kyso.run('help', command).out, kyso.run(command, '--help').out)
    tap.equal(kyso.run('help').out, kyso.run('--help').out)


# What the environment says, and the language that follows. No locale of that name need exist.
@tap.table([
    ('nothing said', {'LC_ALL': None, 'LC_MESSAGES': None, 'LANG': None}, 'vi'),
    ('LC_ALL=C', {'LC_ALL': 'C'}, 'vi'),
    ('LC_ALL=C.UTF-8', {'LC_ALL': 'C.UTF-8'}, 'vi'),
    ('LC_ALL=POSIX', {'LC_ALL': 'POSIX'}, 'vi'),
    ('LC_ALL=en_US.UTF-8', {'LC_ALL': 'en_US.UTF-8'}, 'en'),
    ('LC_ALL=vi_VN', {'LC_ALL': 'vi_VN', 'LANG': 'en_US'}, 'vi'),
    ('LC_ALL empty, LANG=de_DE', {'LC_ALL': '', 'LC_MESSAGES': None, 'LANG': 'de_DE'}, 'en'),
    ('LC_MESSAGES before LANG', {'LC_ALL': None, 'LC_MESSAGES': 'en_GB', 'LANG': 'vi_VN'}, 'en'),
])
def _(name, env, lang):
    tap.equal(kyso.run('--help', env=env).out, kyso.run('--help', '--lang', lang).out)


@tap.case('what is signed is UTF-8: a byte of another encoding is refused, not replaced')
def _():
    for option in ('--reason', '--location', '--contact', '--field', '--role', '--description', '--xml-id'):
        result = kyso.run('sign', option, 'l\udcfd do', 'a.pdf')
        tap.equal((result.code, result.out), (64, b''), result)
        tap.true(rb"'l\xFD do'" in result.err, result)
        control = kyso.run('sign', option, 'a\x01', 'a.pdf', '--lang', 'en')
        tap.equal(control.code, 64, control)
        tap.true(b'expected UTF-8 without control characters' in control.err, control)


tap.main()
