"""What independent programs say of XML in the rarer forms: one run of the judges over all of them."""

import functools
import os
import shutil
import tempfile

import documents
import judges
import paths
import pki
import tap
from documents import INVOICE, LETTER

XMLDSIG = ('--xml-form', 'xmldsig')
POLICY = ('--policy', '1.2.3.4', '--policy-document', paths.SOURCE / 'LICENSE', '--policy-uri', 'http://example.org/policy')

# name of the file, document (or the file before), options, signatures
KINDS = [
    ('enveloping.xml', INVOICE, ('--xml-packaging', 'enveloping'), 1),
    ('enveloping-dsig.xml', INVOICE, (*XMLDSIG, '--xml-packaging', 'enveloping'), 1),
    ('base64.xml', LETTER, ('--xml-packaging', 'base64', '--mime-type', 'application/pdf'), 1),
    ('base64-dsig.xml', LETTER, (*XMLDSIG, '--xml-packaging', 'base64'), 1),
    ('manifest.xml', INVOICE, ('--xml-manifest',), 1),
    ('manifest-ids.xml', INVOICE, ('--xml-manifest', '--xml-id', 'data', '--xml-path', '/HDon/DSCKS', '--add-id'), 1),
    ('ids.xml', INVOICE, ('--xml-id', 'data', '--xml-path', '/HDon/DSCKS', '--add-id'), 1),
    ('beside-1.xml', INVOICE, ('--xml-parallel',), 1),
    ('beside-2.xml', 'beside-1.xml', ('--xml-parallel',), 2),
    ('over.xml', 'beside-2.xml', (), 3),
    ('first.xml', INVOICE, ('--countersignable',), 1),
    ('counter.xml', 'first.xml', ('--countersign', 0, '--countersignable'), 2),
    ('counter-nested.xml', 'counter.xml', ('--countersign', 1), 3),
    ('counter-beside.xml', 'counter.xml', ('--countersign', 0), 3),
    ('told.xml', INVOICE, (*POLICY, '--role', 'Kế toán trưởng', '--place', 'city=Hà Nội', '--commitment', 'approval'), 1),
    ('implied.xml', INVOICE, ('--policy', 'implied'), 1),
]
# By their own account (README of the judges): they abstain.
ABSTAINS = {('signxml', name) for name in ('beside-1.xml', 'beside-2.xml', 'over.xml')}     # XPath
# xmlsec1 is told which attributes are Ids for what SignedInfo refers to, not for what a Manifest lists.
UNTOLD = {('xmlsec1', 'manifest-ids.xml')}

FOLDER = tempfile.mkdtemp(prefix='libsign-judged-xml-')


def target(name):
    return os.path.join(FOLDER, name)


def make_all():
    for name, source, options, _ in KINDS:
        source = target(source) if isinstance(source, str) else source
        ids = [one['id'] for one in documents.report(source)['signatures']] if 0 in options or 1 in options else []
        documents.sign(source, target(name), *(ids[word] if isinstance(word, int) else word for word in options))


@functools.lru_cache(maxsize=None)
def said():
    judges.folder()
    make_all()
    listing = target('list')
    with open(listing, 'w', encoding='utf-8') as file:
        file.write('\n'.join(target(row[0]) for row in KINDS) + '\n')
    chain = pki.get()
    _, verdicts = judges.say([], '--files-from', listing, '--trust', chain.file('root.pem'), '--certs', chain.file('ca.pem'),
                             '--crl', chain.file('ca.crl'), '--crl', chain.file('root.crl'))
    tap.true(verdicts, 'the judges said nothing')
    return {(verdict['judge'], verdict['file']): verdict for verdict in verdicts}


@tap.table([(f'{name}: {judge}', name, judge, count) for name, _, _, count in KINDS for judge in ('xmlsec1', 'signxml', 'dss')])
def intact(_, name, judge, count):
    verdict = said().get((judge, target(name)))
    if verdict is None:
        tap.skip(f'{judge} is not installed')
    if (judge, name) in UNTOLD:
        tap.skip('xmlsec1 is not told of the Ids that a Manifest refers to')
    if (judge, name) in ABSTAINS:
        tap.true(verdict['ok'] is not False, verdict)
        return
    tap.true(verdict['ok'] and len(verdict['signatures']) == count, verdict)
    tap.true(all(one['integrity'] == 'intact' for one in verdict['signatures']), verdict)
    if judge == 'dss' and 'dsig' not in name:
        tap.equal({(one['format'], one['indication']) for one in verdict['signatures']}, {('XAdES-BASELINE-B', 'TOTAL-PASSED')}, verdict)


try:
    tap.main()
finally:
    shutil.rmtree(FOLDER)
