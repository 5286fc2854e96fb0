"""Files by other producers: what independent validators agree on, we say too, or docs/corpus.md explains the difference.

No file may crash, hang, or fail for a reason of ours. Without any anchor nothing may pass. argv[1] is verify_probe.
"""

import collections
import csv
import json
import re
import subprocess
import sys
import time

import paths
import tap

PROBE = sys.argv[1]
OURS = {'NOMEM', 'INTERNAL', 'ARG', 'IO', 'TIMEOUT'}    # errors that no file of the corpus may cause


def explained():
    """Rows of docs/corpus.md: {file: what we say}."""
    text = (paths.SOURCE / 'docs' / 'corpus.md').read_text(encoding='utf-8')
    return {name: ours for name, ours in re.findall(r'^\| `([^`]+)` \| [^|]* \| `([^`]+)` \|', text, re.M)}


def rows():
    with open(paths.corpus() / 'expected.tsv', encoding='utf-8', newline='') as table:
        return list(csv.DictReader(table, delimiter='\t', quoting=csv.QUOTE_NONE, restval=''))


def probe(name):
    start = time.monotonic()
    done = subprocess.run([PROBE, paths.corpus() / name], capture_output=True, timeout=60)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        return None, seconds, f'exit {done.returncode}: {done.stderr.decode("utf-8", "replace")[-400:]}'
    return json.loads(done.stdout), seconds, ''


def say(answer):
    """What we say of a file, in the words of docs/corpus.md."""
    if answer['error']:
        return f'ERROR {answer["error"]["code"]}'
    if not answer['signatures']:
        return 'NO-SIGNATURE'
    return ', '.join(f'{one["integrity"]} {one["sub_indication"]}' for one in answer['signatures'])


def integrity_differs(word, row, one):
    ours = one['integrity']
    if word == 'disputed' or (word == 'unknown' and 'disputed' in row['class'] and ours != 'intact'):
        return ''
    if word == 'structure':
        right = (one['verdict'], one['sub_indication']) == ('TOTAL-FAILED', 'FORMAT_FAILURE') and ours != 'intact'
    elif word == 'not-intact':
        right = ours != 'intact'
    else:
        right = ours == word or (row['refusable'] and ours == 'unknown')
    return '' if right else f'{one["id"]}: integrity {word}, ours {ours} ({one["sub_indication"]})'


def changes_differ(word, one):
    ours = one['scope']['changes_after']
    accepted = {'none': {'none'}, 'allowed': {'allowed', 'unknown'}, 'forbidden': {'forbidden', 'unknown'}}
    return '' if ours in accepted.get(word, {ours}) else f'{one["id"]}: changes {word}, ours {ours}'


def split(text):
    return text.split('|') if text else []


def differences(row, answer):
    """Everything in which our answer is not the agreed one."""
    if answer['error']:
        readable = row['parse'] == 'ok' and not set(row['refusable'].split()) & {'doctype'}
        return [f'readable, but {answer["error"]}'] if readable else []
    found = []
    if row['count'].isdigit():
        count = len(answer['signatures']) + len(answer['timestamps'])
        if count != int(row['count']):
            return [f'{row["count"]} signatures, ours {count}']
    kinds, words, changes = split(row['kinds']), split(row['integrity']), split(row['changes'])
    signatures = [i for i, kind in enumerate(kinds) if kind != 'dts']
    if len(words) != len(kinds) or len(signatures) != len(answer['signatures']):
        return []
    for i, one in zip(signatures, answer['signatures']):
        found.append(integrity_differs(words[i], row, one))
        if len(changes) == len(kinds):
            found.append(changes_differ(changes[i], one))
        if one['verdict'] == 'TOTAL-PASSED':
            found.append(f'{one["id"]}: passes without any anchor')
    return [text for text in found if text]


def check(row, tally, why):
    answer, seconds, problem = probe(row['file'])
    if answer is None:
        return [problem]
    bad = [f'{seconds:.1f} s'] if seconds > 5 else []
    if answer['error'] and answer['error']['code'] in OURS:
        bad.append(str(answer['error']))
    tally[answer['verdict']] += 1
    different = differences(row, answer)
    if different and why.get(row['file']) == say(answer):
        tally['explained'] += 1
        different = []
    elif row['file'] in why and not different:
        bad.append('docs/corpus.md explains a difference that is none')
    return bad + [f'{text} [{say(answer)}]' for text in different]


@tap.table([(kind,) for kind in ('pdf', 'xml')])
def corpus(kind):
    tally, failures, why = collections.Counter(), [], explained()
    of_kind = [row for row in rows() if row['type'].startswith(kind)]
    for row in of_kind:
        failures += [f'{row["file"]}: {problem}' for problem in check(row, tally, why)]
    tap.note(f'{kind}: {len(of_kind)} files, ' + ', '.join(f'{n} {what}' for what, n in sorted(tally.items())))
    tap.true(not failures, *failures)


tap.main()
