"""Each kind of damage that a PDF is met with, done to sound files: what repair.py and repair_judged.py share."""

import re

import documents
from paths import TESTDATA

STREAMS = TESTDATA / 'cong-van.objstm.pdf'


def startxref(data, change):
    at = data.rindex(b'startxref')
    value = int(data[at + 9:].split()[0])
    return data[:at] + b'startxref\n%d\n%%%%EOF\n' % change(value)


def without_end(data):
    return data[:data.rindex(b'trailer')]


def moved_table(data, by):
    """Every offset of the table `by` bytes too large."""
    return re.sub(rb'^(\d{10})( \d{5} n)', lambda row: b'%010d%s' % (int(row[1]) + by, row[2]), data, flags=re.M)


def hybrid_twice(_):
    """Objects 1 2 3, and a hybrid update whose stream gives another page than its (empty) table leaves in place."""
    out, at = bytearray(b'%PDF-1.5\n'), {}

    def put(num, body):
        at[num] = len(out)
        out.extend(b'%d 0 obj\n%s\nendobj\n' % (num, body))

    put(1, b'<</Type/Catalog/Pages 2 0 R>>')
    put(2, b'<</Type/Pages/Kids[3 0 R]/Count 1>>')
    put(3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>')
    table = len(out)
    out.extend(b'xref\n0 4\n0000000000 65535 f\r\n' + b''.join(b'%010d 00000 n\r\n' % at[n] for n in (1, 2, 3)))
    out.extend(b'trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % table)
    put(3, b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Resources<<>>>>')
    stream = len(out)
    rows = b''.join(b'\1' + where.to_bytes(2, 'big') + b'\0' for where in (at[3], stream))
    put(4, b'<</Type/XRef/W[1 2 1]/Index[3 2]/Size 5/Root 1 0 R/Length %d>>\nstream\n%s\nendstream' % (len(rows), rows))
    second = len(out)
    out.extend(b'xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n' % (table, stream, second))
    return bytes(out)


# name, the sound file, what is done to it, part of what the flaw says
DAMAGE = [
    ('bytes before the header', documents.LETTER, lambda d: b'From: a@b\r\n\r\n' + d, 'before %PDF-'),
    ('bytes before the header that the offsets count', TESTDATA / 'cong-van.plain.pdf',
     lambda d: startxref(moved_table(b'0123456789abcde\n' + d, 16), lambda v: v + 16), 'before %PDF-'),
    ('startxref 7 bytes too far', documents.LETTER, lambda d: startxref(d, lambda v: v + 7), 'N G obj'),
    ('startxref behind the end', documents.LETTER, lambda d: startxref(d, lambda v: v + 10 ** 7), 'no offset within'),
    ('offsets 3 bytes off', TESTDATA / 'cong-van.plain.pdf', lambda d: moved_table(d, 3), 'N G obj'),
    ('no startxref', documents.LETTER, lambda d: d[:d.rindex(b'startxref')], 'no startxref'),
    ('no trailer', TESTDATA / 'cong-van.plain.pdf', without_end, 'no startxref'),
    ('trailer cut short', TESTDATA / 'cong-van.plain.pdf', lambda d: d[:d.rindex(b'trailer') + 14], 'no startxref'),
    ('/Size too small', TESTDATA / 'cong-van.plain.pdf', lambda d: re.sub(rb'/Size \d+', b'/Size 3', d), '/Size 3'),
    ('object streams, startxref off', STREAMS, lambda d: startxref(d, lambda v: v - 5), 'N G obj'),
    ('object streams, no startxref', STREAMS, lambda d: d[:d.rindex(b'startxref')], 'no startxref'),
    ('linearized, cut behind the first part', TESTDATA / 'cong-van.linear.pdf', lambda d: d[:d.rindex(b'startxref') - 5], ''),
    ('hybrid, the two views differ', documents.LETTER, hybrid_twice, 'object 3: one thing by the tables'),
    ('no endobj, and offsets off', TESTDATA / 'cong-van.plain.pdf', lambda d: moved_table(d.replace(b'endobj', b''), 3), ''),
    ('wrong /Length, and no startxref', TESTDATA / 'cong-van.plain.pdf',
     lambda d: re.sub(rb'/Length (\d+)(?! \d)', lambda m: b'/Length 7' + b' ' * (len(m[1]) - 1), d[:d.rindex(b'startxref')]), ''),
]


def damaged(folder, source, change, name='damaged.pdf'):
    path = folder / name
    path.write_bytes(change(source.read_bytes()))
    return path
