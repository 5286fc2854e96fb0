"""Signed PDFs of every key, every producer's file, and one signature after the other."""

import re

import documents
import kyso
import pki
import softhsm
import tap
from documents import LETTER, PDFS

# name, leaf, further options, digest, signature algorithm, bits of the key (None: of the test chain)
KEYS = [
    ('RSA', 'signer', (), 'SHA-256', 'RSASSA-PKCS1-v1_5', None),
    ('RSA, SHA-384', 'signer', ('--digest', 'SHA-384'), 'SHA-384', 'RSASSA-PKCS1-v1_5', None),
    ('RSA, SHA-512', 'signer', ('--digest', 'SHA-512'), 'SHA-512', 'RSASSA-PKCS1-v1_5', None),
    ('RSA, PSS', 'signer', ('--pss',), 'SHA-256', 'RSASSA-PSS', None),
    ('RSA, PSS, SHA-384', 'signer', ('--pss', '--digest', 'SHA-384'), 'SHA-384', 'RSASSA-PSS', None),
    ('RSA, PSS, SHA-512', 'signer', ('--pss', '--digest', 'SHA-512'), 'SHA-512', 'RSASSA-PSS', None),
    ('P-256', 'p256', (), 'SHA-256', 'ECDSA', 256),
    ('P-256, SHA-512', 'p256', ('--digest', 'SHA-512'), 'SHA-512', 'ECDSA', 256),
    ('P-384', 'p384', ('--digest', 'SHA-384'), 'SHA-384', 'ECDSA', 384),
    ('P-521', 'p521', ('--digest', 'SHA-512'), 'SHA-512', 'ECDSA', 521),
]
SIZES = [(3072, documents.real_sizes), (4096, documents.chain_of_4096)]


def check_algorithms(signed, chain, digest, scheme, bits):
    one = documents.passes(signed, chain=chain)
    tap.equal(one['algorithms'], {'digest': digest, 'signature': scheme, 'key_bits': bits})
    tap.equal(one['format'], 'PAdES-BASELINE-B')
    tap.equal((one['scope']['whole_file'], one['scope']['changes_after']), (True, 'none'))
    return one


@tap.table([(f'{name}, key in a file', *row) for name, *row in KEYS])
def from_file(_, leaf, options, digest, scheme, bits):
    with tap.scratch() as folder:
        chain = pki.get()
        signed = documents.sign(LETTER, folder / 'out.pdf', *options, key=chain.p12(leaf))
        check_algorithms(signed, chain, digest, scheme, bits or 2048)


@tap.table([(f'{name}, key on a token', *row) for name, *row in KEYS])
def from_token(_, leaf, options, digest, scheme, bits):
    with tap.scratch() as folder:
        token = softhsm.token(folder, leaf)
        signed = documents.sign(LETTER, folder / 'out.pdf', *options, key=token.options, env=token.env)
        check_algorithms(signed, pki.get(), digest, scheme, bits or 2048)


@tap.table([(f'RSA-{bits}, {where}{", PSS" if pss else ""}', bits, chain, where, pss)
            for bits, chain in SIZES for where in ('file', 'token') for pss in ((), ('--pss',))])
def real_key_sizes(_, bits, chain_of, where, options):
    with tap.scratch() as folder:
        chain = chain_of()
        token = softhsm.token(folder, chain=chain) if where == 'token' else None
        key, env = (token.options, token.env) if token else (chain.p12(), None)
        signed = documents.sign(LETTER, folder / 'out.pdf', *options, key=key, env=env)
        check_algorithms(signed, chain, 'SHA-256', 'RSASSA-PSS' if options else 'RSASSA-PKCS1-v1_5', bits)
        check_size(LETTER, signed, chain)


def own_dictionaries(original, signed):
    """Octets of the file's own page and catalog dictionaries, which the update writes anew and which do not count."""
    update = signed.read_bytes()[original.stat().st_size:]
    bodies = re.findall(rb'\n\d+ \d+ obj\s*(.*?)endobj', update, re.S)
    return sum(len(body) for body in bodies if re.search(rb'/Type\s*/(Page|Catalog)\b', body))


def check_size(original, signed, chain):
    added = signed.stat().st_size - original.stat().st_size - own_dictionaries(original, signed)
    embedded = sum(chain.file(name).stat().st_size for name in ('signer.der', 'ca.der'))
    limit = 2 * embedded + documents.ROOM_BESIDE_CHAIN
    tap.note(f'{signed.name}: {added} octets added, {limit} allowed')
    tap.true(added <= limit, f'{added} octets added, {limit} allowed')


@tap.table([(path.name, path) for path in PDFS])
def first_signature(_, path):
    with tap.scratch() as folder:
        signed = documents.sign(path, folder / 'out.pdf')
        one = documents.passes(signed)
        tap.true(signed.read_bytes().startswith(path.read_bytes()), 'the original octets are not a prefix')
        tap.equal(one['scope']['revision'], one['scope']['revisions'])
        check_size(path, signed, pki.get())


def check_earlier(signatures):
    """All but the last: whole, and followed by signatures alone, each of which is listed."""
    for number, one in enumerate(signatures[:-1], 1):
        tap.equal(documents.outcome(one), ('TOTAL-PASSED', None, 'intact'), one)
        tap.true('CHANGED_LATER' in documents.codes(one), one)
        tap.equal((one['scope']['whole_file'], one['scope']['changes_after']), (False, 'allowed'), one)
        added = [change['field'] for change in one['scope']['changes'] if change['kind'] == 'signature']
        tap.equal(added, [later['id'] for later in signatures[number:]], one)
    tap.equal(documents.outcome(signatures[-1]), ('TOTAL-PASSED', None, 'intact'), signatures[-1])
    tap.equal((signatures[-1]['scope']['whole_file'], signatures[-1]['scope']['changes_after']), (True, 'none'))


@tap.table([(f'{path.name}, ten signatures', path) for path in PDFS])
def ten_signatures(_, path):
    with tap.scratch() as folder:
        current = path
        for number in range(1, 11):
            leaf = ('signer', 'p256')[number % 2]
            following = documents.sign(current, folder / f'{number}.pdf', key=pki.get().p12(leaf))
            tap.true(following.read_bytes().startswith(current.read_bytes()), f'signature {number} touched an earlier octet')
            current = following
            if number in (2, 10):
                found = documents.report(current, code=0)
                tap.equal(found['verdict'], 'TOTAL-PASSED')
                tap.equal(len(found['signatures']), number)
                tap.equal(len({one['id'] for one in found['signatures']}), number)
                check_earlier(found['signatures'])


@tap.case('what is asked stands in the signature: field, reason, place')
def _():
    with tap.scratch() as folder:
        signed = documents.sign(LETTER, folder / 'out.pdf', '--field', 'Văn thư', '--reason', 'Phê duyệt', '--location', 'Hà Nội')
        tap.equal(documents.passes(signed)['id'], 'Văn thư')


@tap.case('--at is the time claimed, and the file is the same again')
def _():
    with tap.scratch() as folder:
        files = [documents.sign(LETTER, folder / name, '--at', '2026-11-22T09:00:00+07:00') for name in ('a.pdf', 'b.pdf')]
        tap.equal(documents.passes(files[0])['time']['claimed'], '2026-11-22T09:00:00+07:00')
        tap.equal(files[0].read_bytes(), files[1].read_bytes())


@tap.case('a signed file is signed again under the same field name: refused')
def _():
    with tap.scratch() as folder:
        signed = documents.sign(LETTER, folder / 'out.pdf', '--field', 'A')
        again = kyso.run('sign', *pki.get().p12(), '--field', 'A', '-o', folder / 'again.pdf', signed)
        tap.true(again.code not in (0, 70) and not (folder / 'again.pdf').exists(), again)


tap.main()
