"""Runs a test program with the chain of tools/pki: with_pki.py PROGRAM. Its arguments: the chain's folder, a folder of its own
with NUMBER plain PDFs (00.pdf …) and one file that is no document (bad.pdf)."""

import subprocess
import sys

import paths
import pki
import tap

NUMBER = 24


def main():
    with tap.scratch() as folder:
        plain = (paths.TESTDATA / 'cong-van.plain.pdf').read_bytes()
        for i in range(NUMBER):
            (folder / f'{i:02}.pdf').write_bytes(plain)
        (folder / 'bad.pdf').write_bytes(b'%PDF-1.7\nand nothing else')
        return subprocess.run([sys.argv[1], pki.get().folder, folder], check=False).returncode


sys.exit(main())
