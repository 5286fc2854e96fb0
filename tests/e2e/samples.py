"""Which document of testdata each profile is for."""

import paths

PROFILES = [(name, paths.TESTDATA / file) for name, file in [
    ('invoice-seller', 'invoice.xml'),
    ('invoice-seller', 'invoice-message.xml'),
]]
