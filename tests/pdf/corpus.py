#!/usr/bin/env python3
"""Runs the PDF reader over the PDFs of other producers and compares count and names of signatures with expected.tsv.

  corpus.py PROBE [CORPUS]      exit 77, which is a skip, where there is no corpus (LIBSIGN_CORPUS, or ../shared/corpus)
"""

import csv
import os
import resource
import subprocess
import sys
from pathlib import Path


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def probe(program, path):
    started = children_seconds()
    try:
        done = subprocess.run([program, path], capture_output=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return None, 'hangs'
    if done.returncode != 0:
        return None, f'ends with {done.returncode}: {done.stderr[-300:]!r}'
    if children_seconds() - started > 1:
        return None, 'takes more than a second of work'
    return done.stdout.decode(errors='replace'), None


def compare(row, answer):
    first = answer.split('\n', 1)[0].removesuffix(' (repaired)')
    word, rest = first.split(' ', 1)
    if not (row['count'] or '').isdigit():
        return None             # the others do not agree: an error is right, and so is what could be read
    expected = f"{row['count']} {row['ids'] or ''}"
    if word == 'ok':
        return None if rest == expected else f'expected "{expected}", found "{rest}"'
    if row['parse'] != 'ok' or (word == 'PASSWORD' and row['count'] == '0'):
        return None             # malformed for some of them, for us too; or locked: no password is given here
    return f'expected "{expected}", found "{first}"'


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    root = Path(__file__).resolve().parents[2]
    corpus = Path(sys.argv[2] if len(sys.argv) > 2 else os.environ.get('LIBSIGN_CORPUS', root.parent / 'shared' / 'corpus'))
    if not (corpus / 'expected.tsv').exists():
        print(f'SKIP: no corpus in {corpus}')
        sys.exit(77)
    rows = [row for row in csv.DictReader(open(corpus / 'expected.tsv', encoding='utf-8'), delimiter='\t', quoting=csv.QUOTE_NONE)
            if row['type'].startswith('pdf')]
    failed = refused = 0
    for row in rows:
        answer, wrong = probe(sys.argv[1], corpus / row['file'])
        wrong = wrong or compare(row, answer)
        refused += answer is not None and not answer.startswith('ok ')
        if wrong:
            failed += 1
            print(f"FAIL {row['file']}: {wrong}")
    print(f'{len(rows)} files, {refused} refused, {failed} failed')
    sys.exit(1 if failed or not rows else 0)


if __name__ == '__main__':
    main()
