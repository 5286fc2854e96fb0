"""XML signed in the rarer forms: enveloping, Manifest, side by side, counter-signed, with what XAdES says beside."""

import base64
import hashlib
import re

import documents
import kyso
import pki
import tap
from documents import INVOICE, LETTER

DSIG = 'http://www.w3.org/2000/09/xmldsig#'
XADES, XMLDSIG = (), ('--xml-form', 'xmldsig')

# Ways to write a document; each is signed in every form.
BODY = '<sổ:a xmlns:sổ="urn:a" xmlns="urn:b" xml:lang="vi">\r\n<b Id="data" c=\'&quot;"&#10;\'>Cộng hòa<![CDATA[<&]]></b>\n<c/><!-- 1 -->\r</sổ:a>'
LATIN = '<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>\r\n<a><b Id="data">caf\u00e9</b><c/></a>\n'
WRITTEN = [
    ('UTF-8', BODY.encode()),
    ('UTF-8 with a byte order mark', b'\xef\xbb\xbf' + BODY.encode()),
    ('UTF-16 LE', ('\ufeff<?xml version="1.0" encoding="UTF-16"?>\n' + BODY).encode('utf-16-le')),
    ('UTF-16 BE', ('\ufeff<?xml version="1.0" encoding="UTF-16"?>' + BODY).encode('utf-16-be')),
    ('ISO-8859-1, standalone, CRLF', LATIN.encode('latin-1')),
    ('windows-1258', '<?xml version="1.0" encoding="windows-1258"?><a><b\xf0 Id="data">\xd0\xec\xe3</b\xf0><c/></a>'.encode('latin-1')),
    ('comments and instructions around the root', ('<?xml version="1.0"?>\n<?x y?><!-- before -->' + BODY + '\n<!-- after --><?z?>\n').encode()),
]
FORMS = [
    ('enveloping', ('--xml-packaging', 'enveloping')),
    ('a Manifest of an Id', ('--xml-manifest', '--xml-id', 'data')),
    ('a Manifest of the document', ('--xml-manifest',)),
    ('two elements, of which one is given an Id', ('--xml-id', 'data', '--xml-path', '/*/c', '--add-id')),
    ('side by side', ('--xml-parallel',)),
]


def written(folder, data, name='in.xml'):
    path = folder / name
    path.write_bytes(data)
    return path


def refused(source, target, *options, code=4, text=''):
    result = kyso.run('sign', '--lang', 'en', *pki.get().p12(), *options, '-o', target, source)
    tap.true(result.code == code and not target.exists() and text in result.err.decode(), result)
    return result


@tap.table([(f'{form}: {name}', data, options) for form, options in FORMS for name, data in WRITTEN])
def every_byte(_, data, options):
    codec = {b'\xff\xfe': 'utf-16-le', b'\xfe\xff': 'utf-16-be'}.get(data[:2], 'latin-1')     # bytes stay bytes
    with tap.scratch() as folder:
        source = written(folder, data)
        for n, kind in enumerate((XADES, XMLDSIG)):
            signed = documents.sign(source, folder / f'{n}.xml', *kind, *options)
            documents.passes(signed)
            # What was put in, taken out again: the Signature, an Id, the two sides of an envelope.
            text, before = signed.read_bytes().decode(codec), data.decode(codec)
            if 'enveloping' in options:
                left = re.sub(r'<ds:Signature xmlns:ds.*?<ds:Object Id="content-[^>]*>', '', text, count=1, flags=re.S)
                left = re.sub(r'</ds:Object>(<ds:Object>.*?</ds:Object>)?</ds:Signature>', '', left, count=1, flags=re.S)
            else:
                left = re.sub(r'<ds:Signature xmlns:ds.*</ds:Signature>', '', text, count=1, flags=re.S)
                left = re.sub(r' Id="id-[0-9a-f]{16}"', '', left)
            tap.equal(left, before)


# --- enveloping -------------------------------------------------------------------------------------------------------

@tap.table([('XAdES', XADES, 'XAdES-BASELINE-B'), ('XMLDSig', XMLDSIG, 'XMLDSig')])
def any_file_as_base64(_, form, format):
    with tap.scratch() as folder:
        signed = documents.sign(LETTER, folder / 'out.xml', '--xml-packaging', 'base64', '--mime-type', 'application/pdf', *form)
        tap.equal(documents.passes(signed)['format'], format)
        text = signed.read_text()
        inside = re.search(r'<ds:Object Id="content-[^"]*" MimeType="application/pdf" Encoding="' + DSIG + r'base64">([^<]*)</ds:Object>', text)
        tap.equal(base64.b64decode(inside.group(1)), LETTER.read_bytes())
        changed = inside.start(1) + 100
        spoilt = written(folder, (text[:changed] + ('B' if text[changed] == 'A' else 'A') + text[changed + 1:]).encode(), 'spoilt.xml')
        tap.equal(documents.outcome(documents.report(spoilt, code=1)['signatures'][0]), ('TOTAL-FAILED', 'HASH_FAILURE', 'broken'))


@tap.table([('nothing', 0), ('one byte', 1), ('a line', 57), ('a line and one', 58), ('more than what is held in memory', 9 << 20)])
def sizes_as_base64(_, size):
    with tap.scratch() as folder:
        data = bytes(i * 7 % 251 for i in range(min(size, 4096))) * (size // 4096 or 1)
        source = written(folder, data[:size] if size < 4096 else data, 'in.bin')
        documents.sign(source, folder / 'out.xml', '--xml-packaging', 'base64')
        documents.passes(folder / 'out.xml')
        inside = re.search(rb'<ds:Object Id="content-[^>]*>([^<]*)<', (folder / 'out.xml').read_bytes()).group(1)
        tap.true(base64.b64decode(inside) == source.read_bytes())


@tap.case('the name of what comes out as XML says so')
def _():
    with tap.scratch() as folder:
        source = written(folder, LETTER.read_bytes(), 'a.pdf')
        tap.equal(kyso.run('sign', *pki.get().p12(), '--xml-packaging', 'base64', source).code, 0)
        documents.passes(folder / 'a.pdf.signed.xml')


@tap.case('a document that holds signatures, or a DOCTYPE, is not put into another')
def _():
    with tap.scratch() as folder:
        signed = documents.sign(INVOICE, folder / '1.xml')
        refused(signed, folder / '2.xml', '--xml-packaging', 'enveloping', text='base64')
        doctype = written(folder, b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
        refused(doctype, folder / '2.xml', '--xml-packaging', 'enveloping', '--allow-doctype', text='DOCTYPE')
        documents.passes(documents.sign(signed, folder / '3.xml', '--xml-packaging', 'base64'))


# --- Manifest ---------------------------------------------------------------------------------------------------------

@tap.case('a Manifest: what it lists is reported, and a change of that is told')
def _():
    with tap.scratch() as folder:
        signed = documents.sign(INVOICE, folder / 'out.xml', '--xml-manifest', '--xml-id', 'data')
        covers = documents.passes(signed)['scope']['covers']
        tap.equal([cover['path'] for cover in covers if cover['manifest']], ['/HDon/DLHDon'])
        text = signed.read_text()
        listed = text.index('<ds:Manifest')
        tap.true('Type="' + DSIG + 'Manifest"' in text and '<DLHDon Id="data">' in text)
        spoilt = written(folder, text.replace('<DLHDon Id="data">', '<DLHDon Id="data">x', 1).encode(), 'spoilt.xml')
        one = documents.report(spoilt, code=2)['signatures'][0]
        tap.equal((one['verdict'], one['sub_indication']), ('INDETERMINATE', 'CUSTOM'))
        tap.true('MANIFEST_UNCHECKED' in documents.codes(one), one)
        digest = text.index('<ds:DigestValue>', listed) + len('<ds:DigestValue>')
        spoilt.write_text(text[:digest] + ('B' if text[digest] == 'A' else 'A') + text[digest + 1:])
        tap.equal(documents.outcome(documents.report(spoilt, code=1)['signatures'][0]), ('TOTAL-FAILED', 'HASH_FAILURE', 'broken'))


# --- Ids --------------------------------------------------------------------------------------------------------------

@tap.case('an Id is added only when that is asked for, and then told')
def _():
    with tap.scratch() as folder:
        path = ('--xml-path', '/HDon/DSCKS')
        refused(INVOICE, folder / 'out.xml', *path, text='ask for one to be added')
        out = folder / 'out.xml'
        result = kyso.run('sign', '--json', *pki.get().p12(), *path, '--add-id', '-o', out, INVOICE)
        tap.equal(result.code, 0, result)
        added = result.json[0]['added_ids']
        tap.equal([one['element'] for one in added], ['/HDon/DSCKS'])
        tap.true(f'<DSCKS Id="{added[0]["id"]}">'.encode() in out.read_bytes())
        tap.equal(documents.passes(out)['scope']['covers'][0]['id'], added[0]['id'])
        told = kyso.run('sign', '--lang', 'en', *pki.get().p12(), *path, '--add-id', '-o', folder / '2.xml', INVOICE)
        tap.true(b'/HDon/DSCKS was given the Id id-' in told.err, told)


@tap.case('of many files, each tells its own Ids')
def _():
    with tap.scratch() as folder:
        names = [written(folder, INVOICE.read_bytes(), f'{n}.xml') for n in range(12)]
        result = kyso.run('sign', '--json', *pki.get().p12(), '--xml-path', '/HDon/DSCKS', '--add-id', *names)
        tap.equal(result.code, 0, result)
        for said in result.json:
            tap.equal(len(said['added_ids']), 1, said)
            with open(said['output'], encoding='utf-8') as file:
                tap.true(said['added_ids'][0]['id'] in file.read(), said)


@tap.case('an element that has an Id, ID, id or xml:id keeps it')
def _():
    with tap.scratch() as folder:
        for attribute in ('Id', 'ID', 'id', 'xml:id'):
            source = written(folder, f'<a><b {attribute}="x"/></a>'.encode())
            signed = documents.sign(source, folder / 'out.xml', '--xml-path', '/a/b', '--add-id', '--force')
            tap.equal(documents.passes(signed)['scope']['covers'][0]['id'], 'x')
            tap.true(b'id-' not in signed.read_bytes())


@tap.case('no Id is put into what a signature covers already')
def _():
    with tap.scratch() as folder:
        for n, options in enumerate((('--xml-id', 'data'), ('--xml-parallel',))):
            first = documents.sign(INVOICE, folder / f'{n}.xml', *options)
            refused(first, folder / 'out.xml', '--xml-path', '/HDon/DLHDon/TTChung', '--add-id', text='would break it')


@tap.case('an element that is named twice is refused')
def _():
    with tap.scratch() as folder:
        for options in (('--xml-id', 'data', '--xml-path', '/HDon/DLHDon'), ('--xml-id', 'data', '--xml-id', 'data')):
            refused(INVOICE, folder / 'out.xml', *options, text='twice')


# --- several signatures -----------------------------------------------------------------------------------------------

@tap.case('side by side: each passes, in whatever order they come, and a change breaks all')
def _():
    with tap.scratch() as folder:
        current = INVOICE
        for number in range(3):
            current = documents.sign(current, folder / f'{number}.xml', '--xml-parallel', key=pki.get().p12(('signer', 'p256')[number % 2]))
            found = documents.report(current, code=0)
            tap.equal(len(found['signatures']), number + 1)
            tap.true(all(one['scope']['whole_file'] for one in found['signatures']), found)
        over = documents.sign(current, folder / 'over.xml')
        tap.equal(len(documents.report(over, code=0)['signatures']), 4)
        refused(over, folder / 'out.xml', '--xml-parallel', text='would break it')
        spoilt = written(folder, current.read_bytes().replace(b'<DLHDon Id="data">', b'<DLHDon Id="data">x'))
        tap.equal({one['verdict'] for one in documents.report(spoilt, code=1)['signatures']}, {'TOTAL-FAILED'})


@tap.case('containers are content: they are not created inside of what is signed side by side')
def _():
    with tap.scratch() as folder:
        source = written(folder, b'<HDon><DLHDon Id="data">1</DLHDon></HDon>')
        first = documents.sign(source, folder / '1.xml', '--xml-parallel')
        refused(first, folder / 'out.xml', '--profile', 'invoice-seller', text='would break it')


# --- counter-signatures -----------------------------------------------------------------------------------------------

def countersign(source, target, which, *options, leaf='p256'):
    return documents.sign(source, target, '--countersign', which, *options, key=pki.get().p12(leaf))


@tap.case('counter-signatures, beside each other and nested: what was there stays, all pass')
def _():
    with tap.scratch() as folder:
        first = documents.sign(INVOICE, folder / '0.xml', '--countersignable')
        root = documents.passes(first)['id']
        current, which, before = first, root, {root}
        for number, target in enumerate((root, root, 'nested', 'nested'), 1):
            which = which if target == 'nested' else root
            after = countersign(current, folder / f'{number}.xml', which, '--countersignable')
            found = documents.report(after, code=0)['signatures']
            new = next(one for one in found if one['id'] not in before)
            tap.equal(new['countersigns'], which)
            tap.equal((new['format'], new['scope']['covers'][0]['path'].rsplit('/', 1)[-1]), ('XAdES-BASELINE-B', 'ds:SignatureValue'))
            old, now = current.read_bytes(), after.read_bytes()
            same = next(n for n in range(len(old)) if old[n] != now[n])
            tap.true(now.endswith(old[same:]), 'something else than an insertion')
            before.add(new['id'])
            current, which = after, new['id']
        tap.equal([one['countersigns'] for one in found if one['id'] == root], [None])
        text = current.read_text()
        tap.equal(text.count('<xades:UnsignedProperties'), 3)       # of the first, and of two that were counter-signed


@tap.case('what has no Id to be counter-signed by is given one on request; who is no XAdES signature cannot be')
def _():
    with tap.scratch() as folder:
        bare = documents.sign(INVOICE, folder / '0.xml')
        tap.true(b'<ds:SignatureValue>' in bare.read_bytes(), 'an Id that nothing signs, and nobody asked for')
        which = documents.passes(bare)['id']
        refused(bare, folder / 'out.xml', '--countersign', which, text='ask for one to be added')
        out = folder / 'out.xml'
        result = kyso.run('sign', '--json', *pki.get().p12(), '--countersign', which, '--add-id', '-o', out, bare)
        tap.equal(result.code, 0, result)
        tap.true(f'<ds:SignatureValue Id="{result.json[0]["added_ids"][0]["id"]}">'.encode() in out.read_bytes())
        tap.equal(len(documents.report(out, code=0)['signatures']), 2)
        refused(bare, folder / 'none.xml', '--countersign', 'nobody', text="no signature 'nobody'")
        plain = documents.sign(INVOICE, folder / 'plain.xml', *XMLDSIG)
        refused(plain, folder / 'none.xml', '--countersign', documents.passes(plain)['id'], text='no XAdES signature')


@tap.case('a counter-signature that was moved into another signature vouches for nothing there')
def _():
    with tap.scratch() as folder:
        first = documents.sign(INVOICE, folder / '0.xml', '--xml-id', 'data', '--countersignable')
        which = documents.passes(first)['id']
        both = documents.sign(first, folder / '1.xml', '--xml-id', 'data')
        after = countersign(both, folder / '2.xml', which)
        found = documents.report(after, code=0)['signatures']
        counter = next(one['id'] for one in found if one['countersigns'] == which)
        text = after.read_text()
        start = text.index('<xades:UnsignedProperties')
        end = text.index('</xades:UnsignedProperties>') + len('</xades:UnsignedProperties>')
        rest = text[:start] + text[end:]
        at = rest.rindex('</xades:QualifyingProperties>')
        moved = written(folder, (rest[:at] + text[start:end] + rest[at:]).encode(), 'moved.xml')
        one = next(one for one in documents.report(moved, code=2)['signatures'] if one['id'] == counter)
        tap.equal(documents.outcome(one), ('INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE', 'intact'))
        tap.true('COUNTERSIGNATURE_FOREIGN' in documents.codes(one) and one['countersigns'] is None, one)


@tap.case('a signature that another one covers is not counter-signed any more')
def _():
    with tap.scratch() as folder:
        first = documents.sign(INVOICE, folder / '0.xml', '--xml-id', 'data', '--countersignable')
        which = documents.passes(first)['id']
        both = documents.sign(first, folder / '1.xml')
        refused(both, folder / 'out.xml', '--countersign', which, text='would break it')


# --- what XAdES says --------------------------------------------------------------------------------------------------

@tap.case('policy, roles, place, commitments and format, in the order of the schema')
def _():
    with tap.scratch() as folder:
        policy = written(folder, 'Chính sách chữ ký'.encode(), 'policy.txt')
        told = ('--policy', '1.2.3.4', '--policy-uri', 'http://example.org/p?a&b', '--policy-description', 'Chính sách <1>',
                '--role', 'Kế toán trưởng', '--role', 'Người lập', '--place', 'city=Hà Nội', '--place', 'country=VN',
                '--commitment', 'approval', '--commitment', 'urn:example:x', '--description', 'Hóa đơn', '--mime-type', 'application/xml')
        by_document = documents.sign(INVOICE, folder / '1.xml', *told, '--policy-document', policy)
        digest = hashlib.sha256(policy.read_bytes())
        by_hash = documents.sign(INVOICE, folder / '2.xml', *told, '--policy-hash', f'SHA-256:{digest.hexdigest()}')
        order = ['SigningTime', 'SigningCertificateV2', 'SignaturePolicyIdentifier', 'SignatureProductionPlaceV2', 'SignerRoleV2',
                 'DataObjectFormat', 'CommitmentTypeIndication']
        for signed in (by_document, by_hash):
            text = signed.read_text()
            tap.equal(documents.passes(signed)['format'], 'XAdES-BASELINE-B')
            places = [text.index(f'<xades:{name}') for name in order]
            tap.equal(places, sorted(places))
            for expected in ('<xades:Identifier Qualifier="OIDAsURN">urn:oid:1.2.3.4</xades:Identifier>', 'Chính sách &#60;1&#62;',
                             '<xades:SPURI>http://example.org/p?a&#38;b</xades:SPURI>', '<xades:City>Hà Nội</xades:City>',
                             '<xades:ClaimedRole>Người lập</xades:ClaimedRole>', '#ProofOfApproval', '<xades:Identifier>urn:example:x<',
                             '<xades:Description>Hóa đơn</xades:Description><xades:MimeType>application/xml</xades:MimeType>',
                             f'>{base64.b64encode(digest.digest()).decode()}</ds:DigestValue></xades:SigPolicyHash>'):
                tap.true(expected in text, expected)
        implied = documents.sign(INVOICE, folder / '3.xml', '--policy', 'implied')
        tap.true('<xades:SignaturePolicyImplied/>' in implied.read_text())
        documents.passes(implied)


@tap.case('the policy is reported, and its document compared')
def _():
    with tap.scratch() as folder:
        policy, other = written(folder, b'policy', 'policy.txt'), written(folder, b'another', 'other.txt')
        signed = documents.sign(INVOICE, folder / '1.xml', '--policy', '1.2.3.4', '--policy-document', policy, '--policy-uri', 'http://example.org/')
        trust = pki.get().trust
        plain = documents.report(signed, code=0)['signatures'][0]['policy']
        tap.equal(plain, {'id': 'urn:oid:1.2.3.4', 'implied': False, 'description': None, 'uri': 'http://example.org/',
                          'digest': 'SHA-256', 'document': 'unchecked'})
        good = documents.report(signed, *trust, '--policy-document', policy, code=0)['signatures'][0]
        tap.equal(good['policy']['document'], 'matches')
        both = documents.report(signed, *trust, '--policy-document', other, '--policy-document', policy, code=0)['signatures'][0]
        tap.equal(both['policy']['document'], 'matches')
        bad = documents.report(signed, *trust, '--policy-document', other, code=2)['signatures'][0]
        tap.equal((bad['verdict'], bad['sub_indication'], bad['integrity'], bad['policy']['document']),
                  ('INDETERMINATE', 'POLICY_PROCESSING_ERROR', 'intact', 'differs'))
        implied = documents.sign(INVOICE, folder / '2.xml', '--policy', 'implied')
        tap.equal(documents.passes(implied)['policy']['implied'], True)
        tap.equal(documents.passes(documents.sign(INVOICE, folder / '3.xml'))['policy'], None)


# --- one of several ---------------------------------------------------------------------------------------------------

INVOICES = ('<TDiep><DLieu>' + ''.join(f'<HDon><DLHDon Id="hd{n}">{n}</DLHDon><DSCKS><NBan/></DSCKS></HDon>' for n in range(1, 6))
            + '</DLieu></TDiep>')


@tap.table([('position', '3', 'hd3'), ('path', '/TDiep/DLieu/HDon[4]', 'hd4'), ('the first path', '/TDiep/DLieu/HDon', 'hd1'),
            ('the first path, counted', '/TDiep/DLieu[1]/HDon[1]', 'hd1'), ('Id', 'hd5', 'hd5')])
def one_of_several(_, choice, expected):
    with tap.scratch() as folder:
        source = written(folder, INVOICES.encode())
        signed = documents.sign(source, folder / 'out.xml', '--profile', 'invoice-seller', '--xml-base', choice)
        one = documents.passes(signed)
        tap.equal(one['scope']['covers'][0]['id'], expected)
        number = expected[2:]
        tap.true(f'<DLHDon Id="{expected}">{number}</DLHDon><DSCKS><NBan><Signature ' in signed.read_text())


@tap.table([('none is chosen', (), 'hd1'), ('a position that is none', ('--xml-base', '6'), '5 are there'),
            ('an Id that is nowhere', ('--xml-base', 'hd9'), '5 are there'), ('a path that is none', ('--xml-base', '/HDon'), '5 are there')])
def several_refused(_, options, text):
    with tap.scratch() as folder:
        source = written(folder, INVOICES.encode())
        result = refused(source, folder / 'out.xml', '--profile', 'invoice-seller', *options, text=text)
        tap.true(b'/TDiep/DLieu/HDon[2]' in result.err, result)


@tap.case('all of several, one after the other: all pass')
def _():
    with tap.scratch() as folder:
        current = written(folder, INVOICES.encode())
        for number in range(1, 6):
            current = documents.sign(current, folder / f'{number}.xml', '--profile', 'invoice-seller', '--xml-base', str(number))
        tap.equal(len(documents.report(current, code=0)['signatures']), 5)


# --- wrong usage ------------------------------------------------------------------------------------------------------

@tap.table([(' '.join(options), options) for options in [
    ('--profile', 'invoice-seller', '--xml-id', 'data'), ('--profile', 'invoice-seller', '--xml-parallel'),
    ('--xml-packaging', 'enveloping', '--xml-id', 'data'), ('--xml-packaging', 'base64', '--countersign', 'x'),
    ('--countersign', 'x', '--xml-manifest'), ('--xml-form', 'xmldsig', '--role', 'x'), ('--xml-form', 'xmldsig', '--countersign', 'x'),
    ('--xml-form', 'xmldsig', '--countersignable'),
    ('--xml-base', '1'), ('--xml-packaging', 'detached'), ('--place', 'planet=Mars'), ('--place', 'city='), ('--commitment', 'love'),
    ('--policy', '1.2'), ('--policy-uri', 'x'), ('--policy', 'implied', '--policy-uri', 'x'), ('--policy', '1.2', '--policy-hash', 'SHA-256:0'),
    ('--policy', '1.2', '--policy-hash', 'SHA-256:00', '--policy-document', 'x')]])
def usage(_, options):
    with tap.scratch() as folder:
        refused(INVOICE, folder / 'out.xml', *options, code=64)


tap.main()
