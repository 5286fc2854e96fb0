"""Who may include whom: the table of ARCHITECTURE.md, held against every #include of lib/, cli/ and include/."""

import re

import source_files
import tap
from paths import SOURCE

# Libraries by the names of the table, and how their headers start.
LIBRARIES = {'OpenSSL': 'openssl', 'zlib': 'zlib', 'Expat': 'expat', 'jansson': 'jansson', 'libp11': 'libp11',
             'p11-kit': 'p11-kit', 'HarfBuzz': 'hb', 'libpng': 'png', 'libcurl': 'curl', 'pcsc-lite': 'PCSC', 'gettext': 'libintl'}
ROW = re.compile(r'^\| `(\S+?)/` \|[^|]*\|([^|]*)\|([^|]*)\|$', re.M)


def read_table(text):
    """{room: (rooms it may enter, libraries it may use)}; all may include <libsign/...> and the C library's headers."""
    table, above = {}, []
    for room, below, libraries in ROW.findall(text):
        words = set(re.findall(r'[\w-]+', below))
        if 'all above' in below:
            entered = set(above) - words
        else:
            entered = words & set(above)
        table[room] = (entered, {LIBRARIES[word] for word in re.findall(r'[\w-]+', libraries) if word in LIBRARIES})
        if room.startswith('lib/'):
            above.append(room.removeprefix('lib/'))
    return table


ROOMS = read_table((SOURCE / 'ARCHITECTURE.md').read_text(encoding='utf-8'))
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def belongs_to(header):
    """'base', 'libsign', 'openssl', ... or None for a header of the C library."""
    first = header.split('/')[0].removesuffix('.h')
    known = {room.removeprefix('lib/') for room in ROOMS if room.startswith('lib/')} | {'libsign', *LIBRARIES.values()}
    if first in known:
        return first
    # A folder of headers that nobody knows is a library that is not in the table.
    return None if '/' not in header or first in ('sys', 'arpa', 'netinet', 'linux') else first


def offences(room, path):
    below, third_party = ROOMS[room]
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
    tap.true('lib/verify' in ROOMS, 'the table of ARCHITECTURE.md could not be read')
    tap.equal(sorted(folders - ROOMS.keys()), [])


@tap.case('the table is read as it is meant')
def _():
    tap.equal(ROOMS['lib/base'], (set(), set()))
    tap.equal(ROOMS['lib/io'], ({'base'}, {'zlib'}))
    tap.equal(ROOMS['lib/verify'][0] & {'sign', 'token', 'pdf', 'ctx'}, {'pdf', 'ctx'})
    tap.equal(ROOMS['cli'][0], set())


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
