"""Every message in both languages, every option in its manual page: read from the sources."""

import re

import kyso
import paths
import tap

STRING = r'"(?:[^"\\]|\\.)*"'
DEFINITIONS = (paths.SOURCE / 'cli/text.def').read_text(encoding='utf-8')


def joined(strings):
    return ''.join(part[1:-1] for part in re.findall(STRING, strings))


def messages():
    """(id, English, Vietnamese) of text.def, with adjacent literals joined as C joins them."""
    found = re.findall(rf'TEXT\((\w+),\s*((?:{STRING}\s*)+),\s*((?:{STRING}\s*)+)\)', DEFINITIONS)
    return [(name, joined(en), joined(vi)) for name, en, vi in found]


@tap.case('text.def is read whole by this test')
def _():
    tap.equal(len(messages()), len(re.findall(r'^TEXT\(', DEFINITIONS, re.M)))
    tap.true(len(messages()) > 100)


@tap.case('both languages of a message have the same arguments')
def _():
    for name, en, vi in messages():
        tap.equal(sorted(set(re.findall('%.', vi))), sorted(set(re.findall('%.', en))), name)
        tap.true(not re.search('%[^1-9]', en + vi), name)
        tap.equal(sorted(set(re.findall('%([1-9])', en))), [str(i + 1) for i in range(len(set(re.findall('%([1-9])', en))))], name)


@tap.case('no message is empty or left in English')
def _():
    spoken = {'TOKEN_LINE', 'CHOOSE_LINE', 'ERROR', 'TOKEN_URI'}      # nothing but arguments, or the same in both
    for name, en, vi in messages():
        tap.true(en.strip() and vi.strip(), name)
        tap.true(en != vi or name in spoken, name)


@tap.case('every message is used')
def _():
    sources = '\n'.join(path.read_text(encoding='utf-8') for path in (paths.SOURCE / 'cli').glob('*.[ch]'))
    tap.equal([name for name, _, _ in messages() if not re.search(rf'\bT_{name}\b', sources)], [])


@tap.case('a call gives a message as many arguments as it has')
def _():
    wanted = {name: len(set(re.findall('%[1-9]', en))) for name, en, _ in messages()}
    bad = []
    for path in sorted((paths.SOURCE / 'cli').glob('*.c')):
        text = path.read_text(encoding='utf-8')
        for call in re.finditer(r'text_(?:say|print)\(\w+, T_(\w+), ((?:[^;"]|"[^"]*")*?)NULL\);', text):
            depth, count = 0, 0
            for char in re.sub(r'"[^"]*"', '', call[2]):
                depth += {'(': 1, ')': -1, '[': 1, ']': -1}.get(char, 0)
                count += char == ',' and depth == 0
            if count != wanted[call[1]]:
                bad.append(f'{path.name}: {call[1]} takes {wanted[call[1]]}, gets {count}')
    tap.equal(bad, [])


def options_of_help(*command):
    found = set()
    for line in kyso.run(*command, '--help').text.splitlines():
        option = re.match(r'  (?:-(\w), |    )--([\w-]+)', line)
        found |= {f'--{option[2]}'} | ({f'-{option[1]}'} if option[1] else set()) if option else set()
    return found


def options_of_page(page):
    text = (paths.SOURCE / f'docs/man/{page}.1').read_text(encoding='utf-8')
    text = text.split('.Sh EXAMPLES')[0]
    return {'-' + option for option in re.findall(r'(?:^\.(?:It )?|, )Fl (-?[A-Za-z0-9][\w-]*|-[\w-]+)', text, re.M)}


@tap.table([('kyso.1', 'kyso', ()), ('kyso-sign.1', 'kyso-sign', ('sign',)), ('kyso-verify.1', 'kyso-verify', ('verify',)),
            ('kyso-inspect.1', 'kyso-inspect', ('inspect',)),
            ('kyso-token.1', 'kyso-token', ('token',))])
def _(name, page, command):
    general = {'--help', '-h', '--lang'}        # of every command; in kyso.1
    expected = options_of_help(*command) - (general if command else set())
    tap.true(len(expected) > 1)
    got = options_of_page(page)
    tap.equal(sorted(expected - got), [], 'not in the page')
    mentioned = {'-o', '--trust', '--crl', '--certs'} if command == ('sign',) else set()
    tap.equal(sorted(got - expected - mentioned - (general if not command else set())), [], 'not in --help')


@tap.case('the pages name every exit code')
def _():
    page = (paths.SOURCE / 'docs/man/kyso.1').read_text(encoding='utf-8')
    codes = [int(code) for code in re.findall(r'^\.It (\d+)$', page, re.M)]
    header = (paths.SOURCE / 'cli/exit.h').read_text(encoding='utf-8')
    tap.equal(codes, sorted(int(code) for code in re.findall(r'EXIT_\w+ = (\d+)', header)))


tap.main()
