"""What changed after signing, in encrypted files: attacks and honest changes get the verdict that they get in the clear.

The updates hold neither strings nor streams, so that they need no encryption: what a program without the password can write too.
"""

import functools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import documents
import kyso
import paths
import pki
import tap

sys.path[:0] = [str(paths.TESTDATA / 'hostile'), str(paths.SOURCE / 'tests' / 'e2e' / 'attacks')]
import paper    # noqa: E402

WEAK = '--allow-weak-crypto'
KINDS = {
    'RC4-128': [WEAK, '--encrypt', 'user', 'owner', '128', '--use-aes=n', '--'],
    'AES-128 (R4)': [WEAK, '--encrypt', 'user', 'owner', '128', '--use-aes=y', '--'],
    'AES-256 (R6)': ['--encrypt', 'user', 'owner', '256', '--'],
}
FOLDER = tempfile.TemporaryDirectory(prefix='libsign-encrypted-')
WORDS = pathlib.Path(FOLDER.name, 'user')
WORDS.write_text('user\n')
WORDS.chmod(0o600)
PASSWORD = ['--password-source', f'file:{WORDS}']
BOX = b'<</Type/Annot/Subtype/Widget/FT/Btn/T(Agreed)/V/Off/AS/Off/Rect[50 500 70 520]/F 4/P 3 0 R/AP<</N<</Yes 14 0 R/Off 17 0 R>>>>>>'
OBJECTS = {**paper.OBJECTS, 12: BOX, 17: paper.form_xobject(b'')}


class Locked:
    """An encrypted document, signed by kyso. Numbers of its objects by what tells them apart in the clear."""

    def __init__(self, kind, level):
        plain, locked, signed = (pathlib.Path(FOLDER.name, f'{n}.{kind[:7]}.{level}.pdf') for n in ('plain', 'locked', 'signed'))
        plain.write_bytes(paper.write(OBJECTS))
        subprocess.run(['qpdf', *KINDS[kind], '--object-streams=disable', plain, locked], check=True)
        documents.sign(locked, signed, *PASSWORD, '--field', 'First', *(['--certify', level] if level else []))
        self.pdf, self.path = signed.read_bytes(), signed

    def number(self, pattern):
        """Of the newest object whose text has the pattern."""
        found = [int(number) for number, text in re.findall(rb'\n(\d+) 0 obj\s*(.*?)\s*endobj', self.pdf, re.S) if re.search(pattern, text)]
        assert found, pattern
        return found[-1]

    def update(self, change):
        """One update, of {number: text}."""
        trailer = re.findall(rb'trailer\s*<<(.*)>>\s*startxref', self.pdf, re.S)[-1]
        kept = re.sub(rb'/(Size|Prev) \d+', b'', trailer.rsplit(b'trailer', 1)[-1].strip().removeprefix(b'<<'))
        return paper.update(self.pdf, change, trailer=kept)

    def changed(self, pattern, old, new):
        number = self.number(pattern)
        text = paper.body(self.pdf, number)
        assert re.search(old, text), (old, text)
        return self.update({number: re.sub(old, new, text, count=1)})


@functools.lru_cache(maxsize=None)
def locked(kind, level):
    if not shutil.which('qpdf'):
        tap.skip('qpdf is not installed')
    return Locked(kind, level)


PAGE, CATALOG, FIELD = rb'/Type ?/Page\b', rb'/Type ?/Catalog', rb'/FT ?/Btn'
CONTENT = rb'/Contents (\d+) 0 R'


def note(doc, kind):
    page = doc.number(PAGE + rb'.*/Annots')
    text = re.sub(rb'(/Annots ?\[[^]]*)\]', rb'\1 90 0 R ]', paper.body(doc.pdf, page))
    return doc.update({page: text, 90: b'<</Type/Annot/Subtype/%s/Rect[50 690 250 730]/F 4>>' % kind})


FAILED, UNKNOWN, PASSED = ('TOTAL-FAILED', 'MODIFIED_AFTER_SIGNING'), ('INDETERMINATE', 'CHANGES_UNKNOWN'), ('TOTAL-PASSED', None)
FILL = (FIELD, rb'/AS ?/Off(.*)/V ?/Off', rb'/AS/Yes\1/V/Yes')
# what, DocMDP or None, change, outcome
ROWS = [
    ('content exchanged', None, lambda doc: doc.changed(PAGE, CONTENT, b'/Contents %d 0 R' % doc.number(rb'/Subtype ?/Form')), FAILED),
    ('content gone', '2', lambda doc: doc.update({doc.number(CONTENT): b'null'}), FAILED),
    ('a page turned', '3', lambda doc: doc.changed(PAGE, rb'/Type', b'/Rotate 180/Type'), FAILED),
    ('a font exchanged', None, lambda doc: doc.changed(rb'/BaseFont', rb'Helvetica', b'Symbol'), FAILED),
    ('an action', '2', lambda doc: doc.changed(CATALOG, rb'/Type', b'/OpenAction<</S/Named/N/Print>>/Type'), FAILED),
    ('a stamp', None, lambda doc: note(doc, b'Stamp'), FAILED),
    ('a stamp, DocMDP 3', '3', lambda doc: note(doc, b'Stamp'), UNKNOWN),
    ('an entry nobody knows', None, lambda doc: doc.changed(CATALOG, rb'/Type', b'/Rumour 1/Type'), UNKNOWN),
    ('filled in, DocMDP 1', '1', lambda doc: doc.changed(*FILL), FAILED),
    ('filled in, without DocMDP', None, lambda doc: doc.changed(*FILL), UNKNOWN),
    ('filled in, DocMDP 2', '2', lambda doc: doc.changed(*FILL), PASSED),
    ('a note, DocMDP 3', '3', lambda doc: note(doc, b'Text'), PASSED),
    ('an empty security store', '1', lambda doc: doc.changed(CATALOG, rb'/Type', b'/DSS<</Certs[]>>/Type'), PASSED),
    ('an orphan', '1', lambda doc: doc.update({90: b'<</Nobody/sees>>'}), PASSED),
    ('written again as it was', None, lambda doc: doc.update({doc.number(PAGE): paper.body(doc.pdf, doc.number(PAGE))}), PASSED),
]


@tap.table([(f'{kind}: {what}', kind, level, change, outcome) for kind in KINDS for what, level, change, outcome in ROWS])
def compared(_, kind, level, change, outcome):
    doc = locked(kind, level)
    with tap.scratch() as folder:
        path = folder / 'changed.pdf'
        path.write_bytes(change(doc))
        found = documents.report(path, *pki.get().trust, *PASSWORD)
        tap.equal(len(found['signatures']), 1, found)
        verdict, code = outcome
        tap.equal(found['verdict'], verdict, found)
        tap.true(code is None or code in documents.codes(found['signatures'][0]), found)


@tap.table([(f'{kind}: filled in, then signed again by an empty field', kind) for kind in KINDS])
def signed_again(_, kind):
    doc = locked(kind, '2')
    with tap.scratch() as folder:
        (folder / 'filled.pdf').write_bytes(doc.changed(*FILL))
        again = documents.sign(folder / 'filled.pdf', folder / 'again.pdf', *PASSWORD, '--field', 'Approval')
        found = documents.report(again, *pki.get().trust, *PASSWORD, code=0)
        tap.equal([one['scope']['changes_after'] for one in found['signatures']], ['allowed', 'none'])
        shown = kyso.run('inspect', '--json', *PASSWORD, again).json[0]
        tap.equal([one['id'] for one in shown['signatures']], ['First', 'Approval'])


tap.main()
