"""Attacks on signed PDFs and honest changes of them, made by attacks/families.py: each gets what docs/attacks.md says of it."""

import re
import sys
import tempfile

import kyso
import paths
import pki
import tap

sys.path.insert(0, str(paths.SOURCE / 'tests' / 'e2e' / 'attacks'))
import families     # noqa: E402

ROW = re.compile(r'^\| `([a-z0-9-]+)` \| [^|]* \| ([A-Z-]+) \| ([A-Z_]*) \|$', re.M)
HEAD, ATTACKS, HONEST = re.split(r'^## (?:Attacks|Honest changes)$', (paths.SOURCE / 'docs' / 'attacks.md').read_text(encoding='utf-8'),
                                 flags=re.M)
TABLES = {'attack': ROW.findall(ATTACKS), 'honest': ROW.findall(HONEST)}
FOLDER = tempfile.TemporaryDirectory(prefix='libsign-attacks-')
MADE = families.Made(pki.get().folder, kyso.program(), FOLDER.name)


def verify(name, make):
    path = families.pathlib.Path(FOLDER.name, f'{name}.pdf')
    path.write_bytes(make(MADE))
    result = kyso.verify(pki.get(), path)
    tap.equal(len(result.json), 1, result)
    return result.json[0], result


@tap.case('every family has a row, and every row a family')
def _():
    for kind, table in (('attack', families.ATTACKS), ('honest', families.HONEST)):
        tap.equal(sorted(name for name, _, _ in TABLES[kind]), sorted(table), kind)


@tap.table(TABLES['attack'])
def attack(name, verdict, code):
    found, result = verify(name, families.ATTACKS[name])
    tap.equal(found['verdict'], verdict, result)
    tap.true(verdict != 'TOTAL-PASSED' and all(one['verdict'] != 'TOTAL-PASSED' for one in found['signatures'][:1]), result)
    said = {message['code'] for message in found['signatures'][0]['messages']} if found['signatures'] else {''}
    said |= {found['error']['code']} if found['error'] else set()
    tap.true(code in said, f'no {code}', result)


@tap.table(TABLES['honest'])
def honest(name, verdict, code):
    found, result = verify(name, families.HONEST[name])
    tap.equal((found['verdict'], verdict), ('TOTAL-PASSED', 'TOTAL-PASSED'), result)
    first = found['signatures'][0]
    tap.true(first['scope']['changes_after'] in ('allowed', 'none') and not code, result)


tap.main()
