"""The JSON of verify, key by key, as the command line's contract has it (docs/json.md): over every kind of outcome."""

import json
import re

import documents
import kyso
import pki
import tap
from documents import INVOICE, LETTER

RFC3339 = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)')
CLAIMED = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?')
SUB_INDICATIONS = {     # EN 319 102-1 table 5 and 6, those of SHALL
    'FORMAT_FAILURE', 'HASH_FAILURE', 'SIG_CRYPTO_FAILURE', 'REVOKED', 'EXPIRED', 'NOT_YET_VALID', 'SIG_CONSTRAINTS_FAILURE',
    'CHAIN_CONSTRAINTS_FAILURE', 'CERTIFICATE_CHAIN_GENERAL_FAILURE', 'CRYPTO_CONSTRAINTS_FAILURE', 'POLICY_PROCESSING_ERROR',
    'SIGNATURE_POLICY_NOT_AVAILABLE', 'TIMESTAMP_ORDER_FAILURE', 'NO_SIGNING_CERTIFICATE_FOUND', 'NO_CERTIFICATE_CHAIN_FOUND',
    'REVOKED_NO_POE', 'REVOKED_CA_NO_POE', 'OUT_OF_BOUNDS_NOT_REVOKED', 'OUT_OF_BOUNDS_NO_POE',
    'REVOCATION_OUT_OF_BOUNDS_NO_POE', 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE', 'NO_POE', 'TRY_LATER', 'SIGNED_DATA_NOT_FOUND', 'CUSTOM'}


def one_of(*words):
    return lambda value: value in words


def matches(pattern):
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def text(value):
    return isinstance(value, str) and value != ''


def number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def boolean(value):
    return isinstance(value, bool)


def nullable(check):
    return lambda value: value is None or fits(value, check)


def each(check):
    return [check]


HEX = matches(re.compile(r'([0-9a-f]{2})+'))
CERTIFICATE = {'common_name': nullable(text), 'organization': nullable(text), 'subject': text, 'issuer': text, 'serial': HEX,
               'sha256': matches(re.compile('[0-9a-f]{64}')), 'not_before': matches(RFC3339), 'not_after': matches(RFC3339)}
SIGNATURE = {
    'id': text, 'verdict': one_of('TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED'), 'sub_indication': nullable(one_of(*SUB_INDICATIONS)),
    'format': nullable(one_of(*(f'{family}-BASELINE-{level}' for family in ('PAdES', 'XAdES') for level in ('B', 'T', 'LT', 'LTA')),
                              'PAdES', 'PKCS7', 'X509-SHA1', 'XAdES', 'XMLDSig')),
    'integrity': one_of('intact', 'broken', 'unknown'),
    'signer': nullable(CERTIFICATE),
    'time': {'claimed': nullable(matches(CLAIMED)), 'best': matches(RFC3339), 'source': one_of('timestamp', 'claimed', 'verification')},
    'scope': {'whole_file': boolean, 'revision': nullable(number), 'revisions': nullable(number),
              'changes_after': nullable(one_of('none', 'allowed', 'forbidden', 'unknown')),
              'covers': each({'uri': nullable(lambda v: isinstance(v, str)), 'path': nullable(text), 'id': nullable(text),
                              'offset': nullable(number), 'length': nullable(number), 'resolved': boolean})},
    'algorithms': {'digest': nullable(text), 'signature': nullable(text), 'key_bits': nullable(number)},
    'chain': each(CERTIFICATE),
    'revocation': {'status': one_of('good', 'revoked', 'unknown'), 'source': one_of('ocsp', 'crl', 'embedded', 'none'),
                   'time': nullable(matches(RFC3339))},
    'timestamps': each({'id': text}),
    'messages': each({'level': one_of('info', 'warning', 'error'), 'code': matches(re.compile('[A-Z_]+')), 'text': text,
                      'clause': nullable(text)}),
}
REPORT = {
    'file': text, 'type': one_of('pdf', 'xml', 'unknown'),
    'verdict': one_of('TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED', 'NO-SIGNATURE', 'ERROR'),
    'error': nullable({'code': matches(re.compile('[A-Z_]+')), 'message': text, 'offset': nullable(number)}),
    'signatures': each(SIGNATURE),
}


def misfit(value, shape, where=''):
    """What of value is not as the shape says, or ''. Keys may be added, so others than the shape's are let be."""
    if callable(shape):
        return '' if shape(value) else f'{where}: {value!r}'
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f'{where}: no array'
        return next(filter(None, (misfit(item, shape[0], f'{where}[{i}]') for i, item in enumerate(value))), '')
    if not isinstance(value, dict):
        return f'{where}: no object'
    missing = [key for key in shape if key not in value]
    if missing:
        return f'{where}: no {missing}'
    return next(filter(None, (misfit(value[key], inner, f'{where}.{key}') for key, inner in shape.items())), '')


def fits(value, shape):
    return not misfit(value, shape)


def check(path, *options, **how):
    found = documents.report(path, *options, **how)
    tap.equal(misfit(found, REPORT), '', json.dumps(found, indent=1))
    for one in found['signatures']:
        tap.equal(one['sub_indication'] is None, one['verdict'] == 'TOTAL-PASSED', one)
    worst = max([one['verdict'] for one in found['signatures']], default=None,
                key=['TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED'].index)
    tap.equal(found['verdict'], worst or ('ERROR' if found['error'] else 'NO-SIGNATURE'), found)
    return found


@tap.case('the shapes themselves refuse: a key missing, a type wrong')
def _():
    good = {'file': 'a', 'type': 'pdf', 'verdict': 'ERROR', 'error': None, 'signatures': []}
    tap.equal(misfit(good, REPORT), '')
    for spoilt in ({**good, 'type': 1}, {**good, 'error': {}}, {**good, 'signatures': [{}]}, {'file': 'a'}):
        tap.true(misfit(spoilt, REPORT), spoilt)


@tap.table([(f'{name}: {path.name}', path, options) for path in (LETTER, INVOICE) for name, options in [
    ('signed', ()), ('another digest', ('--digest', 'SHA-512')), ('a time of its own', ('--at', '2026-11-22T09:00:00+07:00'))]])
def signed(_, path, options):
    with tap.scratch() as folder:
        found = check(documents.sign(path, folder / path.name, *options), code=0)
        tap.equal(found['type'], path.suffix[1:])
        one = found['signatures'][0]
        tap.true(one['signer'] and one['chain'][0] == one['signer'], one)
        tap.equal([link['subject'] for link in one['chain'][1:]], [link['issuer'] for link in one['chain'][:-1]])
        tap.equal(one['chain'][-1]['subject'], one['chain'][-1]['issuer'])
        tap.equal((one['revocation']['status'], one['revocation']['source']), ('good', 'crl'))
        tap.true(one['time']['claimed'], one)


@tap.case('outcomes of every kind')
def _():
    with tap.scratch() as folder:
        once = documents.sign(LETTER, folder / 'once.pdf')
        twice = documents.sign(once, folder / 'twice.pdf')
        check(twice, code=0)
        check(once, '--offline', code=2)
        check(LETTER, code=3)
        check(folder / 'absent.pdf', code=4)
        spoilt = folder / 'spoilt.pdf'
        spoilt.write_bytes(once.read_bytes().replace(b'/MediaBox', b'/MediaBos', 1))
        check(spoilt, code=1)
        broken = folder / 'broken.xml'
        broken.write_text('<a><b></a>')
        tap.true(check(broken, code=4)['error']['offset'] is not None)


@tap.case('one line a file, in the order given, and nothing else on standard output')
def _():
    with tap.scratch() as folder:
        files = [LETTER, folder / 'absent', INVOICE, LETTER]
        result = kyso.run('verify', '--json', *pki.get().trust, *files)
        tap.equal([one['file'] for one in result.json], [str(path) for path in files], result)
        tap.equal(result.out.count(b'\n'), 4)


@tap.case('a file name that is not UTF-8 is told in hex too; control characters do not reach a terminal')
def _():
    with tap.scratch() as folder:
        name = bytes(folder) + b'/\xff\x1b[31m.pdf'
        with open(name, 'wb') as file:
            file.write(b'%PDF-1.7\n')
        result = kyso.run('verify', '--json', b''.join([name]).decode('utf-8', 'surrogateescape'))
        tap.true('�' in result.json[0]['file'] and bytes.fromhex(result.json[0]['file_hex']) == name, result)
        plain = kyso.run('verify', name.decode('utf-8', 'surrogateescape'))
        tap.true(b'\x1b' not in plain.out + plain.err + result.out, plain)


tap.main()
