/* The report as an object: its life, its accessors, the words that all of its forms share. */
#include <base/err.h>
#include <stdlib.h>
#include <verify/report.h>

int report_new(sign_report **out, int doc_type, sign_err *err)
{
    sign_report *report = calloc(1, sizeof *report);
    if (!report) {
        return err_nomem(err);
    }
    report->doc_type = doc_type;
    *out = report;
    return SIGN_OK;
}

void sign_report_free(sign_report **report)
{
    if (!report || !*report) {
        return;
    }
    for (size_t i = 0; i < (*report)->n; i++) {
        facts_drop(&(*report)->sigs[i].facts);
    }
    arena_free(&(*report)->arena);
    free(*report);
    *report = NULL;
}

static const struct verified *at(const sign_report *report, size_t i)
{
    return report && i < report->n ? &report->sigs[i] : NULL;
}

size_t sign_report_count(const sign_report *report)
{
    return report ? report->n : 0;
}

sign_verdict sign_report_verdict(const sign_report *report, size_t i)
{
    const struct verified *v = at(report, i);
    return v ? v->outcome.verdict : SIGN_INDETERMINATE;
}

const char *sign_report_sub_indication(const sign_report *report, size_t i)
{
    const struct verified *v = at(report, i);
    return v ? v->outcome.sub : NULL;
}

int sign_report_integrity(const sign_report *report, size_t i)
{
    const struct verified *v = at(report, i);
    return v ? v->outcome.integrity : SIGN_INTEGRITY_UNKNOWN;
}

const char *sign_report_id(const sign_report *report, size_t i)
{
    const struct verified *v = at(report, i);
    return v && v->facts.id ? v->facts.id : "";
}

const sign_cert *sign_report_signer(const sign_report *report, size_t i)
{
    const struct verified *v = at(report, i);
    return v ? v->facts.cert : NULL;
}

const char *sign_report_overall(const sign_report *report)
{
    if (sign_report_count(report) == 0) {
        return "NO-SIGNATURE";
    }
    sign_verdict worst = SIGN_PASSED;
    for (size_t i = 0; i < report->n; i++) {
        sign_verdict one = report->sigs[i].outcome.verdict;
        if (one == SIGN_FAILED || worst == SIGN_FAILED) {
            worst = SIGN_FAILED;
        } else if (one != SIGN_PASSED) {
            worst = SIGN_INDETERMINATE;
        }
    }
    return verdict_name(worst);
}

const char *verdict_name(sign_verdict verdict)
{
    switch (verdict) {
    case SIGN_PASSED:
        return "TOTAL-PASSED";
    case SIGN_FAILED:
        return "TOTAL-FAILED";
    case SIGN_INDETERMINATE:
        break;
    }
    return "INDETERMINATE";
}

const char *integrity_name(int integrity)
{
    return integrity == SIGN_INTEGRITY_INTACT ? "intact" : integrity == SIGN_INTEGRITY_BROKEN ? "broken" : "unknown";
}

const char *format_name(enum format format)
{
    static const char *const names[] = {
        [FORMAT_UNKNOWN] = NULL,  [FORMAT_PADES_B] = "PAdES-BASELINE-B", [FORMAT_PADES] = "PAdES",
        [FORMAT_PKCS7] = "PKCS7", [FORMAT_X509_SHA1] = "X509-SHA1",      [FORMAT_XADES_B] = "XAdES-BASELINE-B",
        [FORMAT_XADES] = "XAdES", [FORMAT_XMLDSIG] = "XMLDSig",
    };
    return names[format];
}

const char *changes_name(enum changes changes)
{
    static const char *const names[] = {
        [CHANGES_UNKNOWN] = "unknown", [CHANGES_NONE] = "none", [CHANGES_ALLOWED] = "allowed",
        [CHANGES_FORBIDDEN] = "forbidden", [CHANGES_NOT_APPLICABLE] = NULL,
    };
    return names[changes];
}

const char *revocation_name(enum revocation_status status)
{
    switch (status) {
    case REVOCATION_GOOD:
        return "good";
    case REVOCATION_REVOKED:
    case REVOCATION_CA_REVOKED:
        return "revoked";
    case REVOCATION_NOT_CHECKED:
    case REVOCATION_UNKNOWN:
        break;
    }
    return "unknown";
}
