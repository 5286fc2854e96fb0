"""Which document of testdata each profile is for."""

import paths

PROFILES = [(name, paths.TESTDATA / file) for name, file in [
    ('invoice-seller', 'invoice.xml'),
    ('invoice-seller', 'invoice-message.xml'),
    ('invoice-buyer', 'invoice.xml'),
    ('invoice-other', 'invoice-message.xml'),
    ('invoice-tax-office', 'invoice-coded.xml'),
    ('invoice-registration', 'invoice-registration.xml'),
    ('invoice-registration', 'invoice-registration-message.xml'),
    ('tax-declaration', 'tax-declaration.xml'),
    ('tax-registration', 'tax-registration.xml'),
    ('social-insurance', 'social-insurance.xml'),
    ('social-insurance', 'social-insurance-form.xml'),
    ('social-insurance-ivan', 'social-insurance-ivan.xml'),
    ('health-insurance', 'health-insurance.xml'),
    ('pit-withholding', 'pit-withholding.xml'),
    ('pit-withholding', 'pit-withholding-message.xml'),
    ('pit-withholding-message', 'pit-withholding-message.xml'),
    ('school-record-subject-teacher', 'school-record.xml'),
    ('school-record-class-teacher', 'school-record.xml'),
    ('school-record-management', 'school-record.xml'),
    ('school-record-issue', 'school-record.xml'),
    ('edxml', 'edxml.xml'),
]]
