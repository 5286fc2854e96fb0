"""Who may include whom: the table of ARCHITECTURE.md, held against every #include of lib/, cli/ and include/."""

import re

import source_files
import tap

# room: rooms below it that it may enter, third-party headers it may use. All may include <libsign/...> and the C library's.
ROOMS = {
    'lib/base': ('', ''),
    'lib/io': ('base', 'zlib'),
    'lib/crypto': ('base', 'openssl'),
    'lib/cert': ('base io crypto', 'openssl'),
    'lib/cms': ('base crypto cert', 'openssl'),
    'lib/pdf': ('base io crypto', ''),
    'lib/xml': ('base io crypto', 'expat'),
    'lib/token': ('base crypto cert', 'openssl libp11 p11-kit'),
    'lib/ctx': ('base io crypto cert', 'openssl jansson'),
    'lib/sign': ('base io crypto cert cms pdf xml token ctx', 'openssl'),
    'lib/verify': ('base io crypto cert cms pdf xml ctx', 'jansson'),
    'cli': ('', 'libintl'),
    'include/libsign': ('', ''),
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
THIRD_PARTY = ('openssl', 'zlib', 'expat', 'jansson', 'libp11', 'p11-kit', 'libintl')


def belongs_to(header):
    """'base', 'libsign', 'openssl', ... or None for a header of the C library."""
    first = header.split('/')[0].removesuffix('.h')
    known = {room.removeprefix('lib/') for room in ROOMS if room.startswith('lib/')} | {'libsign', *THIRD_PARTY}
    if first in known:
        return first
    # A folder of headers that nobody knows is a library that is not in the table.
    return None if '/' not in header or first in ('sys', 'arpa', 'netinet', 'linux') else first


def offences(room, path):
    below, third_party = (part.split() for part in ROOMS[room])
    allowed = {None, 'libsign', *below, *third_party}
    if room.startswith('lib/'):
        allowed.add(room.removeprefix('lib/'))
    for quote, header in INCLUDE.findall(path.read_text(encoding='utf-8')):
        if quote == '"':
            if '/' in header or not (path.parent / header).is_file():
                yield f'{source_files.name(path)}: "{header}" is not a file of the same folder'
        elif belongs_to(header) not in allowed:
            yield f'{source_files.name(path)}: <{header}> is not for {room}'


@tap.table([(f'{room} includes what it may', room) for room in ROOMS])
def _(_, room):
    found = [offence for path in source_files.files('.c', '.h', under=room) for offence in offences(room, path)]
    tap.true(not found, *found)


@tap.case('every folder with C in lib/ is a room of the table')
def _():
    folders = {source_files.name(path.parent) for path in source_files.files('.c', '.h', under='lib')}
    tap.equal(sorted(folders - ROOMS.keys()), [])


@tap.case('the test itself: a room above, another library, a stray header are offences')
def _():
    with tap.scratch() as folder:
        path = folder / 'x.c'
        path.write_text('#include <pdf/file.h>\n#include <openssl/evp.h>\n# include <curl/curl.h>\n#include <stdio.h>\n')
        source_files.name, keep = str, source_files.name
        try:
            tap.equal(len(list(offences('lib/io', path))), 3)
        finally:
            source_files.name = keep


tap.main()
