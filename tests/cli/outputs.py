"""Where signed documents go: names, what exists, in place, standard output; and what stays when it fails."""

import json
import os
import shutil
import stat

import kyso
import paths
import pki
import tap

PDF, XML = paths.TESTDATA / 'cong-van.plain.pdf', paths.TESTDATA / 'invoice-message.xml'


def sign(folder, *arguments, leaf='signer', **how):
    return kyso.run('sign', *pki.get().p12(leaf), *arguments, cwd=folder, **how)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def is_signed(path):
    return kyso.verify(pki.get(), path).code == 0


# input name, options, output name
@tap.table([
    ('a.pdf', [], 'a.signed.pdf'),
    ('no-extension', [], 'no-extension.signed'),
    ('.pdf', [], '.pdf.signed'),
    ('v1.2/plain', [], 'v1.2/plain.signed'),
    ('v1.2/.hidden', [], 'v1.2/.hidden.signed'),
    ('a.b.pdf', ['--suffix', '-x'], 'a.b-x.pdf'),
    ('văn bản.pdf', ['--suffix', ' đã ký'], 'văn bản đã ký.pdf'),
    ('a.pdf', ['-o', 'b.bin'], 'b.bin'),
    ('a.pdf', ['-ob.pdf'], 'b.pdf'),
    ('a.pdf', ['--output=b.pdf'], 'b.pdf'),
    ('-dash.pdf', ['--'], '-dash.signed.pdf'),
])
def _(name, options, output):
    with tap.scratch() as folder:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(PDF, folder / name)
        result = sign(folder, *options, name)
        tap.equal(result.code, 0, result)
        tap.true(is_signed(folder / output), result)
        tap.equal((folder / name).read_bytes(), PDF.read_bytes(), 'the original stays')
        tap.equal(len([path for path in folder.rglob('*') if path.is_file()]), 2)


@tap.table([
    ('suffix', [], 'a.signed.pdf'),
    ('-o', ['-o', 'b.pdf'], 'b.pdf'),
    ('-o the input itself', ['-o', 'a.pdf'], 'a.pdf'),
    ('--dry-run', ['--dry-run'], 'a.signed.pdf'),
])
def _(name, options, output):
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        if output != 'a.pdf':
            (folder / output).write_bytes(b'precious')
        before = content(folder)
        result = sign(folder, *options, 'a.pdf', '--lang', 'en')
        tap.equal((result.code, content(folder)), (4, before), result)
        tap.true(b'there already' in result.err and b'--force' in result.err, result)
        forced = sign(folder, '--force', *options, 'a.pdf')
        tap.equal(forced.code, 0, forced)
        tap.true('--dry-run' in options or is_signed(folder / output), forced)


@tap.case('an input that is not there is told before a PIN is asked for; among others these are signed')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        for names in (['absent.pdf'], ['absent.pdf', 'gone/b.xml']):
            for options in ([], ['--json']):
                # No PIN can be had from there: had it been asked for, that would be said, and the exit code be 5.
                result = kyso.run('sign', '--key', pki.get().file('signer.p12'), '--pin-source', 'env:UNSET', *options, *names, cwd=folder)
                tap.equal(result.code, 4, result)
                tap.true(all(name.encode() in (result.out if options else result.err) for name in names), result)
        failed = kyso.run('sign', '--key', pki.get().file('signer.p12'), '--pin-source', 'env:UNSET', 'absent.pdf', 'a.pdf', cwd=folder)
        tap.equal(failed.code, 5, failed)
        tap.true(b'absent.pdf' in failed.err, failed)
        some = sign(folder, '--json', 'absent.pdf', 'a.pdf')
        tap.equal((some.code, [row['status'] for row in some.json]), (4, ['error', 'signed']), some)


@tap.case('a suffix that is none, or leads elsewhere, is refused, --force or not: the output would be the input')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        before = content(folder)
        for suffix in ('', '/../x', '/'):
            for force in ([], ['--force']):
                result = sign(folder, '--suffix', suffix, *force, 'a.pdf')
                tap.equal((result.code, content(folder)), (64, before), result)


@tap.table([
    ('--in-place and a suffix', ['--in-place', '--suffix', '.x']),
    ('--in-place and XML that holds the document', ['--in-place', '--xml-packaging', 'base64']),
    ('--in-place and -o', ['--in-place', '-o', 'b.pdf']),
    ('a suffix and -o', ['--suffix', '.x', '-o', 'b.pdf']),
    ('-o without a name', ['-o', '']),
    ('-o for two', ['-o', 'b.pdf', 'a.pdf']),
    ('standard input without -o', ['-']),
    ('standard input in place', ['--in-place', '-']),
])
def _(name, arguments):
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        before = content(folder)
        result = sign(folder, '--force', *arguments, 'a.pdf', stdin=PDF.read_bytes())
        tap.equal((result.code, content(folder)), (64, before), result)


@tap.case('a dangling link at the output is something that exists')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        (folder / 'a.signed.pdf').symlink_to('elsewhere')
        tap.equal(sign(folder, 'a.pdf').code, 4)
        tap.true(not (folder / 'elsewhere').exists())


@tap.case('--in-place keeps mode and link, and signs again behind the first signature')
def _():
    with tap.scratch() as folder:
        (folder / 'store').mkdir()
        shutil.copy(PDF, folder / 'store/a.pdf')
        (folder / 'store/a.pdf').chmod(0o640)
        (folder / 'link.pdf').symlink_to('store/a.pdf')
        for count in (1, 2):
            result = sign(folder, '--in-place', 'link.pdf')
            tap.equal(result.code, 0, result)
            tap.true((folder / 'link.pdf').is_symlink())
            tap.equal(stat.S_IMODE((folder / 'store/a.pdf').stat().st_mode), 0o640)
            row, = kyso.verify(pki.get(), folder / 'link.pdf').json
            tap.equal(len(row['signatures']), count)
        tap.equal(os.listdir(folder / 'store'), ['a.pdf'])


# What makes signing fail, and the exit code.
@tap.table([
    ('no PDF, no XML', b'\x7fELF', [], 'signer', 4),
    ('XML that breaks off', b'<a><b></a>', [], 'signer', 4),
    ('a certificate that ended', None, [], 'expired', 5),
    ('a certificate that must not sign', None, [], 'nosign', 5),
    ('a place that is not there', b'<a/>', ['--xml-place', '/nowhere'], 'signer', 4),
    ('an Id that is not there', b'<a/>', ['--xml-id', 'nobody'], 'signer', 4),
])
def _(name, given, options, leaf, code):
    with tap.scratch() as folder:
        (folder / 'a').write_bytes(PDF.read_bytes() if given is None else given)
        before = content(folder)
        for place in (['--in-place'], ['-o', 'b']):
            result = sign(folder, *place, *options, 'a', leaf=leaf)
            tap.equal((result.code, content(folder)), (code, before), result)
            tap.true(result.err and not result.out, result)


@tap.case('an output in a folder that is not there, or that is a folder')
def _():
    with tap.scratch() as folder:
        for output in ('absent/a.pdf', '.', '/dev/full/x'):
            result = sign(folder, '-o', output, PDF)
            tap.equal((result.code, content(folder)), (4, {}), result)


@tap.case('--dry-run refuses an output that could not be written')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        (folder / 'sub').mkdir()
        os.mkfifo(folder / 'fifo')
        (folder / 'loop').symlink_to('loop')
        (folder / 'link').symlink_to('a.pdf')
        for options, code in ((['-o', 'nowhere/x.pdf'], 4), (['--force', '-o', 'sub'], 4), (['--force', '-o', 'fifo'], 4),
                              (['--force', '-o', 'loop'], 4), (['--force', '-o', '/dev/null'], 4), (['-o', 'sub/x.pdf'], 0),
                              (['--force', '-o', 'link'], 0), (['-o', '-'], 0), (['--in-place'], 0)):
            for dry in (['--dry-run'], []):
                if code == 0 and not dry:
                    continue            # what they write is another case's
                result = sign(folder, *dry, *options, 'a.pdf')
                tap.equal(result.code, code, result)
        tap.equal(list((folder / 'sub').iterdir()), [])
        tap.equal((folder / 'a.pdf').read_bytes(), PDF.read_bytes())


@tap.case('-o - is the document and nothing else')
def _():
    with tap.scratch() as folder:
        for options in ([], ['--json'], ['-v']):
            result = sign(folder, '-o', '-', *options, PDF)
            tap.equal(result.code, 0, result)
            tap.true(result.out.startswith(PDF.read_bytes()), 'bytes of the original, then the update')
            (folder / 'x.pdf').write_bytes(result.out)
            tap.true(is_signed(folder / 'x.pdf'))
        result = sign(folder, '-o', '-', '-', stdin=XML.read_bytes())
        (folder / 'x.xml').write_bytes(result.out)
        tap.true(result.code == 0 and is_signed(folder / 'x.xml'), result)


@tap.case('standard input to a file')
def _():
    with tap.scratch() as folder:
        result = sign(folder, '-o', 'x.pdf', '-', stdin=PDF.read_bytes())
        tap.equal(result.code, 0, result)
        tap.true(is_signed(folder / 'x.pdf'))


@tap.case('many: the bad ones are told, the others signed; the counts, and the worst exit code')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        (folder / 'bad.xml').write_bytes(b'<a>')
        shutil.copy(XML, folder / 'b.xml')
        result = sign(folder, 'a.pdf', 'bad.xml', 'absent.pdf', 'b.xml', '--lang', 'en')
        tap.equal(result.code, 4, result)
        tap.true(is_signed(folder / 'a.signed.pdf') and is_signed(folder / 'b.signed.xml'))
        tap.true(b'2 signed, 2 not signed' in result.err, result)
        tap.true(not (folder / 'bad.signed.xml').exists())
        again = sign(folder, '--force', '-q', 'a.pdf', 'b.xml')
        tap.equal((again.code, again.out, again.err), (0, b'', b''), again)


@tap.case('--json: one line a file in order, also for those that were not tried')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        (folder / 'bad.xml').write_bytes(b'<a>')
        result = sign(folder, '--json', 'a.pdf', 'bad.xml')
        rows = result.json
        tap.equal([(row['file'], row['status'], row['output'], row['error']) for row in rows],
                  [('a.pdf', 'signed', 'a.signed.pdf', None), ('bad.xml', 'error', None, 'FORMAT')], result)
        tap.equal(rows[0]['signer'], 'Nguyễn Văn Ánh')
        tap.equal(result.err, b'')
        rows = sign(folder, '--json', '--dry-run', '--suffix', '.x', 'a.pdf').json
        tap.equal([(row['status'], row['output']) for row in rows], [('checked', None)])
        result = sign(folder, '--json', '-j1', 'a.pdf', 'bad.xml', 'a.pdf', leaf='expired')
        tap.equal([row['status'] for row in result.json], ['error', 'not-tried', 'not-tried'], result)


@tap.case('a document given as the list is a list with a NUL in it, and not signed')
def _():
    with tap.scratch() as folder:
        (folder / 'a.pdf').write_bytes(PDF.read_bytes() + b'\0\n')
        before = content(folder)
        result = sign(folder, '--json', '--files-from', 'a.pdf')
        tap.equal(({row['status'] for row in result.json}, result.code, content(folder)), ({'error'}, 4, before), result)
        tap.equal(sign(folder, 'a.pdf').code, 0)        # a document by itself


@tap.case('hostile file names in the JSON of sign')
def _():
    with tap.scratch() as folder:
        for name in ('quote".xml', 'line\nend.xml', 'esc\x1b]0;x\x07.xml', 'bidi\u202e.xml', 'back\\slash.xml'):
            shutil.copy(XML, folder / name)
            for options in (['--json'], ['--force']):
                result = sign(folder, *options, name)
                tap.equal(result.code, 0, result)
                shown = result.out + result.err
                tap.true(b'\x1b' not in shown and b'\x07' not in shown and '\u202e'.encode() not in shown, repr(shown))
                tap.equal(shown.count(b'\n'), 1, repr(shown))
                if options == ['--json']:
                    tap.equal(json.loads(result.out)['file'], name)


@tap.case('every name of --digest is one that the library knows')
def _():
    with tap.scratch() as folder:
        names = ['SHA-256', 'SHA-384', 'SHA-512', 'SHA3-256', 'SHA3-384', 'SHA3-512', 'SHA-224', 'SHA3-224', 'SHA-512/224',
                 'SHA-512/256', 'SHAKE128', 'SHAKE256']
        source = (paths.SOURCE / 'cli/cmd_sign.c').read_text()
        for name in names:
            tap.true(f'"{name}"' in source, name)
            result = sign(folder, '--force', '-o', 'x', '--digest', name, PDF, '--lang', 'en')
            tap.true(b'is not in the list' not in result.err and result.code != 64, result)
        tap.equal(sign(folder, '--force', '-o', 'x', '--digest', 'SHA-512', PDF).code, 0)


@tap.case('sweep: what a killed run left beside the file is gone after the next; what is no leftover stays')
def _():
    with tap.scratch() as folder:
        shutil.copy(PDF, folder / 'a.pdf')
        gone = 4194304 - 1      # above any kernel.pid_max that runs tests
        left = folder / f'.a.pdf.kyso-{gone}-0123456789abcdef.tmp'
        others = [folder / f'.a.pdf.kyso-{os.getpid()}-0123456789abcdef.tmp', folder / '.a.pdf.kyso-1-0123.tmp', folder / 'mine.tmp']
        for path in [left, *others]:
            path.write_bytes(b'x')
        tap.equal(sign(folder, '--in-place', 'a.pdf').code, 0)
        tap.true(not left.exists() and all(path.exists() for path in others), os.listdir(folder))


tap.main()
