"""The small document that the families change, its revisions, and its signatures.

A revision is a dictionary {object number: body}; None frees the object. What is signed here is signed by craft_pdf, where a
signature needs what `kyso sign` does not do on purpose; the plain ones are kyso's.
"""

import re

import craft_pdf

TEXT = b'BT /F1 18 Tf 50 700 Td (%s) Tj ET'


def stream(data, more=b''):
    return b'<<%s/Length %d>>\nstream\n%s\nendstream' % (more, len(data), data)


def form_xobject(data):
    return stream(data, b'/Type/XObject/Subtype/Form/BBox[0 0 200 40]/Resources<</Font<</F1 8 0 R>>>>')


CATALOG = b'<</Type/Catalog/Pages 2 0 R/AcroForm 10 0 R/Metadata 11 0 R%s>>'
FORM = b'<</Fields[12 0 R 13 0 R%s]/SigFlags 1/DR<</Font<</F1 8 0 R>>>>/DA(/F1 12 Tf 0 g)>>'
PAGE = b'<</Type/Page/Parent 2 0 R/Contents 5 0 R/Annots[12 0 R 13 0 R%s]%s>>'
AMOUNT = b'<</Type/Annot/Subtype/Widget/FT/Tx/T(Amount)/V(%s)/Rect[50 500 250 540]/F 4/P 3 0 R/AP<</N 14 0 R>>%s>>'
APPROVAL = b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Approval)/Rect[50 100 250 140]/F 4/P 3 0 R%s>>'
OBJECTS = {
    1: CATALOG % b'',
    2: b'<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/Resources 7 0 R/MediaBox[0 0 595 842]>>',
    3: PAGE % (b'', b''),
    4: b'<</Type/Page/Parent 2 0 R/Contents 6 0 R>>',
    5: stream(TEXT % b'10 000 000 VND' + b' /Im1 Do'),
    6: stream(TEXT % b'second page'),
    7: b'<</Font<</F1 8 0 R>>/XObject<</Im1 9 0 R>>>>',
    8: b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    9: stream(b'\x00', b'/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray'),
    10: FORM % b'',
    11: stream(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', b'/Type/Metadata/Subtype/XML'),
    12: AMOUNT % (b'1', b''),
    13: APPROVAL % b'',
    14: form_xobject(b'BT /F1 12 Tf (1) Tj ET'),
    15: stream(TEXT % b'99 000 000 VND'),
    16: b'<</Producer(one)>>',
}
SIGNATURE = (b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20261122090000+07\'00\')%s/ByteRange '
             + craft_pdf.RANGE + b'/Contents ' + craft_pdf.MARK + b'>>')
FIELD = b'<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/Rect[%s]/F 132/P 3 0 R/V %d 0 R%s>>'
FIRST, VALUE = 17, 18     # the field and value of the first signature


def rows(entries):
    return b''.join(b'%d 1\n%010d %05d %c \n' % (n, at, gen, kind) for n, (at, gen, kind) in sorted(entries.items()))


def write(objects, pdf=b'', trailer=b'/Root 1 0 R/Info 16 0 R', prev=None, end=b'startxref\n%d\n%%%%EOF\n', extra=None, tail=True):
    """Appends one revision. extra: cross-reference entries {number: (offset, generation, kind)} besides the objects'."""
    out, entries = pdf or b'%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', dict(extra or {})
    for number, body in objects.items():
        entries[number] = (len(out), 0, ord('n')) if body is not None else (0, 1, ord('f'))
        if body is not None:
            out += b'%d 0 obj\n%s\nendobj\n' % (number, body)
    if not tail:
        return out
    sizes = [int(n) for n in re.findall(rb'/Size (\d+)', pdf)]
    at, size = len(out), max([*sizes, *(n + 1 for n in entries)])
    more = b'/Prev %d' % prev if prev is not None else b''
    head = b'xref\n0 1\n0000000000 65535 f \n'
    return out + head + rows(entries) + b'trailer\n<</Size %d%s%s>>\n' % (size, trailer, more) + (end % at if end else b'')


def startxref(pdf):
    return int(pdf[pdf.rindex(b'startxref') + 9:].split()[0])


def update(pdf, objects, **how):
    """An incremental update as the standard wants it."""
    return write(objects, pdf, prev=startxref(pdf), **how)


def body(pdf, number):
    """The newest definition of an object, as text."""
    return re.findall(rb'(?:^|\n)%d 0 obj\s*(.*?)\s*endobj' % number, pdf, re.S)[-1]


def changed(pdf, number, old, new):
    """An update of one object, with `old` in it replaced."""
    text = body(pdf, number)
    assert old in text, (number, old, text)
    return update(pdf, {number: text.replace(old, new, 1)})


def signing(name=b'First', place=b'0 0 0 0', field=FIRST, value=VALUE, more=b'', in_field=b'', extra_annots=b''):
    """The objects of a revision that adds a signature field and signs it."""
    return {field: FIELD % (name, place, value, in_field), value: SIGNATURE % more}


def certified(signer, level=None, more=b'', objects=None, in_field=b''):
    """One revision, signed. level: of DocMDP; more: further entries of /Reference."""
    reference, perms = b'', b''
    if level is not None:
        reference = b'<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P %d/V/1.2>>>>' % level
        perms = b'/Perms<</DocMDP %d 0 R>>' % VALUE
    reference = b'/Reference[%s%s]' % (reference, more) if reference or more else b''
    whole = {**OBJECTS, **signing(more=reference, in_field=in_field), 1: CATALOG % perms,
             3: PAGE % (b' %d 0 R' % FIRST, b''), 10: FORM % (b' %d 0 R' % FIRST), **(objects or {})}
    return craft_pdf.fill(write(whole), signer)


def locked(signer, action, names):
    """Signed with FieldMDP."""
    return certified(signer, more=b'<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2'
                     b'/Action/%s/Fields[%s]>>>>' % (action, names))


def place_field(pdf, place, more=b'', objects=None, flags=4):
    """An empty signature field 30."""
    field = b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Second)/Rect[%s]/F %d/P 3 0 R%s>>' % (place, flags, more)
    return update(pdf, {10: listed(pdf, 10, b'Fields', 30), 3: listed(pdf, 3, b'Annots', 30), 30: field, **(objects or {})})


def sign_again(pdf, signer, place=b'0 0 0 0', name=b'Second', objects=None, appearance=b'', kind=b'/Type/Sig/', sub=None):
    """A further signature in a new field 30, its value 31."""
    added = signing(name, place, 30, 31, in_field=appearance)
    added[31] = added[31].replace(b'/Type/Sig/', kind).replace(b'ETSI.CAdES.detached', sub or b'ETSI.CAdES.detached')
    return craft_pdf.fill(update(pdf, {10: listed(pdf, 10, b'Fields', 30), 3: listed(pdf, 3, b'Annots', 30), **added,
                                       **(objects or {})}), signer)


def listed(pdf, number, key, new):
    """The newest definition of an object, with one more reference in its array `key`."""
    text, count = re.subn(rb'(/%s\s*\[[^]]*)\]' % key, rb'\1 %d 0 R]' % new, body(pdf, number))
    assert count == 1, (number, key)
    return text
