#!/usr/bin/env python3
"""Runs the PDF reader over the PDFs of other producers and compares count and names of signatures with expected.tsv.

  corpus.py PROBE [CORPUS]      exit 77, which is a skip, where there is no corpus (LIBSIGN_CORPUS, or ../shared/corpus)
"""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

# Rows where we differ, and why.
KNOWN = {}

def probe(program, path):
    started = time.monotonic()
    try:
        done = subprocess.run([program, path], capture_output=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return None, 'hangs'
    if done.returncode != 0:
        return None, f'ends with {done.returncode}: {done.stderr[-300:]!r}'
    if time.monotonic() - started > 1:
        return None, 'takes longer than a second'
    return done.stdout.decode(), None


def compare(row, answer):
    first = answer.split('\n', 1)[0].removesuffix(' (repaired)')
    word, rest = first.split(' ', 1)
    if row['parse'] == 'ok' and (row['count'] or '').isdigit():
        found = f"{row['count']} {row['ids'] or ''}"
        if word == 'ok' and rest == found:
            return None
        if word == 'PASSWORD' and row['count'] == '0':
            return None         # encrypted files are not read in this version
        return f'expected "{found}", found "{first}"'
    return None                 # an error is right, and so is what could be read


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
    failed = 0
    for row in rows:
        answer, wrong = probe(sys.argv[1], corpus / row['file'])
        wrong = wrong or compare(row, answer)
        known = KNOWN.get(row['file'])
        if wrong and not known:
            failed += 1
            print(f"FAIL {row['file']}: {wrong}")
        elif known and not wrong:
            failed += 1
            print(f"FAIL {row['file']}: agrees by now; strike it from KNOWN")
    print(f'{len(rows)} files, {len(KNOWN)} known differences, {failed} failed')
    sys.exit(1 if failed or not rows else 0)


if __name__ == '__main__':
    main()
