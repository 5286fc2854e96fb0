#include <verify/facts.h>

/* Notes that verdict.c adds, path and revocation: never crowded out by a document with a thousand faults. */
#define NOTES_KEPT 16

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_noted(const struct facts *f, enum message_code code, const char *arg1, const char *arg2)
{
    for (size_t i = 0; i < f->n_notes; i++) {
        const struct note *note = &f->notes[i];
        if (note->code == code && same_text(note->arg[0], arg1) && same_text(note->arg[1], arg2)) {
            return true;
        }
    }
    return false;
}

void facts_note(struct facts *f, enum message_code code, const char *arg1, const char *arg2, const char *clause)
{
    size_t room = message_by_code(code)->verdict ? NOTES_MAX : NOTES_MAX - NOTES_KEPT;
    if (f->n_notes >= room || is_noted(f, code, arg1, arg2)) {
        return;
    }
    f->notes[f->n_notes++] = (struct note){ code, { arg1, arg2 }, clause };
}

bool facts_has_note(const struct facts *f, enum message_code code)
{
    for (size_t i = 0; i < f->n_notes; i++) {
        if (f->notes[i].code == code) {
            return true;
        }
    }
    return false;
}

void fact_true(enum fact *fact)
{
    if (*fact == FACT_UNKNOWN) {
        *fact = FACT_TRUE;
    }
}

void facts_drop(struct facts *f)
{
    path_drop(&f->path);
    cert_free(&f->cert);
    for (size_t i = 0; i < f->n_sent; i++) {
        cert_free(&f->sent[i]);
    }
    f->n_sent = 0;
}
