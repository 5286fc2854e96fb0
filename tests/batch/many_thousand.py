"""A hundred thousand documents (hard links): flat memory, no descriptor left open, time linear in their number.
Usage: many_thousand.py NUMBER [TABLE], which receives the table of docs/batch.md."""

import os
import pathlib
import subprocess
import sys
import time

import common
import kyso
import tap

NUMBER = int(sys.argv[1])
STEPS = 20          # rows of the table


def link(folder):
    source = folder / 'source.pdf'
    source.write_bytes(common.signed())
    for i in range(NUMBER):
        if i % 1000 == 0:
            (folder / 'documents' / f'{i // 1000:03}').mkdir(parents=True)
        if i and i % 30000 == 0:        # a file has 65,000 links at most on ext4
            source = folder / f'source{i}.pdf'
            source.write_bytes(common.signed())
        os.link(source, folder / 'documents' / f'{i // 1000:03}' / f'{i % 1000:03}.pdf')


def watch(process):
    """Resident memory, descriptors and processor seconds of a process."""
    with open(f'/proc/{process.pid}/status', encoding='ascii', errors='replace') as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))
    with open(f'/proc/{process.pid}/stat', encoding='ascii', errors='replace') as stat:
        ticks = sum(map(int, stat.read().rsplit(')', 1)[1].split()[11:13]))
    return resident, len(os.listdir(f'/proc/{process.pid}/fd')), ticks / os.sysconf('SC_CLK_TCK')


def table(rows):
    most = max(row[1] for row in rows)
    lines = ['| documents | seconds | processor seconds | resident KiB | descriptors | |', '|---:|---:|---:|---:|---:|---|']
    for done, resident, descriptors, cpu, seconds in rows:
        lines.append(f'| {done:,} | {seconds:.0f} | {cpu:.0f} | {resident:,} | {descriptors} | `{"#" * round(40 * resident / most)}` |')
    return '\n'.join(lines)


@tap.case(f'{NUMBER} documents in flat memory, descriptors and linear time')
def _():
    if kyso.sanitized():
        tap.skip('a sanitizer keeps what was freed')
    if os.getuid() != 0:
        tap.skip('only root sees the descriptors of a process that is not dumpable')
    with tap.scratch() as folder:
        link(folder)
        process = common.start('-r', 'documents', cwd=folder, stdout=subprocess.PIPE)
        rows, done, begun = [], 0, time.monotonic()
        for line in process.stdout:
            done += 1
            tap.true(b'"verdict":"TOTAL-PASSED"' in line, line)
            if done % (NUMBER // STEPS) == 0 and done < NUMBER:
                resident, descriptors, cpu = watch(process)
                rows.append((done, resident, descriptors, cpu, time.monotonic() - begun))
        tap.equal((process.wait(60), done), (0, NUMBER))
        text = table(rows)
        tap.note(text)
        if len(sys.argv) > 2:
            pathlib.Path(sys.argv[2]).write_text(text + '\n', encoding='utf-8')
        early, late = rows[STEPS // 5], rows[-1]
        tap.true(late[1] < early[1] * 1.1 + 1024, f'{early[1]} KiB grew to {late[1]} KiB')
        tap.true(max(row[2] for row in rows) - min(row[2] for row in rows) <= 8, 'descriptors', [row[2] for row in rows])
        half = rows[len(rows) // 2]
        # Of the processor's time: another's load makes the clock's lie.
        ratio = (late[3] - half[3]) / (late[0] - half[0]) / (half[3] / half[0])
        tap.true(ratio < 1.3, f'a document of the second half costs {ratio:.2f} of one of the first')


tap.main()
