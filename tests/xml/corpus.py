"""What the XML room makes of other producers' files, against what independent validators agree on.

One case a file: the number of signatures, their Ids, their integrity. `unknown` where the row says why a closed list may refuse is
right; every other difference stands in EXPLAINED.
"""

import collections
import csv
import os
import pathlib
import subprocess

import tap

PROBE = os.environ['XML_PROBE']

ECDSA_WIDTH = 'XMLDSig 6.4.3: r and s are each as wide as the order; 130 bytes for P-521, where it is 132, is no signature value'
EXPLAINED = {
    'xmlsec/aleksey-xmldsig-01/enveloped-ecdsa-java-bug.xml': (['broken'], ECDSA_WIDTH),
}


def probe(files, *options):
    """{file: [(id, integrity)]} of files, and {file: message} of those that were refused whole."""
    result = subprocess.run([PROBE, *options, *files], capture_output=True, text=True, timeout=120, check=True)
    found, refused = collections.defaultdict(list), {}
    for line in result.stdout.splitlines():
        path, name, *rest = line.split('\t')
        if name == 'error':
            refused[path] = rest
        else:
            found[path].append((name, rest[0]))
    return found, refused


def fits(row, got):
    expected = (row['integrity'] or '').split('|') if row['integrity'] else []
    if len(got) != len(expected):
        return False
    for (_, word), want in zip(got, expected):
        refusable = word == 'unknown' and row['refusable']
        if not (word == want or refusable or want in ('unknown', 'disputed') or (want == 'not-intact' and word != 'intact')):
            return False
    return True


def check(name, row, path, found, refused):
    if row['class'] == 'xml broken' and path in refused:
        return
    tap.true(path not in refused, f'refused: {refused.get(path)}')
    if name in EXPLAINED:
        tap.equal([word for _, word in found[path]], EXPLAINED[name][0])
        tap.note(EXPLAINED[name][1])
        return
    tap.true(fits(row, found[path]), f'expected {row["integrity"]}', f'got      {found[path]}', row['note'] or '')
    if row['ids']:
        tap.equal('|'.join(name for name, _ in found[path]), row['ids'])


def register(folder):
    with open(folder / 'expected.tsv', encoding='utf-8', newline='') as file:
        rows = [row for row in csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE) if row['file'].startswith('xmlsec/')]
    files = [str(folder / row['file']) for row in rows]
    _, refused_by_default = probe(files)
    found, refused = probe(files, '--doctype')
    for row in rows:
        path = str(folder / row['file'])
        tap.case(row['file'])(lambda row=row, path=path: check(row['file'], row, path, found, refused))
    doctypes = sorted(path for path in files if b'<!DOCTYPE' in open(path, 'rb').read())
    tap.case('a DOCTYPE, and nothing else, is refused by default')(lambda: tap.equal(sorted(refused_by_default), doctypes))


FOLDER = pathlib.Path(os.environ.get('LIBSIGN_CORPUS') or pathlib.Path(__file__).resolve().parents[3] / 'shared' / 'corpus')
if not FOLDER.is_dir():
    tap.skip_all(f'no corpus at {FOLDER} (set LIBSIGN_CORPUS)')
register(FOLDER)
tap.main()
