"""Very large documents in little memory: 1 GB of PDF and 500 MB of XML, signed and verified within 40 MB."""

import subprocess

import documents
import kyso
import pki
import tap
from paths import TESTDATA

PEAK_KB = 40 * 1024
MINUTES = 20 * 60


def check(result, what):
    tap.note(f'{what}: {result.seconds:.1f} s, {result.peak_kb} KB')
    tap.equal(result.code, 0, result)
    tap.true(result.peak_kb <= PEAK_KB * documents.slowness(), f'{result.peak_kb} KB', result)


@tap.table([
    ('PDF of 1 GB', 'pdf', ['make-pdf', '--size', '1000000000'], 1_000_000_000, ()),
    ('XML of 500 MB, an element by Id', 'xml', ['make-invoice', '--lines', '2550000'], 490_000_000, ('--profile', 'invoice-seller')),
    ('XML of 500 MB, the whole document', 'xml', ['make-invoice', '--lines', '2550000'], 490_000_000, ()),
])
def large(name, suffix, command, at_least, options):
    with tap.scratch() as folder:
        source, signed = folder / f'large.{suffix}', folder / f'signed.{suffix}'
        subprocess.run([TESTDATA / command[0], *command[1:], source], check=True)
        tap.true(source.stat().st_size >= at_least, source.stat().st_size)
        check(kyso.run('sign', *pki.get().p12(), *options, '-o', signed, source, timeout=MINUTES), f'{name}: signing')
        source.unlink()
        check(kyso.run('verify', '--json', *pki.get().trust, signed, timeout=MINUTES), f'{name}: verifying')


tap.main()
