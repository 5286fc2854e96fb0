"""PDFs beyond 2^31, 2^32 and 10^10 bytes, as sparse files: read, signed and verified within the memory of a small one. The bytes
between are a hole, and the signed file is caught from a pipe and made sparse again, so that the disk holds a few kilobytes."""

import os
import shutil
import subprocess

import documents
import kyso
import pki
import tap

HALF = 2 ** 31 + 4096           # beyond what a signed 32-bit number holds
WHOLE = 2 ** 32 + 4096          # beyond an unsigned one
TEN_DIGITS = 10 ** 10 + 4096    # beyond an entry of a cross-reference table
PEAK = 64 * 2 ** 20             # of memory: the file does not count
BLOCK = 2 ** 20
ZEROS = bytes(BLOCK)


class Sparse:
    """Writes objects with a hole between them; offsets as they come."""

    def __init__(self, path):
        self.file = open(path, 'wb')
        self.at = {}
        self.write(b'%PDF-1.7\n')

    def write(self, data):
        self.file.write(data)

    def put(self, num, body):
        self.at[num] = self.file.tell()
        self.write(b'%d 0 obj\n%s\nendobj\n' % (num, body))

    def stream_with_hole(self, num, length):
        self.at[num] = self.file.tell()
        self.write(b'%d 0 obj\n<</Length %d>>\nstream\n' % (num, length))
        self.file.seek(length, os.SEEK_CUR)
        self.write(b'\nendstream\nendobj\n')

    def table(self):
        start, size = self.file.tell(), max(self.at) + 1
        self.write(b'xref\n0 %d\n0000000000 65535 f\r\n' % size)
        self.write(b''.join(b'%010d 00000 n\r\n' % self.at[num] for num in range(1, size)))
        self.write(b'trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % (size, start))
        self.file.close()

    def stream(self, width=8):
        self.at[max(self.at) + 1] = start = self.file.tell()
        rows = b''.join(b'\1' + self.at[num].to_bytes(width, 'big') + b'\0' for num in sorted(self.at))
        self.write(b'%d 0 obj\n<</Type/XRef/W[1 %d 1]/Index[1 %d]/Size %d/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n'
                   % (max(self.at), width, len(self.at), len(self.at) + 1, len(rows), rows))
        self.write(b'startxref\n%d\n%%%%EOF\n' % start)
        self.file.close()


def make(path, length, form):
    """The catalog stands before the hole, pages behind it."""
    out = Sparse(path)
    out.put(1, b'<</Type/Catalog/Pages 3 0 R/Hole 2 0 R>>')
    out.stream_with_hole(2, length)
    out.put(3, b'<</Type/Pages/Kids[4 0 R]/Count 1>>')
    out.put(4, b'<</Type/Page/Parent 3 0 R/MediaBox[0 0 200 200]/Resources<<>>>>')
    getattr(out, form)()
    if path.stat().st_blocks * 512 > 64 * BLOCK:
        tap.skip('this file system keeps no holes')
    return path


def catch(command, path):
    """Runs a command and writes its output to path, zeros as holes."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process, open(path, 'wb') as out:
        while data := process.stdout.read(BLOCK):
            if data == ZEROS[:len(data)]:
                out.seek(len(data), os.SEEK_CUR)
            else:
                out.write(data)
        out.truncate()
        said = process.stderr.read().decode('utf-8', 'replace')
    tap.equal(process.returncode, 0, said)
    return path


def run(*arguments):
    return kyso.run(*arguments, timeout=900)    # gigabytes, on a machine that has other things to do


def small(result):
    tap.note(f'{result.peak_kb} KiB at most')
    tap.true(kyso.sanitized() or result.peak_kb * 1024 < PEAK, f'{result.peak_kb} KiB of memory')


@tap.table([(f'{form}, a hole of {length} bytes', form, length) for form, length in
            (('stream', HALF), ('table', WHOLE), ('stream', WHOLE))])
def signed(_, form, length):
    with tap.scratch() as folder:
        path = make(folder / 'large.pdf', length, form)
        out = catch([kyso.program(), 'sign', '--lang', 'en', '-o', '-', *map(str, pki.get().p12()), str(path)], folder / 'signed.pdf')
        tap.equal(out.stat().st_size > path.stat().st_size, True)
        result = run('verify', '--json', *pki.get().trust, out)
        tap.equal(result.code, 0, result)
        one = result.json[0]['signatures'][0]
        tap.equal((one['verdict'], one['scope']['whole_file']), ('TOTAL-PASSED', True), one)
        gap_end = one['scope']['covers'][1]
        tap.true(gap_end['offset'] > length and gap_end['offset'] + gap_end['length'] == out.stat().st_size, one)
        small(result)
        shown = run('inspect', '--json', out)
        tap.equal([row['xref'] for row in shown.json[0]['revisions']], [form, form])
        tap.equal(shown.json[0]['revisions'][1]['length'], out.stat().st_size - 1)  # the line end behind %%EOF
        small(shown)
        if not shutil.which('qpdf'):
            tap.note('qpdf is not installed: nobody else was asked')
            return
        done = subprocess.run(['qpdf', '--show-xref', out], capture_output=True, text=True)
        tap.equal(done.returncode, 0, done.stderr)
        tap.true(any(int(line.rsplit(' ', 1)[1]) > length for line in done.stdout.splitlines() if 'offset' in line), done.stdout)


@tap.case('beyond ten digits a table is refused by name, a stream goes on')
def ten_digits():
    with tap.scratch() as folder:
        path = make(folder / 'stream.pdf', TEN_DIGITS, 'stream')
        result = run('sign', '--dry-run', *pki.get().p12(), path)
        tap.equal(result.code, 0, result)
        small(result)
        out = Sparse(folder / 'table.pdf')
        out.put(1, b'<</Type/Catalog/Pages 2 0 R>>')
        out.put(2, b'<</Type/Pages/Kids[3 0 R]/Count 1>>')
        out.put(3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>')
        out.stream_with_hole(4, TEN_DIGITS)
        out.table()
        result = run('sign', '--lang', 'en', *pki.get().p12(), '-o', folder / 'no.pdf', folder / 'table.pdf')
        tap.equal(result.code, 4, result)
        tap.true(b'ten digits' in result.err, result)
        tap.true(not (folder / 'no.pdf').exists(), 'something was written')
        small(result)


@tap.case('a repaired file of that size is read in the memory of a small one')
def scanned():
    with tap.scratch() as folder:
        path = make(folder / 'large.pdf', WHOLE, 'table')
        with open(path, 'r+b') as file:
            file.truncate(path.stat().st_size - 30)
        result = run('inspect', '--json', path)
        tap.equal((result.code, result.json[0]['repaired']), (0, True), result)
        small(result)


tap.main()
