"""A PKCS#11 token in a folder, by tools/token. Needs SoftHSM and pkcs11-tool: without them the case is skipped."""

import pathlib
import shutil
import subprocess

import paths
import pki
import tap


class Token:
    def __init__(self, folder, label):
        self.folder = pathlib.Path(folder)
        self.label = label
        self.module = (self.folder / 'module').read_text().strip()
        self.pin = self.folder / 'pin'  # the file, mode 0600
        self.env = {'SOFTHSM2_CONF': self.folder / 'softhsm2.conf'}

    @property
    def options(self):
        """Options that make kyso use this module and PIN."""
        return ['--module', self.module, '--pin-source', f'file:{self.pin}']

    def uri(self, leaf='signer'):
        """RFC 7512, for --key; labels of tests hold no other character to escape than blanks."""
        return f'pkcs11:token={self.label.replace(" ", "%20")};object={leaf}'


def token(folder, *leaves, label='VGCA Token', chain=None):
    """A new token in folder/token with these leaves (default: signer) of the chain (default: the shared one). With
    another label, a second token beside the first."""
    for program in ('softhsm2-util', 'pkcs11-tool'):
        if not shutil.which(program):
            tap.skip(f'{program} is not installed')
    home = pathlib.Path(folder) / 'token'
    chosen = [option for leaf in leaves for option in ('--leaf', leaf)]
    subprocess.run([paths.TOOLS / 'token', '--label', label, *chosen, '--pki', (chain or pki.get()).folder, home], check=True)
    return Token(home, label)
