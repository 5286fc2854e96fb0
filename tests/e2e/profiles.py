"""Every profile on its sample: where its Signature goes, what it looks like, what it covers; it is verified by us and by xmlsec1.

The shapes are written here a second time, by element and not by profile, so that a slip in a profile shows.
"""

import json
import re
import subprocess
import xml.etree.ElementTree as tree

import documents
import judges
import paths
import pki
import samples
import tap

DS = '{http://www.w3.org/2000/09/xmldsig#}'
C14N, EXCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315', 'http://www.w3.org/2001/10/xml-exc-c14n#'
ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
NO_NAMESPACE, EXAMPLE = '', '{http://example.org/#signatureProperties}'

# profile: last step of the place, (path, attribute, transforms) of each reference but that to its Object, namespace of SigningTime,
# is the time signed, kinds of KeyInfo
INVOICE = ('DLHDon', 'Id', [ENVELOPED])
SHAPES = {
    'invoice-seller': ('NBan', [INVOICE], NO_NAMESPACE, True, ['X509Data']),
    'invoice-buyer': ('NMua', [INVOICE], NO_NAMESPACE, True, ['X509Data']),
    'invoice-other': ('CCKSKhac', [INVOICE], NO_NAMESPACE, True, ['X509Data']),
    'invoice-tax-office': ('CQT', [('DLHDon', 'Id', []), ('MCCQT', 'Id', [])], NO_NAMESPACE, True, ['X509Data']),
    'invoice-registration': ('NNT', [('DLTKhai', 'Id', [ENVELOPED])], NO_NAMESPACE, True, ['X509Data']),
    'tax-declaration': ('CKyDTu', [('HSoKhaiThue', 'id', [ENVELOPED])], None, False, ['KeyValue', 'X509Data']),
    'tax-registration': ('CKyDTu', [('DKyThue', 'id', [ENVELOPED])], None, False, ['KeyValue', 'X509Data']),
    'social-insurance': ('CKYDTU_DVI', [(None, None, [ENVELOPED])], EXAMPLE, False, ['X509Data']),
    'social-insurance-ivan': ('CKYDTU_IVAN', [(None, None, [ENVELOPED])], EXAMPLE, False, ['X509Data']),
    'health-insurance': ('CHUKYDONVI', [(None, None, [ENVELOPED])], EXAMPLE, False, ['X509Data']),
    'pit-withholding': ('TCTTNhap', [('DLCTu', 'Id', [ENVELOPED])], NO_NAMESPACE, True, ['X509Data']),
    'pit-withholding-message': ('CKSNNT', [(None, None, [ENVELOPED])], NO_NAMESPACE, True, ['X509Data']),
    **{f'school-record-{role}': (place, [('DU_LIEU', 'Id', [ENVELOPED])], NO_NAMESPACE, True, ['X509Data']) for role, place in [
        ('subject-teacher', 'GVBM'), ('class-teacher', 'GVCN'), ('management', 'CBQL'), ('issue', 'KY_PHAT_HANH')]},
    'edxml': ('DigitalSignature', [(None, None, [ENVELOPED, EXCLUSIVE])], None, False, ['X509Data']),
}


def local(tag):
    return tag.rsplit('}', 1)[-1]


def names(element):
    return [local(child.tag) for child in element]


def check_reference(reference, shape, root):
    path, attribute, transforms = shape
    tap.equal([one.get('Algorithm') for one in reference.iter(f'{DS}Transform')], transforms)
    tap.equal(names(reference), (['Transforms'] if transforms else []) + ['DigestMethod', 'DigestValue'])
    if path is None:
        tap.equal(reference.get('URI'), '')
        return
    found = [one for one in root.iter() if one.get(attribute) == reference.get('URI')[1:]]
    tap.equal([local(one.tag) for one in found], [path], reference.get('URI'))


def check_time(signature, namespace):
    times = [one for one in signature.iter() if local(one.tag) == 'SigningTime']
    tap.equal([one.tag for one in times], [] if namespace is None else [f'{namespace}SigningTime'])
    for one in times:
        tap.true(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d', one.text), one.text)


def check_shape(signed, name):
    place, references, namespace, time_signed, key_info = SHAPES[name]
    root = tree.fromstring(signed.read_bytes())
    holders = [one for one in root.iter() if f'{DS}Signature' in [child.tag for child in one]]
    tap.equal([local(one.tag) for one in holders], [place])
    signature = holders[0].find(f'{DS}Signature')
    tap.equal(names(signature), ['SignedInfo', 'SignatureValue', 'KeyInfo'] + (['Object'] if namespace is not None else []))
    info = signature[0]
    tap.equal(info[0].get('Algorithm'), EXCLUSIVE if name == 'edxml' else C14N)
    tap.equal(info[1].get('Algorithm'), 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    objects = [one.get('Id') for one in signature.findall(f'{DS}Object')]
    content = [one for one in info.findall(f'{DS}Reference') if one.get('URI')[1:] not in objects]
    tap.equal(len(info.findall(f'{DS}Reference')) - len(content), int(time_signed))
    tap.equal(len(content), len(references))
    for reference, shape in zip(content, references):
        check_reference(reference, shape, root)
    check_time(signature, namespace)
    tap.equal(names(signature[2]), key_info)
    if namespace == EXAMPLE:
        tap.equal(signature.get('Id'), 'sigid')
        properties = signature.find(f'{DS}Object/{DS}SignatureProperties')
        tap.equal((properties.get('Id'), properties[0].get('Target')), ('proid', '#sigid'))


@tap.case('every profile has a shape and a sample, and a title in both languages')
def _():
    files = {path.stem: json.loads(path.read_text(encoding='utf-8')) for path in (paths.SOURCE / 'profiles').glob('*.json')}
    tap.equal(sorted(files), sorted(SHAPES))
    tap.equal(sorted(files), sorted({name for name, _ in samples.PROFILES}))
    tap.true(all(one['title']['vi'] and one['title']['en'] for one in files.values()))
    build = (paths.SOURCE / 'profiles/meson.build').read_text()
    tap.equal(sorted(re.findall(r"'([\w-]+)\.json'", build)), sorted(files))


ROWS = [(f'{name}: {source.name}', name, source) for name, source in samples.PROFILES]


@tap.table(ROWS)
def both_directions(_, name, source):
    with tap.scratch() as folder:
        signed = documents.sign(source, folder / 'out.xml', '--profile', name)
        check_shape(signed, name)
        one = documents.passes(signed)
        tap.equal(one['format'], 'XMLDSig')
        wanted = SHAPES[name][1]
        tap.equal(one['scope']['whole_file'], any(path is None for path, _, _ in wanted))
        covered = [local(cover['path'].split('/')[-1]) for cover in one['scope']['covers']]
        tap.true({path for path, _, _ in wanted if path} <= set(covered), covered)
        tap.equal('TIME_UNSIGNED' in documents.codes(one), SHAPES[name][2] is not None and not SHAPES[name][3])


def without_containers(data, place):
    """Without empty containers: one may have been made, or its empty tag opened."""
    for name in (place, b'DSCKS', b'CKyDTu'):
        data = re.sub(rb'<%s></%s>|<%s/>' % (name, name, name), b'', data)
    return data


@tap.table([(f'{title}: the other octets stay', name, source) for title, name, source in ROWS])
def octets_stay(_, name, source):
    with tap.scratch() as folder:
        signed = documents.sign(source, folder / 'out.xml', '--profile', name).read_bytes()
        place = SHAPES[name][0].encode()
        rest = re.sub(rb'<Signature .*?</Signature>', b'', signed, flags=re.S)
        tap.equal(without_containers(rest, place), without_containers(source.read_bytes(), place))


@tap.table([(f'{title}: xmlsec1', name, source) for title, name, source in ROWS])
def by_xmlsec(_, name, source):
    program = judges.needs('xmlsec1')
    with tap.scratch() as folder:
        signed = documents.sign(source, folder / 'out.xml', '--profile', name)
        ids = [option for path, attribute, _ in SHAPES[name][1] if path for option in (f'--id-attr:{attribute}', path)]
        chain = pki.get()
        done = subprocess.run([program, '--verify', '--enabled-key-data', 'x509', '--trusted-pem', chain.file('root.pem'),
                               '--untrusted-pem', chain.file('ca.pem'), *ids, '--id-attr:Id', 'Object', signed],
                              capture_output=True, text=True)
        tap.true(done.returncode == 0, done.stderr)


@tap.table([(role, role) for role in ('subject-teacher', 'class-teacher', 'management', 'issue')][:1])
def in_parallel(_, first):
    with tap.scratch() as folder:
        current = paths.TESTDATA / 'school-record.xml'
        for number, role in enumerate((first, 'class-teacher', 'management', 'issue')):
            current = documents.sign(current, folder / f'{number}.xml', '--profile', f'school-record-{role}')
        found = documents.report(current, code=0)
        tap.equal(len(found['signatures']), 4)


@tap.case('a certificate and then the message around it: both pass; the message first would be broken by it, and is told')
def _():
    with tap.scratch() as folder:
        message = paths.TESTDATA / 'pit-withholding-message.xml'
        one = documents.sign(message, folder / '1.xml', '--profile', 'pit-withholding')
        two = documents.sign(one, folder / '2.xml', '--profile', 'pit-withholding-message')
        tap.equal(len(documents.report(two, code=0)['signatures']), 2)
        first = documents.sign(message, folder / '3.xml', '--profile', 'pit-withholding-message')
        refused = documents.kyso.run('sign', '--lang', 'en', *pki.get().p12(), '--profile', 'pit-withholding', '-o', folder / '4.xml', first)
        tap.equal(refused.code, 4, refused)


@tap.case('an Id that the profile gives its properties is refused where it is taken')
def _():
    with tap.scratch() as folder:
        taken = folder / 'taken.xml'
        taken.write_text('<GIAMDINHHS><x Id="proid"/><CHUKYDONVI/></GIAMDINHHS>')
        done = documents.kyso.run('sign', '--lang', 'en', *pki.get().p12(), '--profile', 'health-insurance', '-o', folder / 'o.xml', taken)
        tap.true(done.code == 4 and b'proid' in done.err, done)


def behind(folder, place, reference, c14n='c14n-1.0'):
    """A profile of one's own that puts the Signature behind an element."""
    path = folder / f'{re.sub("[^a-zA-Z]", "-", place)}.json'
    path.write_text(json.dumps({
        'version': 1, 'type': 'xml', 'form': 'xmldsig', 'place': place, 'position': 'after', 'canonicalization': c14n, 'prefix': '',
        'references': [reference], 'key_info': {'certificates': 'chain'}}))
    return path


ELEMENT = {'path': '/a/b', 'id_attribute': 'Id', 'transforms': []}


@tap.table([
    ('behind what it signs', '<a><b Id="x">1</b><c/></a>', ELEMENT, '</b><Signature'),
    ('behind an empty element', '<a><b Id="x"/><c/></a>', ELEMENT, '<b Id="x"/><Signature'),
    ('behind an element with namespaces and Ids of its own',
     '<a xmlns="urn:a" xml:lang="vi" Id="r"><b Id="x" xmlns="urn:b" xmlns:p="urn:p" xml:space="preserve">1</b><c/></a>',
     ELEMENT, '</b><Signature'),
    ('in what it signs, behind an element of it', '<a Id="r"><b Id="x">1</b><c/></a>',
     {'path': '/a', 'id_attribute': 'Id', 'transforms': ['enveloped']}, '</b><Signature'),
    ('in the document', '<a><b Id="x">1</b><c/></a>', {'document': True, 'transforms': ['enveloped']}, '</b><Signature'),
    ('in UTF-16', '<?xml version="1.0" encoding="UTF-16"?><a><b Id="x">Mười</b><c/></a>', ELEMENT, '</b><Signature'),
])
def behind_an_element(_, text, reference, expected):
    encoding = 'utf-16' if 'UTF-16' in text else 'utf-8'
    with tap.scratch() as folder:
        source = folder / 'in.xml'
        source.write_bytes(text.encode(encoding))
        for c14n in ('c14n-1.0', 'c14n-1.1', 'exclusive'):
            signed = documents.sign(source, folder / f'{c14n}.xml', '--profile', behind(folder, '/a/b', reference, c14n))
            documents.passes(signed)
            written = signed.read_bytes().decode(encoding)
            tap.true(expected in written, written)
            tap.equal(re.sub('<Signature.*</Signature>', '', written), text)


@tap.case('behind a Signature: side by side, both pass')
def _():
    with tap.scratch() as folder:
        source = folder / 'in.xml'
        source.write_text('<a><b Id="x">1</b><c/></a>')
        one = documents.sign(source, folder / '1.xml', '--profile', behind(folder, '/a/b', ELEMENT))
        two = documents.sign(one, folder / '2.xml', '--profile', behind(folder, '/a/Signature', ELEMENT))
        tap.equal(len(documents.report(two, code=0)['signatures']), 2)
        tap.true(b'</Signature><Signature' in two.read_bytes())


@tap.table([
    ('behind the root', '<a><b Id="x"/></a>', '/a'), ('behind nothing', '<a><b Id="x"/></a>', '/a/z'),
    ('behind one of two', '<a><b Id="x"/><z/><z/></a>', '/a/z'),
    ('behind an element in a Signature', '<a><b Id="x"/><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><z/></Signature></a>',
     '/a/Signature/z'),
])
def not_behind(_, text, place):
    with tap.scratch() as folder:
        source = folder / 'in.xml'
        source.write_text(text)
        done = documents.kyso.run('sign', *pki.get().p12(), '--profile', behind(folder, place, ELEMENT), '-o', folder / 'o.xml', source)
        tap.true(done.code == 4 and not (folder / 'o.xml').exists(), done)


XADES = '{http://uri.etsi.org/01903/v1.3.2#}'


@tap.case('XAdES: place and roles that the signer claims are signed, in the order of the schema')
def claims():
    with tap.scratch() as folder:
        profile = folder / 'claims.json'
        profile.write_text(json.dumps({
            'version': 1, 'type': 'xml', 'form': 'xades', 'canonicalization': 'exclusive',
            'xades': {'claimed_roles': ['Chủ tịch', 'a<b&c'], 'production_place': {'country': 'VN', 'city': 'Hà Nội'}},
            'references': [{'document': True, 'transforms': ['enveloped', 'exclusive']}], 'key_info': {'certificates': 'chain'}}))
        signed = documents.sign(documents.INVOICE, folder / 'out.xml', '--profile', profile)
        tap.equal(documents.passes(signed)['format'], 'XAdES-BASELINE-B')
        properties = next(tree.parse(signed).iter(f'{XADES}SignedSignatureProperties'))
        tap.equal(names(properties), ['SigningTime', 'SigningCertificateV2', 'SignatureProductionPlaceV2', 'SignerRoleV2'])
        tap.equal([(local(one.tag), one.text) for one in properties[2]], [('City', 'Hà Nội'), ('CountryName', 'VN')])
        tap.equal([one.text for one in properties.iter(f'{XADES}ClaimedRole')], ['Chủ tịch', 'a<b&c'])
        changed = folder / 'changed.xml'
        changed.write_bytes(signed.read_bytes().replace('Chủ tịch'.encode(), 'Thủ trưởng'.encode()))
        tap.equal(documents.outcome(documents.report(changed, code=1)['signatures'][0]), ('TOTAL-FAILED', 'HASH_FAILURE', 'broken'))


tap.main()
