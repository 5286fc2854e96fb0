"""Each public header stands alone: it compiles by itself, as C17 and as C++17, without a warning.

Arguments: the C compiler's command.
"""

import re
import shutil
import subprocess
import sys

import source_files
import tap
from paths import SOURCE

FLAGS = ['-Wall', '-Wextra', '-pedantic', '-Werror', '-fsyntax-only', f'-I{SOURCE / "include"}']
COMPILERS = [
    ('C17', sys.argv[1:] or ['cc'], ['-x', 'c', '-std=c17', '-Wstrict-prototypes']),
    ('C++17', ['c++'], ['-x', 'c++', '-std=c++17']),
]
HEADERS = source_files.files('.h', under='include')


@tap.table([(f'{header.name} as {language}', header, command, flags) for header in HEADERS
            for language, command, flags in COMPILERS])
def _(_, header, command, flags):
    if not shutil.which(command[0]):
        tap.skip(f'{command[0]} is not installed')
    source = f'#include <libsign/{header.name}>\ntypedef int not_empty;\n'
    done = subprocess.run([*command, *flags, *FLAGS, '-'], input=source, capture_output=True, text=True)
    tap.equal(done.returncode, 0, done.stderr)


@tap.case('a C++ program asks for the functions by their C names')
def _():
    if not shutil.which('c++'):
        tap.skip('c++ is not installed')
    names = sorted(set(re.findall(r'^SIGN_API\b[^;(]*?\b(\w+)\(', ''.join(header.read_text() for header in HEADERS), re.M)))
    tap.true(len(names) > 50, names)
    table = ''.join(f'    reinterpret_cast<void *>(&{name}),\n' for name in names)
    source = ('#include <libsign/libsign.h>\n#include <cstdio>\n'
              f'static void *const all[] = {{\n{table}}};\n'
              'int main() { std::printf("%d %s", (int)(sizeof all / sizeof *all), sign_version()); }\n')
    with tap.scratch() as folder:
        flags = ['-x', 'c++', '-std=c++17', f'-I{SOURCE / "include"}', '-c', '-', '-o', folder / 'all.o']
        done = subprocess.run(['c++', *flags], input=source, capture_output=True, text=True)
        tap.equal(done.returncode, 0, done.stderr)
        # Not linked: a library with sanitizers wants a program with them.
        asked = subprocess.run(['nm', '-u', folder / 'all.o'], capture_output=True, text=True, check=True).stdout.split()
        tap.equal([name for name in names if name not in asked], [])


@tap.case('libsign.h includes every public header')
def _():
    through_others = {'libsign.h', 'export.h'}
    umbrella = (SOURCE / 'include/libsign/libsign.h').read_text()
    tap.equal([header.name for header in HEADERS
               if header.name not in through_others and f'<libsign/{header.name}>' not in umbrella], [])


@tap.case('every public header is installed')
def _():
    listed = (SOURCE / 'include/libsign/meson.build').read_text()
    tap.equal([header.name for header in HEADERS if f"'{header.name}'" not in listed], [])


tap.main()
