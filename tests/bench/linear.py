"""How the cost of verifying grows with the references of one signature, and with the signatures of one document.

    linear.py [SVG]     measures, prints a table, and draws it

Processor seconds (user and system) of `kyso verify`, the least of several runs, less those of the smallest document. Documents are
put together by tests/verify/forge.py: right ones, which pass.
"""

import pathlib
import sys
import tempfile

import kyso
import paths
import pki
from measure import cost

sys.path.insert(0, str(paths.SOURCE / 'tests' / 'verify'))
import forge    # noqa: E402

RUNS = 9
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 300, 60, 40


def elements(n):
    return [f'<row Id="r{i}"><name>Giấy in A4, thếp {i}</name><price>65000</price></row>' for i in range(n)]


def references(n):
    """One signature over n elements."""
    rows = elements(n)
    refs = [forge.reference(f'#r{i}', row) for i, row in enumerate(rows)]
    return f'<doc>{"".join(rows)}{forge.signature(pki.get(), "signer", refs)}</doc>'


def signatures(n):
    """n elements, and a signature over each."""
    rows = elements(n)
    signed = [forge.signature(pki.get(), 'signer', [forge.reference(f'#r{i}', row)]) for i, row in enumerate(rows)]
    return f'<doc>{"".join(row + one for row, one in zip(rows, signed))}</doc>'


CASES = [('references of one signature', references, range(1000, 10001, 1000)),
         ('signatures of one document', signatures, range(100, 1001, 100))]


def measure(folder, make, counts):
    """[(count, bytes, milliseconds)]"""
    found = []
    for n in (1, *counts):
        path = folder / f'{make.__name__}-{n}.xml'
        path.write_text(make(n), encoding='utf-8')
        seconds, _ = cost([kyso.program(), 'verify', '-q', '-j', '1', *pki.get().trust, path], RUNS)
        found.append((n, path.stat().st_size, seconds * 1000))
    return [(n, size, ms - found[0][2]) for n, size, ms in found[1:]]


def text(x, y, words, anchor='middle', more=''):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{more}>{words}</text>'


def panel(top, what, rows):
    """A frame with the measured points and the line through nothing and the last of them."""
    most_n, most = rows[-1][0], max(ms for *_, ms in rows) * 1.1
    across = lambda n: LEFT + n / most_n * (WIDTH - LEFT - 20)                                  # noqa: E731
    up = lambda ms: top + HEIGHT - BOTTOM - ms / most * (HEIGHT - BOTTOM - 30)                  # noqa: E731
    parts = [text(WIDTH / 2, top + 18, f'kyso verify: {what}', more=' font-weight="bold"'),
             f'<path d="M{LEFT} {up(most):.0f}V{up(0):.0f}H{across(most_n):.0f}" fill="none" stroke="#444"/>',
             f'<path d="M{across(0):.0f} {up(0):.0f}L{across(most_n):.1f} {up(rows[-1][2]):.1f}" stroke="#bbb" stroke-dasharray="4"/>']
    for n, _, ms in rows:
        parts.append(f'<circle cx="{across(n):.1f}" cy="{up(ms):.1f}" r="3.5" fill="#0a6"><title>{n}: {ms:.1f} ms</title></circle>')
        parts.append(text(across(n), up(0) + 16, f'{n:,}'))
    for part in range(1, 5):
        ms = most * part / 4.4
        parts.append(text(LEFT - 6, up(ms) + 4, f'{ms:.0f} ms', 'end'))
    return ''.join(parts)


def draw(panels):
    inside = ''.join(panel(number * HEIGHT, what, rows) for number, (what, rows) in enumerate(panels))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT * len(panels)}" font-family="sans-serif" '
            f'font-size="11"><rect width="100%" height="100%" fill="#fff"/>{inside}</svg>\n')


def main():
    panels = []
    with tempfile.TemporaryDirectory(prefix='libsign-bench-') as name:
        for what, make, counts in CASES:
            rows = measure(pathlib.Path(name), make, counts)
            panels.append((what, rows))
            for n, size, ms in rows:
                print(f'{what:30} {n:6} {size / 1e6:7.2f} MB {ms:8.1f} ms {ms / n * 1000:7.1f} us each', flush=True)
    if len(sys.argv) > 1:
        pathlib.Path(sys.argv[1]).write_text(draw(panels), encoding='utf-8')


main()
