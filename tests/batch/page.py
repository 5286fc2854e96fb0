"""The scripts of docs/batch.md, and documents for them."""

import json
import os
import re
import shutil

import common
import kyso
import paths
import tap

PAGE = (paths.SOURCE / 'docs/batch.md').read_text(encoding='utf-8')
SCRIPTS = dict(re.findall(r'<!-- script: ([a-z-]+) -->\n```sh\n(.*?)```', PAGE, re.DOTALL))


def needs(*programs):
    for program in programs:
        if not shutil.which(program):
            tap.skip(f'{program} is not installed')


def script(folder, name):
    path = folder / name
    path.write_text(SCRIPTS[name], encoding='utf-8')
    path.chmod(0o755)
    return path


def archive(folder, number=12):
    """Good, failed and unsigned documents below folder/archive."""
    contents = [common.signed(), common.signed(), common.tampered(), common.PLAIN.read_bytes(), b'%PDF-1.7 and no more']
    (folder / 'archive/sub folder').mkdir(parents=True)
    names = []
    for i in range(number):
        path = folder / 'archive' / ('sub folder' if i % 2 else '.') / (f'{i:03}.pdf' if i else 'a\nb.pdf')
        path.write_bytes(contents[i % len(contents)])
        names.append(path)
    return names


def rows(path):
    return [row for row in map(json.loads, path.read_text(encoding='utf-8').splitlines()) if 'file' in row]


def surroundings(folder, env):
    """Where a shell finds kyso, and HOME is the test's folder."""
    (folder / 'bin').mkdir(exist_ok=True)
    if not (folder / 'bin/kyso').exists():
        (folder / 'bin/kyso').symlink_to(kyso.program())
    return {**common.ENV, 'PATH': f'{folder / "bin"}:{os.environ["PATH"]}', 'HOME': str(folder), **(env or {})}
