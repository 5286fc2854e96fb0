"""Each public header stands alone: it compiles by itself, as C17 and as C++17, without a warning.

Arguments: the C compiler's command.
"""

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
