"""What independent programs say of damaged PDFs that --repair wrote anew and signed."""

import documents
import judges
import pki
import tap
from damage import DAMAGE, damaged


@tap.case('every kind of damage, written anew: all judges accept')
def accepted():
    judges.folder()
    with tap.scratch() as folder:
        signed = []
        for number, (_, source, change, _) in enumerate(DAMAGE):
            path = damaged(folder, source, change, f'damaged-{number}.pdf')
            signed.append(documents.sign(path, folder / f'signed-{number}.pdf', '--repair'))
        verdicts = judges.accept(signed, '--trust', pki.get().file('root.pem'))
        tap.equal(len({verdict['file'] for verdict in verdicts}), len(DAMAGE))
        tap.note(f'{len(verdicts)} verdicts over {len(DAMAGE)} files')


tap.main()
