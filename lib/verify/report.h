/* The inside of the public sign_report. */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <libsign/verify.h>
#include <verify/facts.h>

struct verified {
    struct facts facts;
    struct outcome outcome;
};
/* A document timestamp (ISO 32000-2 12.8.5): no signature of anybody, listed beside them. */
struct stamp {
    const char *id;
    uint64_t offset, length;            /* of the covered range, /Contents included */
};

struct sign_report {
    struct arena arena;
    int doc_type;                       /* SIGN_DOC_* */
    struct verified *sigs; size_t n;    /* in the order in which they were made */
    struct stamp *stamps; size_t n_stamps;
};

int report_new(sign_report **out, int doc_type, sign_err *err);

/* Words that both JSON and text use. Static, NULL for what does not apply. */
const char *verdict_name(sign_verdict verdict);
const char *integrity_name(int integrity);
const char *format_name(enum format format);
const char *changes_name(enum changes changes);
const char *revocation_name(enum revocation_status status);

#endif
