"""Small signed PDFs in which every part that the coverage rules look at can be said wrongly, under a signature that is right."""

import craft_der

ROOM = 6144             # octets of /Contents before hex
MARK = b'<' + b'0' * (2 * ROOM) + b'>'
RANGE = b'[0 0000000000 0000000000 0000000000]'

CONTENT = b'BT /F1 18 Tf 50 100 Td (10 000 000 VND) Tj ET'
OBJECTS = {
    1: b'<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[5 0 R]>>>>',
    2: b'<</Type/Pages/Kids[3 0 R]/Count 1>>',
    3: b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Annots[5 0 R]>>',
    4: b'<</Length %d>>\nstream\n%s\nendstream' % (len(CONTENT), CONTENT),
    5: b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/Rect[0 0 0 0]/F 132/P 3 0 R/V 6 0 R>>',
    6: b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20261122090000+07\'00\')/ByteRange ' + RANGE +
       b'/Contents ' + MARK + b'>>',
}


def table(offsets, size=None):
    """A cross-reference table over {number: offset}, in one section from 0."""
    last = max(offsets)
    rows = b''.join(b'%010d 00000 n \n' % offsets[n] if n in offsets else b'0000000000 00000 f \n' for n in range(1, last + 1))
    return b'xref\n0 %d\n0000000000 65535 f \n' % (last + 1) + rows


def write(objects=None, start=b'%PDF-1.7\n', trailer=b'/Root 1 0 R', end=b'%%EOF\n', prev=None, at=0):
    """The objects as one revision. start: what comes before (an earlier revision, whose length `at` is not to repeat)."""
    out, offsets = start, {}
    for number, body in {**(OBJECTS if objects is None else objects)}.items():
        offsets[number] = at + len(out)
        out += b'%d 0 obj\n' % number + body + b'\nendobj\n'
    where = at + len(out)
    more = b'/Prev %d' % prev if prev is not None else b''
    if prev is None:
        out += table(offsets)
    else:
        out += b'xref\n0 1\n0000000000 65535 f \n' + b''.join(b'%d 1\n%010d 00000 n \n' % item for item in sorted(offsets.items()))
    size = max([6, *offsets]) + 1
    return out + b'trailer\n<</Size %d%s%s>>\nstartxref\n%d\n' % (size, trailer, more, where) + end


def honest(start, end, length):
    return [0, start, end, length - end]


def fill(pdf, signer, ranges=honest, make=craft_der.plain, spell=None, hexed=bytes.hex, pad=b'0'):
    """Signs the bytes that ranges(start and end of the hex token, length) names, and fills /ByteRange and /Contents in.

    spell(values) gives the text of /ByteRange; make(signer, content) the CMS; hexed its spelling; pad follows it."""
    start = pdf.index(MARK)
    end = start + len(MARK)
    values = ranges(start, end, len(pdf))
    text = spell(values) if spell else b'[%d %d %d %d]' % tuple(values)
    pdf = pdf.replace(RANGE, text.ljust(len(RANGE)), 1)
    a, b, c, d = values
    cms = make(signer, pdf[a:a + b] + pdf[c:c + d])
    digits = hexed(cms)
    digits = digits.encode() if isinstance(digits, str) else digits
    token = (b'<' + digits + pad * (2 * ROOM))[:len(MARK) - 1] + b'>'
    return pdf[:start] + token + pdf[end:]


def signed(signer, objects=None, **how):
    """A small PDF, signed. Options of fill; objects override those of the table."""
    write_how = {name: how.pop(name) for name in ('start', 'trailer', 'end') if name in how}
    return fill(write({**OBJECTS, **(objects or {})}, **write_how), signer, **how)


def update(pdf, objects, trailer=b'/Root 1 0 R', end=b'%%EOF\n'):
    """An incremental update of pdf with these objects."""
    prev = int(pdf[pdf.rindex(b'startxref') + 9:].split()[0])
    return pdf + write(objects, start=b'', trailer=trailer, prev=prev, at=len(pdf), end=end)
