"""A locale whose numbers have a decimal comma: what prints or reads numbers for PDF must not heed it."""

import os
import shutil
import subprocess
import tempfile

import paths
import tap


def vietnamese():
    """The environment for kyso.run(env=...), after checking that the locale works; skipped without locale sources."""
    home = paths.BUILD / 'locale'
    if not (home / 'vi_VN.UTF-8').is_dir():
        if not shutil.which('localedef') or not os.path.exists('/usr/share/i18n/locales/vi_VN'):
            tap.skip('no sources of locale vi_VN (package locales)')
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as fresh:
            subprocess.run(['localedef', '-i', 'vi_VN', '-f', 'UTF-8', '--no-archive', f'{fresh}/vi_VN.UTF-8'], check=True)
            try:
                os.rename(f'{fresh}/vi_VN.UTF-8', home / 'vi_VN.UTF-8')
            except OSError:  # another test was quicker
                pass
    env = {'LOCPATH': str(home), 'LC_ALL': 'vi_VN.UTF-8'}
    shown = subprocess.run(['locale', 'decimal_point'], env={**os.environ, **env}, capture_output=True, text=True, check=True)
    tap.equal(shown.stdout.strip(), ',')
    return env
