"""Updates that some readers follow, while others take them for damage and mend the file by a scan for `N G obj`.

The change itself is metadata, which may change; but its text holds an object of the page, and the scan finds that one last.
"""

import re

import craft_pdf
import paper

OTHER = b'\n5 0 obj\n' + paper.stream(paper.TEXT % b'90 000 000 VND') + b'\nendobj\n'
CHANGE = {11: paper.stream(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>' + OTHER, b'/Type/Metadata/Subtype/XML')}


def written(old, new):
    """The update as the standard wants it, its cross-references then written otherwise."""
    def make(made):
        pdf = paper.update(made.signed, CHANGE)
        at = pdf.rindex(b'\nxref\n')
        tail, count = re.subn(old, new, pdf[at:], count=1)
        assert count == 1, old
        return pdf[:at] + tail
    return make


def in_stream(change=lambda text: text, number=90, rows=(), widths=(1, 4, 2)):
    """The update with a cross-reference stream. rows: further (number, type, second field)."""
    def make(made):
        pdf = paper.write(CHANGE, made.signed, tail=False)
        at, start = len(pdf), pdf.rindex(b'\n11 0 obj') + 1
        listed = sorted([(11, 1, start), (90, 1, at), *rows])
        data = b''.join(value.to_bytes(width, 'big') for _, kind, second in listed
                        for value, width in zip((kind, second, 0), widths))
        text = b'%d 0 obj\n<</Type/XRef/Size 99/Root 1 0 R/Prev %d/W[%d %d %d]/Index[%s]/Length %d>>\nstream\n%s\nendstream\nendobj\n' % (
            number, paper.startxref(made.signed), *widths, b' '.join(b'%d 1' % row[0] for row in listed), len(data), data)
        return pdf + change(text) + b'startxref\n%d\n%%%%EOF\n' % at
    return make


def below(made, odd):
    """An object that is none by the letter of its revision, and what only it leads to changed: as the signed one has it."""
    whole = {**paper.OBJECTS, **paper.signing(), 3: paper.PAGE % (b' 17 0 R', b''), 10: paper.FORM % b' 17 0 R',
             9: paper.form_xobject(b'BT /F1 9 Tf (10) Tj ET')}
    return paper.update(craft_pdf.fill(odd(paper.write(whole)), made.signer), {9: paper.form_xobject(b'BT /F1 9 Tf (90) Tj ET')})


ATTACKS = {
    'spelt-startxref-comment': written(rb'startxref', b'startxref %x'),
    'spelt-startxref-sign': written(rb'startxref\n', b'startxref\n+'),
    'spelt-startxref-nul': written(rb'startxref\n', b'startxref\\000'),
    'spelt-table-comment': written(rb'xref\n', b'xref %x\n'),
    'spelt-table-sign': written(rb'0(\d{9} 00000 n)', rb'+\1'),
    'spelt-table-nul': written(rb'\n0000000000 65535', b'\\0000000000000 65535'),
    'spelt-table-short': written(rb'0+(\d+) 00000 n', rb'\1 0 n'),
    'spelt-table-joined': written(rb'xref\n', b'xref'),
    'spelt-generation': written(rb'00000 n', b'99999 n'),
    'spelt-offset-beyond': lambda made: paper.update(made.signed, CHANGE, extra={70: (9999999999, 0, ord('n'))}),
    'spelt-size-absent': written(rb'/Size \d+', b''),
    'spelt-size-negative': written(rb'/Size ', b'/Size -'),
    'spelt-size-real': written(rb'(/Size \d+)', rb'\1.0'),
    'spelt-size-beyond': written(rb'/Size \d+', b'/Size 99999999999'),
    'spelt-header-sign': lambda made: b'\n+11 0 obj'.join(paper.update(made.signed, CHANGE).rsplit(b'\n11 0 obj\n', 1)),
    'hidden-by-generation': lambda made: below(made, lambda pdf: re.sub(rb'(\n7 1\n\d{10} )00000', rb'\g<1>00001', pdf)),
    'hidden-by-a-free-entry': lambda made: below(made, lambda pdf: re.sub(rb'(\n7 1\n)\d{10} 00000 n', rb'\g<1>0000000000 00001 f', pdf)),
    'hidden-by-number': lambda made: below(made, lambda pdf: pdf.replace(b'\n7 0 obj', b'\n3 0 obj')),
    'stream-type-unknown': in_stream(rows=((70, 3, 5),)),
    'stream-offset-beyond': in_stream(rows=((70, 1, 0xFFFFFF00),)),
    'stream-data-short': in_stream(lambda text: text.replace(b'/Index[', b'/Index[0 1 ')),
    'stream-length-negative': in_stream(lambda text: text.replace(b'/Length ', b'/Length -')),
    'stream-widths': in_stream(widths=(8, 8, 8)),
    'stream-comment-before': in_stream(lambda text: b'%x\n' + text),
    'stream-header-sign': in_stream(lambda text: b'+' + text),
}
