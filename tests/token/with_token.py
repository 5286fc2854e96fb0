"""Runs a test program with SoftHSM tokens and key files of its own: with_token.py PROGRAM [ARGUMENT...]

Its environment: MODULE, SOFTHSM2_CONF (tokens `VGCA Token` with signer, p256, p384, p521; `Second` with signer, nosign,
expired), PKI (the folder of tools/pki) and LEGACY (a folder with key files as old programs write them)."""

import os
import subprocess
import sys

import pki
import softhsm
import tap

# name, options of openssl pkcs12 -export
LEGACY = [
    ('rc2.p12', ['-legacy', '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']),
    ('rc4.p12', ['-legacy', '-certpbe', 'PBE-SHA1-RC4-128', '-keypbe', 'PBE-SHA1-RC4-128']),
    ('nomac.p12', ['-nomac']),
    ('nokey.p12', ['-nokeys']),
    ('nocert.p12', ['-nocerts']),
]


def main():
    with tap.scratch() as folder:
        chain = pki.get()
        try:
            first = softhsm.token(folder, 'signer', 'p256', 'p384', 'p521')
            softhsm.token(folder, 'signer', 'nosign', 'expired', label='Second')
        except tap.Skip as reason:
            tap.skip_all(reason)
        legacy = folder / 'legacy'
        legacy.mkdir()
        for name, options in LEGACY:
            key = [] if '-nokeys' in options else ['-inkey', chain.file('signer.key')]
            subprocess.run(['openssl', 'pkcs12', '-export', '-in', chain.file('signer.pem'), *key, '-passout', 'pass:old',
                            *options, '-out', legacy / name], check=True, capture_output=True)
        env = dict(os.environ, MODULE=first.module, PKI=str(chain.folder), LEGACY=str(legacy),
                   **{name: str(value) for name, value in first.env.items()})
        return subprocess.run(sys.argv[1:], env=env).returncode


sys.exit(main())
