"""Validation data, document timestamps and further signatures that other programs add later are changes that every signature allows."""

import pathlib
import subprocess

import documents
import judges
import paths
import pki
import tap

LETTERS = ['cong-van.plain.pdf', 'cong-van.objstm.pdf', 'cong-van.pdfa.pdf', 'hybrid.pdf']
PYHANKO = ['lt', 'lta', 'lta-certified-1', 'lta-renewed', 'lta-twice', 'lta-renewed-then-signed']
KINDS = {'ltv-data', 'metadata', 'signature'}   # metadata: pyHanko and DSS write the date of their update
SAYS = pathlib.Path(__file__).with_name('longterm_pyhanko.py')


def check(path, names):
    found = documents.report(path, *pki.get().trust, code=0)
    tap.equal([one['id'] for one in found['signatures']], names, found)
    for one in found['signatures']:
        tap.equal((one['verdict'], one['integrity']), ('TOTAL-PASSED', 'intact'), one)
        tap.equal({change['kind'] for change in one['scope']['changes']} - KINDS, set(), one)
    tap.equal(found['signatures'][0]['scope']['changes_after'], 'allowed')
    tap.true('ltv-data' in {change['kind'] for change in found['signatures'][0]['scope']['changes']}, found)


@tap.table([(f'pyHanko: {letter}', letter) for letter in LETTERS])
def by_pyhanko(_, letter):
    program = judges.samples()[0]
    with tap.scratch() as folder, judges.timestamps(folder) as url:
        done = subprocess.run([program, SAYS, pki.get().folder, url, paths.TESTDATA / letter, folder, *PYHANKO], capture_output=True)
        tap.equal(done.returncode, 0, done.stderr.decode(errors='replace'))
        for kind in PYHANKO:
            again = kind in ('lta-twice', 'lta-renewed-then-signed')
            check(folder / f'{kind}.pdf', ['A', 'B'] if again else ['A'])


@tap.table([(f'DSS, level {level}: {letter}', level, letter) for level in ('LT', 'LTA') for letter in LETTERS[:3]])
def by_dss(_, level, letter):
    home, made = judges.folder(), pki.get()
    with tap.scratch() as folder, judges.timestamps(folder) as url:
        command = [home / 'dss-sign', '--format', 'PAdES', '--level', level, '--trust', made.file('root.pem'), '--crl', made.file('ca.crl'),
                   '--crl', made.file('root.crl'), '--p12', made.file('signer.p12'), '--pass', made.file('p12.password').read_text().strip(),
                   '--tsa', url, paths.TESTDATA / letter, folder / 'signed.pdf']
        done = subprocess.run(command, capture_output=True)
        tap.equal(done.returncode, 0, done.stderr.decode(errors='replace'))
        check(folder / 'signed.pdf', ['Signature1'])


tap.main()
