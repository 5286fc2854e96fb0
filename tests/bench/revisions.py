"""How the cost of verifying grows with the revisions of a file: figures, and with --plot FILE a picture of them (SVG).

Each file is verified many times in one process; what counts is processor time, the least of several runs, a file.
"""

import pathlib
import subprocess
import sys
import tempfile

import kyso
import paths
import pki
from measure import ENVIRONMENT, cost

sys.path[:0] = [str(paths.TESTDATA / 'hostile'), str(paths.SOURCE / 'tests' / 'e2e' / 'attacks')]
import craft_der    # noqa: E402
import paper        # noqa: E402

KYSO = kyso.program()
REVISIONS, SIGNATURES = (250, 500, 1000, 1500, 2000), (25, 50, 100, 150, 200)
TIMES, RUNS = 10, 25


def grown(pdf, n):
    """n updates of the document information, one upon the other."""
    out, prev = bytearray(pdf), paper.startxref(pdf)
    for i in range(n):
        at = len(out)
        out += b'16 0 obj\n<</Producer(%d)>>\nendobj\n' % i
        prev, table = len(out), prev
        out += b'xref\n16 1\n%010d 00000 n \ntrailer\n<</Size 19/Root 1 0 R/Info 16 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (at, table, prev)
    return bytes(out)


def sign(pdf, folder):
    source, target = folder / 'source.pdf', folder / 'target.pdf'
    source.write_bytes(pdf)
    command = [KYSO, 'sign', '-q', '--force', *pki.get().p12(), '-o', target, source]
    subprocess.run([str(part) for part in command], check=True, env=ENVIRONMENT)
    return target.read_bytes()


def files(folder):
    """(series, number, path) of all files."""
    signed = paper.certified(craft_der.Signer(pki.get().folder, 'signer'))
    many = paper.write(paper.OBJECTS)
    for n in REVISIONS:
        yield 'the first of the revisions is signed', n, grown(signed, n - 1)
        yield 'the last of the revisions is signed', n, sign(grown(paper.write(paper.OBJECTS), n - 2), folder)
    for n in range(1, max(SIGNATURES) + 1):
        many = sign(many, folder)
        if n in SIGNATURES:
            yield 'each revision is signed', n, many


def milliseconds(path):
    """Of the processor, a file."""
    return cost([KYSO, 'verify', '-q', '-j', '1', *pki.get().trust, *[path] * TIMES], RUNS)[0] * 1000 / TIMES


def plot(series):
    """An SVG of {name: [(number, milliseconds)]}, one box a series."""
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300" font-family="sans-serif" font-size="12">',
           '<rect width="900" height="300" fill="white"/>']
    for box, (name, points) in enumerate(series.items()):
        left, most, far = 60 + 300 * box, max(y for _, y in points) * 1.1, max(x for x, _ in points)

        def at(x, y, left=left, most=most, far=far):
            return left + 210 * x / far, 250 - 200 * y / most
        out.append(f'<text x="{left}" y="25">{name}</text><path d="M{left} 50V250H{left + 220}" fill="none" stroke="black"/>')
        for x, y in points:
            across, up = at(x, y)
            out.append(f'<text x="{across:.0f}" y="268" text-anchor="middle">{x}</text>')
            out.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="3"/>')
            out.append(f'<text x="{across:.0f}" y="{up - 8:.0f}" text-anchor="end">{y:.1f}</text>')
        out.append('<polyline fill="none" stroke="black" points="%s"/>' % ' '.join('%.1f,%.1f' % at(x, y) for x, y in points))
        out.append(f'<text x="{left}" y="288">{"signatures" if "each" in name else "revisions"}; milliseconds a file</text>')
    return '\n'.join([*out, '</svg>', ''])


def main():
    series = {}
    with tempfile.TemporaryDirectory(prefix='libsign-bench-') as name:
        folder = pathlib.Path(name)
        for kind, number, pdf in files(folder):
            path = folder / 'measured.pdf'
            path.write_bytes(pdf)
            took = milliseconds(path)
            series.setdefault(kind, []).append((number, took))
            print(f'{kind:40} {number:6} {len(pdf):9} bytes {took:9.3f} ms {took / number * 1000:9.2f} µs each', flush=True)
    if '--plot' in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index('--plot') + 1]).write_text(plot(series), encoding='utf-8')


main()
