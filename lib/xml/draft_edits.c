/* What is inserted, and where: the document's own bytes around it are parts of what comes out. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <xml/draft_impl.h>

/* --- the bytes that are cut into ---------------------------------------------------------------------------------- */

static int not_own_bytes(uint64_t at, sign_err *err)
{
    return err_set(err, SIGN_E_UNSUPPORTED, at, "XML 1.0 4.4", "the place does not stand in the document's own bytes");
}

static int expect(const struct xml_draft *d, uint64_t at, const char *text, sign_err *err)
{
    CLEANUP(build_free) struct build expected = { 0 };
    uint8_t found[4];
    encode(&expected, d->encoding, bytes_str(text));
    if (expected.failed || expected.len > sizeof found || at > source_size(d->source) ||
        expected.len > source_size(d->source) - at) {
        return not_own_bytes(at, err);
    }
    int rc = source_read(d->source, at, found, expected.len, err);
    return rc != SIGN_OK || bytes_equal(bytes_of(found, expected.len), build_view(&expected)) ? rc : not_own_bytes(at, err);
}

/* Bytes that a name takes in the document. In an encoding of single bytes each is a character. */
static size_t name_size(const struct xml_draft *d, sign_bytes name)
{
    CLEANUP(build_free) struct build text = { 0 };
    if (encoding_unit(d->encoding) == 2 || d->encoding == XML_UTF8) {
        encode(&text, d->encoding, name);
        return text.len;
    }
    size_t n = 0;
    uint32_t c;
    for (size_t at = 0; at < name.len && utf8_next(name, &at, &c); n++) {
    }
    return n;
}

static int check_insertion(struct xml_draft *d, sign_err *err)
{
    struct place *place = &d->place;
    size_t unit = encoding_unit(d->encoding);
    if (place->wrapped || place->after) {   /* an element begins and ends here */
        uint64_t end = place->wrapped ? place->wrapped : place->cut;
        int rc = expect(d, place->start, "<", err);
        return rc == SIGN_OK && end >= unit ? expect(d, end - unit, ">", err) : rc;
    }
    uint64_t back = place->opened ? 2 * unit : 0;
    if (place->cut < back) {
        return not_own_bytes(place->cut, err);
    }
    place->cut -= back;
    return expect(d, place->cut, place->opened ? "/>" : "</", err);
}

static int check_names(const struct xml_draft *d, sign_err *err)
{
    for (size_t i = 0; i < d->place.n_missing; i++) {
        if (!encoding_has(d->encoding, d->place.missing[i].name)) {
            return err_set(err, SIGN_E_UNSUPPORTED, d->place.cut, "XML 1.0 4.1",
                           "a container to be created has a name that the document's encoding lacks");
        }
    }
    return SIGN_OK;
}

int draft_check_bytes(struct xml_draft *d, sign_err *err)
{
    int rc = check_insertion(d, err);
    for (size_t i = 0; rc == SIGN_OK && i < XML_SIGN_REFS; i++) {
        const struct place_target *target = &d->place.targets[i];
        if (target->needs_id) {
            rc = expect(d, target->start, "<", err);
        }
    }
    return rc == SIGN_OK ? check_names(d, err) : rc;
}

/* --- insertions --------------------------------------------------------------------------------------------------- */

static void begin_edit(struct xml_draft *d, uint64_t cut, uint64_t resume)
{
    d->edits[d->n_edits++] = (struct draft_edit){ .cut = cut, .resume = resume, .from = d->encoded.len };
}

static void end_edit(struct xml_draft *d)
{
    struct draft_edit *edit = &d->edits[d->n_edits - 1];
    edit->len = d->encoded.len - edit->from;
}

static void put(struct xml_draft *d, sign_bytes utf8)
{
    encode(&d->encoded, d->encoding, utf8);
}

/* Id="…" right behind the element's name: whatever else its start tag says stays as it is. */
static void add_ids(struct xml_draft *d)
{
    for (size_t i = 0; i < XML_SIGN_REFS; i++) {
        const struct place_target *target = &d->place.targets[i];
        if (!target->needs_id) {
            continue;
        }
        uint64_t at = target->start + encoding_unit(d->encoding) + name_size(d, target->name);
        begin_edit(d, at, at);
        put(d, BYTES_LIT(" "));
        put(d, bytes_str(target->id_attr));
        put(d, BYTES_LIT("=\""));
        put(d, target->id);
        put(d, BYTES_LIT("\""));
        end_edit(d);
    }
}

/* The end tag of a tag that is opened: its name in the very bytes of the start tag. */
static int put_end_tag(struct xml_draft *d, sign_err *err)
{
    put(d, BYTES_LIT("</"));
    size_t len = name_size(d, d->place.name);
    uint8_t *room = build_room(&d->encoded, len);
    int rc = room ? source_read(d->source, d->place.start + encoding_unit(d->encoding), room, len, err) : SIGN_OK;
    put(d, BYTES_LIT(">"));
    return rc;
}

static int add_signature(struct xml_draft *d, sign_err *err)
{
    sign_bytes text = build_view(&d->text.text);
    const struct place *place = &d->place;
    int rc = SIGN_OK;
    if (d->packaging != XML_INSERTED) {
        uint64_t end = d->packaging == XML_ENVELOPING ? place->wrapped : source_size(d->source);
        begin_edit(d, place->cut, place->cut);
        if (d->packaging == XML_ENVELOPING_BASE64) {
            put(d, BYTES_LIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        }
        put(d, bytes_slice(text, 0, d->text.content_at));
        end_edit(d);
        begin_edit(d, end, end);
        put(d, bytes_slice(text, d->text.content_at, text.len));
        end_edit(d);
        return rc;
    }
    begin_edit(d, place->cut, place->resume);
    put(d, bytes_str(place->opened ? ">" : ""));
    put(d, text);
    if (place->opened) {
        rc = put_end_tag(d, err);
    }
    end_edit(d);
    return rc;
}

static void sort_edits(struct xml_draft *d)
{
    for (size_t i = 1; i < d->n_edits; i++) {
        struct draft_edit edit = d->edits[i];
        size_t k = i;
        for (; k > 0 && d->edits[k - 1].cut > edit.cut; k--) {
            d->edits[k] = d->edits[k - 1];
        }
        d->edits[k] = edit;
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int join_parts(struct source **out, const struct xml_draft *d, sign_err *err)
{
    struct source_part parts[2 * DRAFT_EDITS + 1];
    size_t n = 0;
    uint64_t from = 0;
    for (size_t i = 0; i < d->n_edits; i++) {
        const struct draft_edit *edit = &d->edits[i];
        parts[n++] = (struct source_part){ .source = d->source, .from = from, .len = edit->cut - from };
        parts[n++] = (struct source_part){ .bytes = bytes_slice(build_view(&d->encoded), edit->from, edit->len) };
        from = edit->resume;
    }
    parts[n++] = (struct source_part){ .source = d->source, .from = from, .len = source_size(d->source) - from };
    return source_join(out, parts, n, err);
}

int draft_join(struct source **out, struct xml_draft *d, sign_err *err)
{
    source_free(out);
    build_free(&d->encoded);
    d->encoded = (struct build){ .max = LIMIT_XML_INSERT };
    d->n_edits = 0;
    add_ids(d);
    int rc = add_signature(d, err);
    sort_edits(d);
    if (rc == SIGN_OK) {
        rc = build_check(&d->text.text, err, "the Signature to be inserted");
    }
    if (rc == SIGN_OK) {
        rc = build_check(&d->encoded, err, "the Signature to be inserted");
    }
    return rc == SIGN_OK ? join_parts(out, d, err) : rc;
}
