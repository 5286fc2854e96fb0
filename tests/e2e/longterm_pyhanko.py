"""Signs with pyHanko at the levels LT and LTA, for longterm.py: run by the judges' Python.

    longterm_pyhanko.py PKI TSA-URL SOURCE OUT KIND...      writes OUT/KIND.pdf
"""

import io
import pathlib
import sys

from asn1crypto import crl
from pyhanko.keys import load_cert_from_pemder, load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko_certvalidator import ValidationContext

PKI, URL, SOURCE, OUT = sys.argv[1:5]
FOLDER = pathlib.Path(PKI)
STAMPS = timestamps.HTTPTimeStamper(URL)
SIGNER = signers.SimpleSigner.load_pkcs12(FOLDER / 'signer.p12', passphrase=(FOLDER / 'p12.password').read_text().strip().encode())


def evidence():
    return ValidationContext(
        trust_roots=[load_cert_from_pemder(FOLDER / 'root.pem')], allow_fetching=False,
        other_certs=list(load_certs_from_pemder([FOLDER / 'ca.pem', FOLDER / 'tsa.pem'])),
        crls=[crl.CertificateList.load((FOLDER / name).read_bytes()) for name in ('ca.crl', 'root.crl')])


def sign(data, field, archive, certify=False):
    metadata = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm='sha256', subfilter=fields.SigSeedSubFilter.PADES, embed_validation_info=True,
        validation_context=evidence(), use_pades_lta=archive, certify=certify,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES if certify else fields.MDPPerm.FILL_FORMS)
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data), strict=False), metadata, SIGNER, timestamper=STAMPS)
    return bytes(out.getbuffer())


def renew(data):
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    return bytes(PdfTimeStamper(STAMPS).update_archival_timestamp_chain(reader, evidence(), in_place=False).getbuffer())


KINDS = {
    'lt': lambda data: sign(data, 'A', False),
    'lta': lambda data: sign(data, 'A', True),
    'lta-certified-1': lambda data: sign(data, 'A', True, certify=True),
    'lta-renewed': lambda data: renew(sign(data, 'A', True)),
    'lta-twice': lambda data: sign(sign(data, 'A', True), 'B', True),
    'lta-renewed-then-signed': lambda data: sign(renew(sign(data, 'A', True)), 'B', True),
}
for kind in sys.argv[5:]:
    pathlib.Path(OUT, f'{kind}.pdf').write_bytes(KINDS[kind](pathlib.Path(SOURCE).read_bytes()))
