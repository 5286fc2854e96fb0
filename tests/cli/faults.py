"""The PKCS#11 module that goes wrong on purpose: tests/token/faulty_p11.c. PIN 1234, a P-256 key, $FAULT."""

import functools
import os
import pathlib

import paths
import tap


@functools.lru_cache(maxsize=None)
def faulty():
    path = pathlib.Path(os.environ.get('FAULTY_P11') or paths.BUILD / 'tests/token/faulty_p11.so')
    return path if path.exists() else tap.skip(f'no module that goes wrong on purpose at {path}')
