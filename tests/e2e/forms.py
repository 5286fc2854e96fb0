"""Small PDFs in every cross-reference form and under every standard encryption: what qpdf writes, and from that the two
forms that it does not write. ISO 32000-2 7.5.4, 7.5.8, 7.6.4."""

import re
import struct
import subprocess
import sys
import zlib

import judges
import paths

sys.path.insert(0, str(paths.TESTDATA / 'hostile'))
import craft_pdf    # noqa: E402

WEAK = '--allow-weak-crypto'
AES, RC4 = '--use-aes=y', '--use-aes=n'

BARE, CLEAR = 'not encrypted', 'AES-128 R4, metadata in the clear'
# name -> key length and what else qpdf is told
CIPHERS = {
    BARE: None,
    'RC4-40 R2': ('40',),
    'RC4-128 R3': ('128', RC4),
    'RC4-128 R4': ('128', RC4, '--force-V4'),
    'AES-128 R4': ('128', AES),
    CLEAR: ('128', AES, '--cleartext-metadata'),
    'AES-256 R5': ('256', '--force-R5'),
    'AES-256 R6': ('256',),
}
VERSIONS = ('1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '2.0')
PASSWORDS = ('', 'user')    # of the user; the owner's is always `owner`
OWNER = 'owner'

# Permissions (table 22) in qpdf's words: with a key of 40 bits (revision 2), with longer ones.
ALL, NONE, FILL, ANNOTATE = 'all', 'none', 'fill', 'annotate'
PERMISSIONS = {
    ALL: ((), ()),
    NONE: (('--modify=n', '--annotate=n'), ('--modify=none',)),
    FILL: (('--modify=n', '--annotate=y'), ('--modify=form',)),
    ANNOTATE: (('--modify=n', '--annotate=y'), ('--modify=annotate',)),
}


def encryption(cipher, password='', permissions=ALL):
    """The options of qpdf."""
    if cipher == BARE:
        return ()
    bits, *more = CIPHERS[cipher]
    return (WEAK, '--encrypt', password, OWNER, bits, *more, *PERMISSIONS[permissions][bits != '40'], '--')


def newest(pdf):
    """Offset of the last cross-reference section."""
    return int(pdf[pdf.rindex(b'startxref') + 9:].split()[0])


def xref_stream(pdf):
    """A file with one cross-reference table, as one with a stream instead. Objects stay where they are."""
    at = newest(pdf)
    table, trailer = pdf[at:pdf.rindex(b'startxref')].split(b'trailer', 1)
    rows = [(kind == b'n', int(offset), int(gen))
            for offset, gen, kind in re.findall(rb'^(\d{10}) (\d{5}) ([nf]) ?\r?$', table, re.M)]
    rows.append((True, at, 0))
    packed = zlib.compress(b''.join(struct.pack('>BIH', used, offset, gen) for used, offset, gen in rows))
    keys = re.sub(rb'/Size \d+', b'', trailer.strip()[2:-2])
    return pdf[:at] + (b'%d 0 obj\n<</Type/XRef/W[1 4 2]/Size %d/Filter/FlateDecode/Length %d%s>>\nstream\n' %
                       (len(rows) - 1, len(rows), len(packed), keys) + packed +
                       b'\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n' % at)


def unpredict(data, width):
    """PNG's Up filter (7.4.4.4), which qpdf writes before its cross-reference streams."""
    rows, above = [], bytes(width)
    for start in range(0, len(data), width + 1):
        assert data[start] == 2, 'want the Up filter'
        above = bytes((a + b) & 255 for a, b in zip(data[start + 1:start + 1 + width], above))
        rows.append(above)
    return rows


def hybrid(pdf):
    """A file with one cross-reference stream, as a hybrid: a table in which what object streams hold is free, and whose
    trailer leads to that stream (7.5.8.4)."""
    at = newest(pdf)
    body = pdf[at:]
    keys, packed = body[:body.index(b'stream')], body[body.index(b'stream') + 7:body.index(b'endstream')]
    widths = [int(n) for n in re.search(rb'/W \[ (\d) (\d) (\d) \]', keys).groups()]
    packed = zlib.decompress(packed)
    rows = unpredict(packed, sum(widths)) if b'/Predictor' in keys else [
        packed[n:n + sum(widths)] for n in range(0, len(packed), sum(widths))]
    places = {number: int.from_bytes(row[widths[0]:widths[0] + widths[1]], 'big')
              for number, row in enumerate(rows) if row[:widths[0]] == b'\1'}
    table = b''.join(b'%010d 00000 n \n' % places[number] if number in places else b'0000000000 65535 f \n'
                     for number in range(len(rows)))
    kept = b''.join(re.findall(rb'/(?:Root|Info|Encrypt) \d+ \d+ R|/ID ?\[.*?\]|/Size \d+', keys, re.S))
    return pdf + (b'xref\n0 %d\n' % len(rows) + table + b'trailer\n<<' + kept +
                  b'/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n' % (at, len(pdf)))


PLAIN, STREAMS = '--object-streams=disable', '--object-streams=generate'
# name -> options of qpdf, what to make of its output
XREFS = {
    'table': ((PLAIN,), None),
    'xref stream': ((PLAIN,), xref_stream),
    'object streams': ((STREAMS,), None),
    'hybrid': ((STREAMS,), hybrid),
    'linearized': ((PLAIN, '--linearize'), None),
    'linearized, object streams': ((STREAMS, '--linearize'), None),
}


def write(target, source, xref, *options):
    how, convert = XREFS[xref]
    subprocess.run([judges.needs('qpdf'), *how, *options, source, target], check=True)
    if convert:
        target.write_bytes(convert(target.read_bytes()))


def text(string):
    """A text string (7.9.2.2) that is not ASCII."""
    return b'<FEFF' + string.encode('utf-16-be').hex().encode() + b'>'


# The fields of a form: one of text, and two to sign. Their names are Vietnamese on purpose.
NOTE, FIRST, SECOND = 'Ghi chú', 'Chuyên viên', 'Lãnh đạo'
METADATA = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
            b'</x:xmpmeta>')


def stream(keys, data):
    return b'<<%s/Length %d>>\nstream\n' % (keys, len(data)) + data + b'\nendstream'


def widget(kind, name, place, more=b''):
    return b'<</Type/Annot/Subtype/Widget/FT/%s/T%s/Rect[%s]/F 4/P 3 0 R%s>>' % (kind, text(name), place, more)


def document(lock=None):
    """A page; with lock (a /Lock dictionary of the field FIRST, or b'' for none) a form on it.

    A field that is locked has no appearance: pyHanko takes one for changed whether it is or not."""
    line = b'BT /F1 18 Tf 50 150 Td (10 000 000 VND) Tj ET'
    objects = {
        1: b'<</Type/Catalog/Pages 2 0 R/Metadata 6 0 R%s>>',
        2: b'<</Type/Pages/Kids[3 0 R]/Count 1>>',
        3: b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>%s>>',
        4: stream(b'', line),
        5: b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>',
        6: stream(b'/Type/Metadata/Subtype/XML', METADATA),
        7: b'<</Title%s/Producer(forms.py)>>' % text('Công văn'),
    }
    fields = b''
    if lock is not None:
        fields = b'[8 0 R 9 0 R 10 0 R]'
        shown = b'' if lock else b'/AP<</N 11 0 R>>'
        objects |= {
            8: widget(b'Tx', NOTE, b'50 100 150 120', b'/V(10)/DA(/F1 10 Tf 0 g)' + shown),
            9: widget(b'Sig', FIRST, b'50 50 100 80', b'/Lock 11 0 R' if lock else b''),
            10: widget(b'Sig', SECOND, b'150 50 200 80'),
            11: lock or stream(b'/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 5 0 R>>>>',
                               b'/Tx BMC BT /F1 10 Tf 2 5 Td (10) Tj ET EMC'),
        }
    objects[1] %= b'/AcroForm<</Fields%s/DA(/F1 10 Tf 0 g)/DR<</Font<</F1 5 0 R>>>>>>' % fields if fields else b''
    objects[3] %= b'/Annots' + fields if fields else b''
    return craft_pdf.write(objects, trailer=b'/Root 1 0 R/Info 7 0 R/ID[<%s><%s>]' % (b'42' * 16, b'42' * 16))


def lock(action, *names, level=None):
    """Table 236."""
    fields = b'/Fields[%s]' % b' '.join(map(text, names)) if names else b''
    return b'<</Type/SigFieldLock/Action/%s%s%s>>' % (action.encode(), fields, b'/P %d' % level if level else b'')
