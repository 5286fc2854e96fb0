"""Files by other producers, all in one run of kyso; and those made to deceive, with their own signers trusted.

tests/verify/corpus.py holds the answers against those of independent validators, row by row."""

import csv
import pathlib
import re
import shutil
import subprocess

import documents
import kyso
import paths
import pki
import tap

SECONDS = 5
AT = '2020-12-01T00:00:00Z'     # the certificates of the corpus were valid then
OURS = {'NOMEM', 'INTERNAL', 'ARG', 'IO', 'TIMEOUT'}    # errors that no file may cause


def rows():
    with open(paths.corpus() / 'expected.tsv', encoding='utf-8', newline='') as table:
        return list(csv.DictReader(table, delimiter='\t', quoting=csv.QUOTE_NONE, restval=''))


@tap.case('every file has its line, in order, and none an error of ours')
def _():
    names = [str(paths.corpus() / row['file']) for row in rows()]
    result = kyso.run('verify', '--json', '-0', '--files-from', '-', stdin='\0'.join(names).encode(), timeout=600)
    tap.true(result.code == 1, result.code, result.err)     # some are broken, and that counts before what is malformed
    tap.equal([one['file'] for one in result.json], names)
    bad = [one for one in result.json if one['error'] and one['error']['code'] in OURS]
    tap.true(not bad, *bad)
    tap.note(f'{len(names)} files in {result.seconds:.1f} s, {result.peak_kb} KB')


@tap.case('alone, each ends by itself within five seconds and with an exit code of the contract')
def _():
    bad = []
    for row in rows():
        result = kyso.run('verify', '-q', paths.corpus() / row['file'], timeout=30)
        if result.code not in (1, 2, 3, 4) or result.seconds > SECONDS:
            bad.append(result)
    tap.true(not bad, *bad)


def certificates(path, folder):
    """All certificates in the signatures of a PDF, as one PEM file; None where openssl reads none."""
    out = b''
    for digits in re.findall(rb'/Contents\s*<([0-9a-fA-F\s]*)>', path.read_bytes()):
        digits = b''.join(digits.split())
        der = bytes.fromhex(digits[:len(digits) // 2 * 2].decode())
        done = subprocess.run(['openssl', 'pkcs7', '-inform', 'DER', '-print_certs'], input=der, capture_output=True)
        out += done.stdout
    pem = folder / 'anchors.pem'
    pem.write_bytes(out)
    return pem if b'BEGIN CERTIFICATE' in out else None


def verdict(row, folder):
    """With every certificate of the file trusted and revocation not asked for: nothing but the document can be at fault."""
    path = paths.corpus() / row['file']
    anchors = certificates(path, folder)
    if not anchors:
        return None
    result = kyso.run('verify', '--json', '--trust', anchors, '--revocation', 'off', '--at', AT, path, timeout=30)
    return result.json[0]['verdict']


@tap.case('attacks on PDFs never pass, even with the signer trusted; honest files do')
def _():
    with tap.scratch() as folder:
        tally = {}
        for row in rows():
            if row['type'] == 'pdf-signed':
                tally.setdefault(row['class'], []).append((verdict(row, pathlib.Path(folder)), row['file']))
        for name, verdicts in sorted(tally.items()):
            said = [one for one, _ in verdicts]
            tap.note(f'{name}: ' + ', '.join(f'{said.count(one)} {one}' for one in sorted(set(said), key=str)))
        passed = [file for one, file in tally.get('pdf attack', []) if one == 'TOTAL-PASSED']
        tap.true(not passed, *passed)
        tap.true('TOTAL-PASSED' in {one for name, verdicts in tally.items() if name != 'pdf attack' for one, _ in verdicts},
                 'nothing passes: the case proves nothing')


def verified(names):
    """{file: {id: outcome}} by kyso, our own chain trusted."""
    done = kyso.run('verify', '--json', '-0', '--files-from', '-', *pki.get().trust,
                    stdin='\0'.join(names).encode(), timeout=300)
    return {one['file']: {each['id']: documents.outcome(each) for each in one['signatures']} for one in done.json}


@tap.case('one more signature, behind what others wrote and signed, passes and takes nothing from theirs')
def _():
    with tap.scratch() as folder:
        names = []
        for number, row in enumerate(rows()):
            if row['file'].endswith('.pdf'):
                names.append(str(folder / f'{number}.pdf'))
                shutil.copyfile(paths.corpus() / row['file'], names[-1])
        done = kyso.run('sign', '--json', *pki.get().p12(), '-0', '--files-from', '-', stdin='\0'.join(names).encode(),
                        timeout=300)
        outputs = {one['file']: one['output'] for one in done.json if one['output']}
        before, after = verified(list(outputs)), verified(list(outputs.values()))
        theirs = 0
        for source, output in outputs.items():
            left = {name: said for name, said in after[output].items() if name in before[source]}
            added = [said for name, said in after[output].items() if name not in before[source]]
            tap.equal((left, added), (before[source], [('TOTAL-PASSED', None, 'intact')]), output, names.index(source))
            theirs += len(left)
        tap.note(f'{len(outputs)} of {len(names)} files signed, {theirs} signatures of others in them')
        tap.true(outputs and theirs, done)


tap.main()
