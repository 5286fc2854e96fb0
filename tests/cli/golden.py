"""What kyso prints, held against golden/NAME.txt. GOLDEN_UPDATE=1 writes the files anew: look at the difference before you
commit it."""

import difflib
import os
import pathlib
import re

import tap

FOLDER = pathlib.Path(__file__).parent / 'golden'
# What differs from run to run, and what stands for it.
CHANGING = [
    (r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)', 'TIME'),
    (r'(Serial|serial|số chứng thư|số hiệu)( +)[0-9a-f]{8,}', r'\1\2HEX'),
    (r'"(serial|sha256)":"[0-9a-f]+"', r'"\1":"HEX"'),
    (r'sig-[0-9a-f]{16}', 'sig-HEX'),
    (r'(serial|id)=[^;\s]+', r'\1=HEX'),
    (r'(SoftHSM slot ID 0x)[0-9a-f]+', r'\1HEX'),
    (r'libsign-test-\w+', 'SCRATCH'),
    (r'/\S*libsofthsm2\.so', 'MODULE'),
]


def normal(text, *more):
    for pattern, instead in [*more, *CHANGING]:
        text = re.sub(pattern, instead, text)
    return text


def check(name, *results, replace=()):
    """The output of these runs: command, exit code, standard output and error, one after the other."""
    parts = []
    for result in results:
        command = ' '.join(['kyso', *result.arguments[1:]])
        parts.append(f'$ {command}\n{result.out.decode()}' + (f'--- stderr\n{result.err.decode()}' if result.err else '') +
                     f'--- exit {result.code}\n')
    shown = normal('\n'.join(parts), *replace)
    file = FOLDER / f'{name}.txt'
    if os.environ.get('GOLDEN_UPDATE'):
        file.write_text(shown, encoding='utf-8')
    tap.true(file.exists(), f'no {file}')
    expected = file.read_text(encoding='utf-8')
    tap.true(shown == expected, *difflib.unified_diff(expected.splitlines(), shown.splitlines(), f'{name}.txt', 'now', lineterm=''))
