#include <verify/facts.h>

_Static_assert(NOTES_MAX > MSG_COUNT, "every code must fit once");

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static size_t count_of(const struct facts *f, enum message_code code)
{
    size_t count = 0;
    for (size_t i = 0; i < f->n_notes; i++) {
        count += f->notes[i].code == code;
    }
    return count;
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
    size_t same = count_of(f, code);
    size_t room = same == 0 ? NOTES_MAX : NOTES_MAX - MSG_COUNT;
    if (f->n_notes >= room || same >= NOTES_OF_CODE || is_noted(f, code, arg1, arg2)) {
        return;
    }
    f->notes[f->n_notes++] = (struct note){ code, { arg1, arg2 }, clause };
}

bool facts_has_note(const struct facts *f, enum message_code code)
{
    return count_of(f, code) > 0;
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
