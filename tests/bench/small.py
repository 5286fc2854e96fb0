"""A pile of small PDFs, each different, as an office has them: letters with fonts in them, scans, and forms of a few objects."""

import functools
import importlib.machinery
import importlib.util
import random
import re

import paths

LETTERS = ['cong-van.pdf', 'cong-van.gs.pdf', 'cong-van.mupdf.pdf', 'cong-van.objstm.pdf', 'cong-van.linear.pdf']


def _maker():
    """testdata/make-pdf as a module."""
    loader = importlib.machinery.SourceFileLoader('make_pdf', str(paths.TESTDATA / 'make-pdf'))
    spec = importlib.util.spec_from_loader('make_pdf', loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@functools.lru_cache(maxsize=None)
def template(name):
    return (paths.TESTDATA / name).read_bytes()


def letter(target, number):
    """A letter by another producer, with an identity of its own in its /ID."""
    name = LETTERS[number % len(LETTERS)]
    data = template(name)
    identity = b'%08X' % number
    data, found = re.subn(rb'(/ID\s*\[\s*<)[0-9A-Fa-f]{8}', lambda match: match[1] + identity, data)
    assert found > 0, name
    target.write_bytes(data)


def scan(make_pdf, target, number):
    """One to three pages of text and an image of 2 to 30 KB."""
    chance = random.Random(number)
    with open(target, 'wb') as file:
        writer = make_pdf.Writer(file, b'%PDF-1.5', ['table', 'stream', 'hybrid'][number % 3])
        tree, pages = writer.reserve(), []
        font = writer.add(b'<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>')
        for page in range(1 + number % 3):
            size = chance.randrange(2000, 10000) // 3 * 3
            image = writer.add(b'<</Type/XObject/Subtype/Image/Width %d/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8'
                               b'/Length %d>>' % (size // 3, size), make_pdf.noise(size, number))
            text = b''.join(b'0 -18 Td (Van ban so %d, dong %d: %d) Tj ' % (number, line, chance.randrange(10 ** 9))
                            for line in range(40))
            content = writer.add_stream(b'BT /F1 12 Tf 72 780 Td ' + text + b'ET 100 0 0 50 72 40 cm /Im0 Do')
            resources = b'/Font<</F1 %d 0 R>>/XObject<</Im0 %d 0 R>>' % (font, image)
            pages.append(writer.add(make_pdf.page_body(tree, content, resources)))
        make_pdf.finish_pages(writer, tree, pages)


def make(folder, count):
    """Unsigned files in folder, their names in order."""
    make_pdf, files = _maker(), []
    for number in range(count):
        files.append(folder / f'{number:05}.pdf')
        if number % 2:
            letter(files[-1], number)
        else:
            scan(make_pdf, files[-1], number)
    return files
