"""PDF families: coverage by /ByteRange, cross-references, depth, bombs. Name: function of a signer that gives the bytes."""

import zlib

import craft_der
import craft_pdf
from craft_pdf import MARK, OBJECTS, RANGE, signed, update, write

SIG = OBJECTS[6]
FIELD = OBJECTS[5]


def ranges(change):
    """A signed file whose ranges are those that change(start, end, length) names, under a signature that is right over them."""
    return lambda signer: signed(signer, ranges=change)


def spelled(text):
    """A signed file whose honest ranges are written as text says, with %d for each."""
    return lambda signer: signed(signer, spell=lambda values: (text % tuple(values)).encode())


def objects(**changed):
    """A signed file with these objects instead: o6=... replaces object 6."""
    return lambda signer: signed(signer, {int(name[1:]): body for name, body in changed.items()})


def after(function):
    """A properly signed file, then changed: nothing of it is signed anew."""
    return lambda signer: function(signed(signer))


def unsigned(function):
    return lambda signer: function()


def sig(old, new):
    return {'o6': SIG.replace(old, new)}


def in_another_gap(signer):
    """A second field whose dictionary borrows the first one's gap, and holds its own /Contents elsewhere."""
    pdf = signed(signer)
    start = pdf.index(b'/Contents <' if b'/Contents <' in pdf else b'/Contents<') + 9
    end = pdf.index(b'>', start) + 1
    cms = pdf[start:end].strip()
    wanted = b'/ByteRange [0 %d %d %d]' % (start, end, len(pdf) - end)
    return update(pdf, {
        1: OBJECTS[1].replace(b'[5 0 R]', b'[7 0 R]'),
        7: FIELD.replace(b'(Signature1)', b'(Other)').replace(b'6 0 R', b'8 0 R'),
        8: b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached' + wanted + b'/Contents ' + cms + b'>>'})


def dictionary_after_the_ranges(signer):
    """The dictionary stands in a later revision; its ranges cover the first one alone, without a gap of its own."""
    first = write({1: OBJECTS[1].replace(b'5 0 R', b''), **{n: OBJECTS[n] for n in (2, 3, 4)}})
    cms = craft_der.plain(signer, first).hex().encode()
    length = len(first)
    return update(first, {
        1: OBJECTS[1], 5: FIELD,
        6: b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange [0 %d %d 0]/Contents <%s>>>' % (
            length, length, cms)})


def range_element_indirect(signer):
    """The third number is an object of its own, and says the truth."""
    where = write({**OBJECTS, 7: b'%010d' % 0}).index(MARK) + len(MARK)
    return signed(signer, {7: b'%010d' % where}, spell=lambda values: b'[0 %d 7 0 R %d]' % (values[1], values[3]))


def universal_forgery(contents, byte_range):
    return after(lambda pdf: _replace_entry(_replace_entry(pdf, b'/Contents ', contents), b'/ByteRange ', byte_range))


def _replace_entry(pdf, key, value):
    if value is None:
        return pdf
    at = pdf.index(key) + len(key)
    close = b'>' if pdf[at:at + 1] == b'<' else b']'
    end = pdf.index(close, at) + 1
    return pdf[:at] + value.ljust(end - at) + pdf[end:]


def mixed_case(cms):
    digits = cms.hex()
    return digits[:-8] + digits[-8:].upper() if any(c in 'abcdef' for c in digits[-8:]) else digits[:200].upper() + digits[200:]


def with_blanks(cms):
    digits = cms.hex()
    return digits[:64] + '\n' + digits[64:]


def followed(pad):
    return lambda signer: signed(signer, pad=pad)


def text_after(text):
    return after(lambda pdf: pdf + text)


def stream(keys, data):
    return b'<<%s/Length %d>>\nstream\n%s\nendstream' % (keys, len(data), data)


def xref_stream_file(keys, data, size=7):
    """A file whose cross-reference is a stream with these keys."""
    out = b'%PDF-1.7\n1 0 obj\n' + OBJECTS[1] + b'\nendobj\n'
    at = len(out)
    body = stream(b'/Type/XRef/Root 1 0 R/Size %d' % size + keys, data)
    return out + b'9 0 obj\n' + body + b'\nendobj\nstartxref\n%d\n%%%%EOF\n' % at


def zeros(size):
    """So many zeros deflated: one flushed block, repeated, since a block that is flushed whole knows nothing before it."""
    block = 1_000_000
    if size < block:
        return zlib.compress(bytes(size), 9)
    deflate = zlib.compressobj(9)
    first, again = (deflate.compress(bytes(block)) + deflate.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    count, rest = divmod(size, block)
    assert rest == 0, size
    return first + again * (count - 1) + b'\x03\0' + ((size % 65521 << 16) + 1).to_bytes(4, 'big')


def bomb(size, times=1):
    data = zeros(size)
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def filters(times):
    return b'/Filter[' + b'/FlateDecode' * times + b']'


def object_stream_bomb():
    """The catalog lies in an object stream that inflates to 10 GB."""
    out = b'%PDF-1.7\n'
    at = len(out)
    out += b'8 0 obj\n' + stream(b'/Type/ObjStm/N 1/First 5' + filters(2), bomb(10_000_000_000, 2)) + b'\nendobj\n'
    where = len(out)
    rows = b''.join(kind.to_bytes(1, 'big') + a.to_bytes(4, 'big') + b.to_bytes(1, 'big') for kind, a, b in
                    [(0, 0, 0), (2, 8, 0), (1, at, 0), (1, where, 0)])
    keys = b'/Type/XRef/Root 1 0 R/Size 10/W[1 4 1]/Index[0 2 8 2]'
    return out + b'9 0 obj\n' + stream(keys, rows) + b'\nendobj\nstartxref\n%d\n%%%%EOF\n' % where


def prev_loop():
    pdf = write()
    at = int(pdf[pdf.rindex(b'startxref') + 9:].split()[0])
    return pdf.replace(b'/Size 7', b'/Size 7/Prev %d' % at)


def prev_ring():
    """Two revisions, each the other's /Prev."""
    pdf = write(trailer=b'/Root 1 0 R/Prev %010d' % 0)
    two = update(pdf, {4: OBJECTS[4]})
    where = int(two[two.rindex(b'startxref') + 9:].split()[0])
    return two.replace(b'/Prev %010d' % 0, b'/Prev %010d' % where, 1)


def fields(count_of_kids, depth):
    """A tree of fields, deep or wide."""
    table = {1: b'<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[10 0 R]>>>>', 2: OBJECTS[2], 3: OBJECTS[3], 4: OBJECTS[4]}
    for level in range(depth):
        kids = b' '.join([b'%d 0 R' % (11 + level)] * count_of_kids)
        table[10 + level] = b'<</T(a)/Kids[%s]>>' % kids
    table[10 + depth] = b'<</FT/Sig/T(end)>>'
    return write(table)


def kids_loop():
    return write({**OBJECTS, 5: b'<</FT/Sig/T(loop)/Kids[5 0 R 7 0 R]/Parent 7 0 R>>', 7: b'<</T(x)/Kids[5 0 R]/Parent 5 0 R>>'})


FAMILIES = {
    # How /ByteRange is written (ISO 32000-2 12.8.1)
    'honest': signed,
    'range-of-three': lambda s: signed(s, spell=lambda v: b'[0 %d %d]' % (v[1], v[2])),
    'range-of-five': spelled('[%d %d %d %d 0]'),
    'range-real': spelled('[%d %d %d %d.0]'),
    'range-negative': spelled('[%d %d -%d %d]'),
    'range-huge': lambda s: signed(s, spell=lambda v: b'[0 %d %d 18446744073709551615]' % (v[1], v[2])),
    'range-overflows': lambda s: signed(s, spell=lambda v: b'[0 %d %d 9223372036854775807]' % (v[1], v[2])),
    'range-indirect': range_element_indirect,
    'range-array-indirect': objects(**sig(b'/ByteRange ' + RANGE, b'/ByteRange 7 0 R'), o7=RANGE),
    'range-absent': after(lambda pdf: pdf.replace(b'/ByteRange', b'/ByteRangf')),
    'range-twice': objects(**sig(b'/ByteRange ', b'/ByteRange [0 1 2 3]/ByteRange ')),
    # What it covers
    'starts-late': ranges(lambda a, b, n: [1, a - 1, b, n - b]),
    'skips-the-head': ranges(lambda a, b, n: [9, a - 9, b, n - b]),
    'gap-wider-left': ranges(lambda a, b, n: [0, a - 1, b, n - b]),
    'gap-wider-right': ranges(lambda a, b, n: [0, a, b + 1, n - b - 1]),
    'gap-is-most-of-the-file': ranges(lambda a, b, n: [0, 9, b, n - b]),
    'gap-digits-only': ranges(lambda a, b, n: [0, a + 1, b - 1, n - b + 1]),
    'ranges-swapped': ranges(lambda a, b, n: [b, n - b, 0, a]),
    'ranges-overlap': ranges(lambda a, b, n: [0, a, 0, n]),
    'covers-nothing': ranges(lambda a, b, n: [0, 0, 0, 0]),
    'covers-the-start-alone': ranges(lambda a, b, n: [0, a, b, 0]),
    'ends-before-startxref': ranges(lambda a, b, n: [0, a, b, n - b - 30]),
    'ends-before-eof': ranges(lambda a, b, n: [0, a, b, n - b - 6]),
    'ends-inside-eof': ranges(lambda a, b, n: [0, a, b, n - b - 2]),
    'ends-without-newline': ranges(lambda a, b, n: [0, a, b, n - b - 1]),
    'ends-in-junk': lambda s: signed(s, end=b'%%EOF\njunk that is signed'),
    'in-another-gap': in_another_gap,
    'dictionary-after-the-ranges': dictionary_after_the_ranges,
    # /Contents
    'contents-blanks': lambda s: signed(s, hexed=with_blanks),
    'contents-mixed-case': lambda s: signed(s, hexed=mixed_case),
    'contents-upper-case': lambda s: signed(s, hexed=lambda cms: cms.hex().upper()),
    'contents-not-hex': lambda s: signed(s, hexed=lambda cms: cms.hex() + 'zz'),
    'contents-then-bytes': followed(b'1'),
    'contents-twice': objects(**sig(b'/Contents ', b'/Contents <00>/Contents ')),
    'contents-twice-after': objects(o6=SIG[:-2] + b'/Contents <00>>>'),
    'contents-indirect': objects(**sig(b'/Contents ' + MARK, b'/Contents 7 0 R'), o7=MARK),
    'contents-nested': objects(**sig(b'/Contents ' + MARK, b'/Contents<3030>/Prop_Build<</Contents ' + MARK + b'>>')),
    'contents-key-in-hex': objects(**sig(b'/Contents ', b'/Cont#65nts ')),
    'contents-key-in-hex-and-plain': objects(**sig(b'/Contents ', b'/Cont#65nts<00>/Contents ')),
    'range-key-in-hex': objects(**sig(b'/ByteRange ', b'/Byte#52ange ')),
    'key-of-a-name-in-hex': objects(**sig(b'/M(', b'/V#e1n#20th#c6#b0(x)/M(')),
    # Universal forgery
    'usf-contents-empty': universal_forgery(b'<>', None),
    'usf-contents-zero': universal_forgery(b'<00>', None),
    'usf-contents-null': universal_forgery(b'null', None),
    'usf-range-empty': universal_forgery(None, b'[]'),
    'usf-range-null': universal_forgery(None, b'null'),
    'usf-range-negative': universal_forgery(None, b'[-1 -1 -1 -1]'),
    'usf-range-zero': universal_forgery(None, b'[0 0 0 0]'),
    'usf-both': universal_forgery(b'null', b'null'),
    # The file around it
    'text-after': text_after(b'unsigned'),
    'blank-after': text_after(b'\n'),
    'update-after': after(lambda pdf: update(pdf, {4: OBJECTS[4].replace(b'10 000', b'99 000')})),
    'update-without-eof': after(lambda pdf: update(pdf, {4: OBJECTS[4].replace(b'10 000', b'99 000')}, end=b'')),
    'page-changed': after(lambda pdf: pdf.replace(b'10 000', b'99 000')),
    'pdf-in-front': after(lambda pdf: b'%PDF-1.7\n% another head\n' + pdf),
    'two-fields-one-name': objects(o1=OBJECTS[1].replace(b'[5 0 R]', b'[5 0 R 7 0 R]'), o7=FIELD),
    'two-fields-one-value': objects(o1=OBJECTS[1].replace(b'[5 0 R]', b'[5 0 R 7 0 R]'), o7=FIELD.replace(b'Signature1', b'Other')),
    'widget-repeats-the-value': objects(o1=OBJECTS[1].replace(b'[5 0 R]', b'[7 0 R]'), o7=b'<</FT/Sig/T(Signature1)/V 6 0 R/Kids[5 0 R]>>',
                                        o5=FIELD.replace(b'/T(Signature1)', b'/Parent 7 0 R')),
    'one-field-twice': objects(o1=OBJECTS[1].replace(b'[5 0 R]', b'[5 0 R 5 0 R]')),
    'field-not-in-form': objects(o1=OBJECTS[1].replace(b'[5 0 R]', b'[]')),
    'sub-filter-unknown': objects(**sig(b'ETSI.CAdES.detached', b'Nobody.knows.this')),
    'sub-filter-absent': objects(**sig(b'/SubFilter/ETSI.CAdES.detached', b'')),
    'type-absent': objects(**sig(b'/Type/Sig', b'')),
    'value-direct': objects(o5=FIELD.replace(b'6 0 R', SIG), o6=b'null'),
    'encrypted': unsigned(lambda: write(trailer=b'/Root 1 0 R/Encrypt<</Filter/Standard/V 9/R 9>>')),
    # Cross-references
    'startxref-absent': unsigned(lambda: write().replace(b'startxref', b'startxrfe')),
    'startxref-negative': unsigned(lambda: write().replace(b'startxref\n', b'startxref\n-')),
    'startxref-beyond': unsigned(lambda: write().replace(b'startxref\n', b'startxref\n9')),
    'startxref-2-to-64': unsigned(lambda: write().replace(b'startxref\n', b'startxref\n18446744073709551617')),
    'prev-is-itself': unsigned(prev_loop),
    'prev-ring': unsigned(prev_ring),
    'prev-negative': unsigned(lambda: write(trailer=b'/Root 1 0 R/Prev -1')),
    'root-absent': unsigned(lambda: write(trailer=b'')),
    'root-is-itself': unsigned(lambda: write({**OBJECTS, 1: b'1 0 R'})),
    'table-claims-a-billion': unsigned(lambda: write().replace(b'xref\n0 7', b'xref\n0 1000000000')),
    'table-starts-at-2-to-31': unsigned(lambda: write().replace(b'xref\n0 7', b'xref\n2147483647 7')),
    'offsets-swapped': unsigned(lambda: write({n: OBJECTS[n] for n in (1, 2, 3)}).replace(b' 00000 n', b'9 0000 n')),
    'xref-stream-bomb': unsigned(lambda: xref_stream_file(b'/W[1 4 2]' + filters(2), bomb(10_000_000_000, 2), 300_000_000)),
    'xref-stream-wide': unsigned(lambda: xref_stream_file(b'/W[99999999 99999999 99999999]', b'\0' * 64)),
    'xref-stream-w-overflow': unsigned(lambda: xref_stream_file(b'/W[9223372036854775807 9223372036854775807 2]', b'\0' * 64)),
    'xref-stream-no-width': unsigned(lambda: xref_stream_file(b'/W[0 0 0]/Index[0 999999999]', b'')),
    'xref-stream-index-negative': unsigned(lambda: xref_stream_file(b'/W[1 4 2]/Index[-1 2]', b'\0' * 14)),
    'xref-stream-columns': unsigned(lambda: xref_stream_file(
        b'/W[1 4 2]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2147483647>>', bomb(100))),
    'object-stream-bomb': unsigned(object_stream_bomb),
    # Lies and depth
    'length-beyond': unsigned(lambda: write({**OBJECTS, 4: OBJECTS[4].replace(b'/Length ', b'/Length 99999999')})),
    'length-negative': unsigned(lambda: write({**OBJECTS, 4: OBJECTS[4].replace(b'/Length ', b'/Length -')})),
    'length-is-itself': unsigned(lambda: write({**OBJECTS, 4: b'<</Length 4 0 R>>\nstream\nx\nendstream'})),
    'arrays-deep': unsigned(lambda: write({**OBJECTS, 1: b'[' * 200_000 + b']' * 200_000})),
    'arrays-deep-in-form': unsigned(lambda: write({**OBJECTS, 1: OBJECTS[1].replace(b'[5 0 R]', b'[' * 50_000 + b']' * 50_000)})),
    'dictionaries-deep': unsigned(lambda: write({**OBJECTS, 1: b'<</A' * 100_000 + b'>>' * 100_000})),
    'string-deep': unsigned(lambda: write({**OBJECTS, 5: FIELD.replace(b'(Signature1)', b'(' * 500_000 + b')' * 500_000)})),
    'string-open': unsigned(lambda: write({**OBJECTS, 5: FIELD.replace(b'(Signature1)', b'((((')})),
    'name-long': unsigned(lambda: write({**OBJECTS, 1: b'<</' + b'A' * 1_000_000 + b' 1>>'})),
    'number-long': unsigned(lambda: write({**OBJECTS, 1: b'<</A ' + b'9' * 1_000_000 + b'>>'})),
    'fields-deep': unsigned(lambda: fields(1, 5000)),
    'fields-exponential': unsigned(lambda: fields(2, 40)),
    'fields-wide': unsigned(lambda: fields(200_000, 1)),
    'kids-loop': unsigned(kids_loop),
    'nothing-but-a-head': unsigned(lambda: b'%PDF-1.7\n'),
    'nothing-but-objects': unsigned(lambda: b'%PDF-1.7\n' + b'1 0 obj\n' * 100_000),
    'comments': unsigned(lambda: b'%PDF-1.7\n' + b'%' * 3_000_000),
    'percent-signs': unsigned(lambda: b'%PDF-1.7\n' + b'%\n' * 1_000_000),
}
