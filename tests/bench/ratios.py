"""How long kyso takes, as ratios to other programs in the same run on the same files.

    ratios.py EMPTY BARE [PART...]

EMPTY does nothing, BARE verifies what it is given and nothing else (bare.c); PART: functions below to run, all without.

Times are those of measure.py.
"""

import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

import kyso
import paths
import pki
import small
from measure import ENVIRONMENT, cost

EMPTY, BARE = sys.argv[1:3]
KYSO = kyso.program()
MAKE_PDF, MAKE_INVOICE = paths.TESTDATA / 'make-pdf', paths.TESTDATA / 'make-invoice'
SMALL = 500     # small documents in one process
MANY = 2000     # the same, each different
SAMPLE = 100    # of these, a process each


def row(what, ours, theirs, name, note=''):
    print(f'{what:46} {ours * 1000:10.3f} ms   {name:22} {theirs * 1000:10.3f} ms   {ours / theirs:7.3f} times   {note}', flush=True)


def skip(what, program):
    print(f'{what:46} SKIP: {program} is not installed', flush=True)


def against(what, ours, peak, others, per=1):
    """One line for each program that is installed: name -> (command, documents that it does in one run)."""
    for program, (command, count) in others.items():
        if not shutil.which(program):
            skip(what, program)
            continue
        theirs, their_peak = cost(command)
        row(what, ours / per, theirs / count, program, f'{peak / 1024:.0f} MB against {their_peak / 1024:.0f} MB')


def verify(*files):
    return [KYSO, 'verify', '-q', *pki.get().trust, *files]


def sign(source, target, *options):
    subprocess.run([KYSO, 'sign', '-q', *map(str, pki.get().p12()), *options, '-o', target, source], check=True, env=ENVIRONMENT)
    return target


def start_up(folder):
    """Twenty runs each, and the least: what is measured is a few milliseconds of wall-clock."""
    def least(command):
        return min(kyso.run_program(command, env=ENVIRONMENT).seconds for _ in range(30))
    signed = sign(paths.TESTDATA / 'hybrid.pdf', folder / 'start.pdf')
    empty = least([EMPTY])
    for what, command in (('kyso --version', [KYSO, '--version']), ('kyso verify of a small file', verify(signed))):
        ours = least(command)
        row(what, ours, empty, 'empty, with libcrypto', f'{(ours - empty) * 1000:.2f} ms beyond it (10 are allowed)')


def large_pdf(folder):
    source, signed = folder / 'large.pdf', folder / 'large.signed.pdf'
    subprocess.run([MAKE_PDF, '--size', '100000000', source], check=True)
    sign(source, signed)
    ours, peak = cost(verify(signed))
    against('PDF of 100 MB', ours, peak, {
        'openssl': (['openssl', 'dgst', '-sha256', signed], 1), 'mutool': (['mutool', 'sign', '-v', signed], 1),
        'pdfsig': (['pdfsig', '-nocert', signed], 1)})


def small_pdfs(folder):
    signed = sign(paths.TESTDATA / 'cong-van.pdf', folder / 'small.pdf')
    others = {'pdfsig': (['pdfsig', '-nocert', signed], 1), 'mutool': (['mutool', 'sign', '-v', signed], 1)}
    ours, peak = cost(verify(signed), runs=10)
    against('small PDF, a process each', ours, peak, others)
    ours, peak = cost(verify('-j', '1', *[signed] * SMALL))
    against(f'small PDF, {SMALL} in one process', ours, peak, others, per=SMALL)


def signed_by(folder, leaves):
    """MANY different small PDFs, signed in turn by the leaves; and a file with the signers' certificates."""
    folder.mkdir()
    files, chain = small.make(folder, MANY), pki.get()
    for i, leaf in enumerate(leaves):
        subprocess.run([KYSO, 'sign', '-q', '--in-place', *map(str, chain.p12(leaf)), *files[i::len(leaves)]], check=True,
                       env=ENVIRONMENT)
    certs = folder / 'signers.pem'
    certs.write_bytes(b''.join(chain.file(f'{leaf}.pem').read_bytes() for leaf in leaves))
    return files, certs


def bare(files, certs):
    """Seconds a file of the bare verification, and of the same without reading the files."""
    names = certs.with_suffix('.list')
    names.write_text(''.join(f'{file}\n' for file in files))
    out = subprocess.run([BARE, names, certs], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(line) / 1e6 for line in out.split()]


def different_pdfs(folder):
    """One process, one worker, MANY files: against a process a file, and against what nobody can leave out."""
    for name, leaves in (('one signer', ['signer']), ('three signers', ['signer', 'rsa2048', 'p256'])):
        files, certs = signed_by(folder / name.replace(' ', '-'), leaves)
        size = sum(file.stat().st_size for file in files) / MANY
        print(f'{MANY} different PDFs of {size / 1000:.0f} KB on average, {name}: a file', flush=True)
        ours = cost(verify('-j', '1', *files), runs=7)[0] / MANY
        for what, theirs in zip(('bare', 'bare, without reading'), bare(files, certs)):
            row(f'  {name}', ours, theirs, what, f'{theirs / ours:.0%} of ours is bare')
        if shutil.which('pdfsig'):
            theirs = sum(cost(['pdfsig', '-nocert', file])[0] for file in files[::MANY // SAMPLE]) / SAMPLE
            row(f'  {name}', ours, theirs, 'pdfsig, a process each', f'{theirs / ours:.0f} times its rate')
        else:
            skip(f'  {name}', 'pdfsig')


IDS = ['--id-attr:Id', 'DLHDon', '--id-attr:Id', 'http://www.w3.org/2000/09/xmldsig#:Object']


def xmlsec1(path, *options):
    return ['xmlsec1', '--verify', '--trusted-pem', pki.get().file('root.pem'), '--untrusted-pem', pki.get().file('ca.pem'),
            *IDS, *options, path]


def small_xml(folder):
    signed = sign(paths.TESTDATA / 'invoice.xml', folder / 'small.xml', '--xml-form', 'xmldsig', '--xml-id', 'data')
    ours, peak = cost(verify(signed), runs=10)
    against('small invoice, a process each', ours, peak, {'xmlsec1': (xmlsec1(signed), 1)})
    ours, peak = cost(verify('-j', '1', *[signed] * SMALL))
    against(f'small invoice, {SMALL} in one process', ours, peak, {'xmlsec1': (xmlsec1(signed, '--repeat', SMALL), SMALL)}, per=SMALL)


def unsigned(signed, target):
    """The same document as a template for xmlsec1: digests and value taken out, all of them near its end."""
    shutil.copyfile(signed, target)
    with open(target, 'r+b') as file:
        tail = file.seek(max(0, file.seek(0, os.SEEK_END) - 65536))
        text = file.read()
        file.seek(tail)
        file.write(re.sub(rb'(<(?:Digest|Signature)Value[^>]*>)[^<]*', rb'\1', text))
        file.truncate()
    return target


def large_xml(folder):
    source, signed = folder / 'large.xml', folder / 'large.signed.xml'
    subprocess.run([MAKE_INVOICE, '--lines', '600000', source], check=True)
    options = ('--profile', 'invoice-seller')
    ours, peak = cost([KYSO, 'sign', '-q', '--force', *pki.get().p12(), *options, '-o', signed, source], runs=2)
    template = unsigned(signed, folder / 'template.xml')
    xmlsec1_sign = ['xmlsec1', '--sign', '--privkey-pem', pki.get().file('signer.key'), *IDS, '--output', folder / 'theirs.xml', template]
    against('invoice of 118 MB, signing', ours, peak, {'xmlsec1': (xmlsec1_sign, 1)})
    ours, peak = cost(verify(signed), runs=2)
    against('invoice of 118 MB', ours, peak, {'xmlsec1': (xmlsec1(signed), 1), 'openssl': (['openssl', 'dgst', '-sha256', signed], 1)})


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix='libsign-bench-') as folder:
        for part in (start_up, small_pdfs, different_pdfs, small_xml, large_pdf, large_xml):
            if part.__name__ in sys.argv[3:] or not sys.argv[3:]:
                part(pathlib.Path(folder))


main()
