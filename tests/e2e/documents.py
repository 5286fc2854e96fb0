"""Signing and verifying documents: what the tests of this folder share."""

import atexit
import functools
import os
import shutil
import tempfile

import kyso
import paths
import pki
import tap

PDFS = sorted(paths.TESTDATA.glob('*.pdf'))
LETTER = paths.TESTDATA / 'cong-van.pdf'
INVOICE = paths.TESTDATA / 'invoice.xml'
MESSAGE = paths.TESTDATA / 'invoice-message.xml'

ROOM_BESIDE_CHAIN = 6 * 1024    # what a signature may add beyond twice the chain


def sign(source, target, *options, key=None, env=None):
    """Signs with key (options; default: the leaf `signer` of the shared chain, from a file). Returns target."""
    result = kyso.run('sign', '--lang', 'en', *(key or pki.get().p12()), *options, '-o', target, source, env=env)
    tap.equal(result.code, 0, result)
    return target


def report(path, *options, chain=None, code=None, **how):
    """The JSON of one file; options replace the shared chain's anchors and CRLs. code: the exit code it must have."""
    result = kyso.run('verify', '--json', *(options or (chain or pki.get()).trust), path, **how)
    if code is not None:
        tap.equal(result.code, code, result)
    tap.equal(len(result.json), 1, result)
    return result.json[0]


def passes(path, *options, chain=None):
    """The only signature of a file that must pass."""
    found = report(path, *options, chain=chain, code=0)
    tap.equal(found['verdict'], 'TOTAL-PASSED', found)
    tap.equal(len(found['signatures']), 1, found)
    return found['signatures'][0]


def codes(signature):
    return {message['code'] for message in signature['messages']}


def outcome(signature):
    return signature['verdict'], signature['sub_indication'], signature['integrity']


@functools.lru_cache(maxsize=None)
def real_sizes():
    """The chain with keys as long as on real tokens: RSA-4096 authorities, RSA-3072 signer."""
    return pki.get(None)


@functools.lru_cache(maxsize=None)
def chain_of_4096():
    """A chain whose signer has RSA-4096 too."""
    keys = paths.BUILD / 'test-pki' / 'keys-4096'
    keys.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix='libsign-4096-')
    atexit.register(shutil.rmtree, folder)
    return pki.make(folder, '--bits', '4096', '--keys', keys)



def slowness():
    """How much longer and larger a build with sanitizers may be."""
    return 20 if kyso.sanitized() else 1
