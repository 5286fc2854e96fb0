"""What independent programs say of every kind of document that kyso signs: one run of the judges over all of them."""

import functools
import os
import shutil
import tempfile

import documents
import judges
import pki
import samples
import softhsm
import tap
from documents import INVOICE, LETTER, MESSAGE, PDFS

XADES, XMLDSIG = (), ('--xml-form', 'xmldsig')
SHA512, PSS = ('--digest', 'SHA-512'), ('--pss',)

# name of the file, document, leaf, further options, format that EU DSS must find
KINDS = [
    *[(f'first {path.name}', path, 'signer', (), 'PAdES-BASELINE-B') for path in PDFS],
    ('pss.pdf', LETTER, 'signer', PSS, 'PAdES-BASELINE-B'),
    ('sha512.pdf', LETTER, 'signer', SHA512, 'PAdES-BASELINE-B'),
    ('p256.pdf', LETTER, 'p256', (), 'PAdES-BASELINE-B'),
    ('p384.pdf', LETTER, 'p384', ('--digest', 'SHA-384'), 'PAdES-BASELINE-B'),
    ('named.pdf', LETTER, 'signer', ('--field', 'Văn thư', '--reason', 'Phê duyệt', '--location', 'Hà Nội'), 'PAdES-BASELINE-B'),
    ('xades.xml', INVOICE, 'signer', XADES, 'XAdES-BASELINE-B'),
    ('xades-id.xml', INVOICE, 'signer', ('--xml-id', 'data'), 'XAdES-BASELINE-B'),
    ('xades-place.xml', INVOICE, 'signer', ('--xml-place', '/HDon/DSCKS/NBan'), 'XAdES-BASELINE-B'),
    ('xades-p256.xml', INVOICE, 'p256', XADES, 'XAdES-BASELINE-B'),
    ('xades-p384.xml', INVOICE, 'p384', ('--digest', 'SHA-384'), 'XAdES-BASELINE-B'),
    ('xades-sha512.xml', INVOICE, 'signer', SHA512, 'XAdES-BASELINE-B'),
    ('xades-pss.xml', INVOICE, 'signer', PSS, 'XAdES-BASELINE-B'),
    ('xades-message.xml', MESSAGE, 'signer', XADES, 'XAdES-BASELINE-B'),
    ('dsig.xml', INVOICE, 'signer', XMLDSIG, None),
    ('dsig-id.xml', INVOICE, 'signer', (*XMLDSIG, '--xml-id', 'data'), None),
    ('dsig-p256.xml', INVOICE, 'p256', XMLDSIG, None),
    *[(f'{name}.{source.name}', source, 'signer', ('--profile', name), None) for name, source in samples.PROFILES],
    ('seller-p256.xml', INVOICE, 'p256', ('--profile', 'invoice-seller'), None),
]
REPEATED = [(f'tenth {path.name}', path) for path in PDFS]
TOKEN = [('token.pdf', LETTER), ('token.xml', INVOICE)]

FOLDER = tempfile.mkdtemp(prefix='libsign-judged-')


def target(name):
    return os.path.join(FOLDER, name.replace(' ', '-'))


def make_all():
    for name, source, leaf, options, _ in KINDS:
        documents.sign(source, target(name), *options, key=pki.get().p12(leaf))
    for name, path in REPEATED:
        for number in range(10):
            made = documents.sign(path, f'{target(name)}.{number}', key=pki.get().p12(('signer', 'p256')[number % 2]))
            path = made
        os.rename(made, target(name))
    with tap.scratch() as folder:
        token = softhsm.token(folder)
        for name, source in TOKEN:
            documents.sign(source, target(name), key=token.options, env=token.env)


@functools.lru_cache(maxsize=None)
def said(trusted):
    """{(judge, file): verdict} of one run over all files."""
    judges.folder()
    if not os.listdir(FOLDER):
        make_all()
    names = [target(row[0]) for row in [*KINDS, *REPEATED, *TOKEN]]
    listing = os.path.join(FOLDER, 'list')
    with open(listing, 'w', encoding='utf-8') as file:
        file.write('\n'.join(names) + '\n')
    chain = pki.get()
    trust = ['--trust', chain.file('root.pem'), '--certs', chain.file('ca.pem'), '--crl', chain.file('ca.crl'),
             '--crl', chain.file('root.crl')] if trusted else []
    _, verdicts = judges.say([], '--files-from', listing, *trust)
    tap.true(verdicts, 'the judges said nothing')
    return {(verdict['judge'], verdict['file']): verdict for verdict in verdicts}


# What a judge cannot do, by its own account (README of the judges): it must abstain then, not object.
ABSTAINS = {
    'xmlsec1': lambda name: name == 'xades-pss.xml',    # RSA-PSS
    'signxml': lambda name: name.endswith('pss.xml'),
}
REFUSES = {'pyhanko': (lambda name: 'hybrid' in name, 'Settings do not permit validation of signatures in hybrid-reference files.')}


def verdict_of(judge, name, trusted=False):
    verdict = said(trusted).get((judge, target(name)))
    if verdict is None:
        tap.skip(f'{judge} is not installed')
    tap.true(verdict['error'] is None, verdict)
    applies, reason = REFUSES.get(judge, (lambda name: False, None))
    if applies(name):
        tap.equal({error for one in verdict['signatures'] for error in one['errors']}, {reason}, verdict)
        tap.skip(f'{judge}: {reason}')
    return verdict


def check_mathematics(judge, name, count):
    verdict = verdict_of(judge, name)
    if judge in ABSTAINS and ABSTAINS[judge](name):
        tap.true(verdict['ok'] is not False, verdict)
        return verdict
    tap.equal(verdict['ok'], True, verdict)
    tap.equal(len(verdict['signatures']), count, verdict)
    tap.true(all(one['integrity'] == 'intact' for one in verdict['signatures']), verdict)
    return verdict


def check_trust(judge, name):
    """The last signature, with anchors and CRLs."""
    verdict = verdict_of(judge, name, True)
    last = verdict['signatures'][-1]
    if judge == 'pdfsig':
        tap.true(last.get('trusted'), verdict)
    else:
        tap.equal(last['indication'], 'TOTAL-PASSED', verdict)


@tap.table([(f'{name}: {judge}', name, judge, 1) for name, *_ in [*KINDS, *TOKEN] for judge in
            (('pdfsig', 'pyhanko', 'dss') if name.endswith('pdf') else ('xmlsec1', 'signxml', 'dss'))]
           + [(f'{name}: {judge}', name, judge, 10) for name, _ in REPEATED for judge in ('pdfsig', 'pyhanko', 'dss')])
def intact(_, name, judge, count):
    check_mathematics(judge, name, count)


@tap.table([(f'{name}: qpdf --check', name) for name, *_ in [*KINDS, *REPEATED, *TOKEN] if name.endswith('pdf')])
def sound(_, name):
    verdict = verdict_of('qpdf', name)
    tap.true(verdict['ok'] is not False, verdict)


@tap.table([(f'{name}: pdfsig finds the total document signed', name) for name, *_ in [*KINDS, *REPEATED, *TOKEN] if name.endswith('pdf')])
def whole(_, name):
    tap.true(verdict_of('pdfsig', name)['signatures'][-1]['covers_whole'], name)


@tap.table([(f'{name}: DSS finds {format}', name, format) for name, _, _, _, format in KINDS if format])
def level(_, name, format):
    tap.equal(verdict_of('dss', name)['signatures'][-1]['format'], format)


@tap.table([(f'{name}: {judge}, with anchors and CRLs', name, judge) for name, _, _, _, format in KINDS if format
            for judge in (('pdfsig', 'pyhanko', 'dss') if name.endswith('pdf') else ('dss',))])
def trusted(_, name, judge):
    check_trust(judge, name)


try:
    tap.main()
finally:
    shutil.rmtree(FOLDER)
