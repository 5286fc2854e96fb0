#include <base/cleanup.h>
#include <base/text.h>
#include <pdf/crypt.h>
#include <pdf/serialize.h>
#include <stdio.h>

static bool is_regular(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7F && !strchr("()<>[]{}/%#", byte);
}

void pdf_put_name(struct build *out, sign_bytes name)
{
    build_byte(out, '/');
    for (size_t i = 0; i < name.len; i++) {
        if (is_regular(name.ptr[i])) {
            build_byte(out, name.ptr[i]);
        } else {
            build_byte(out, '#');
            build_hex(out, bytes_of(name.ptr + i, 1), true);
        }
    }
}

static bool is_printable(sign_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] < 0x20 || bytes.ptr[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

static void put_plain(struct build *out, sign_bytes bytes)
{
    if (!is_printable(bytes)) {
        build_byte(out, '<');
        build_hex(out, bytes, true);
        build_byte(out, '>');
        return;
    }
    build_byte(out, '(');
    for (size_t i = 0; i < bytes.len; i++) {
        if (strchr("()\\", bytes.ptr[i])) {
            build_byte(out, '\\');
        }
        build_byte(out, bytes.ptr[i]);
    }
    build_byte(out, ')');
}

void pdf_put_string(struct build *out, sign_bytes bytes, const struct pdf_seal *seal)
{
    CLEANUP(build_free) struct build sealed = { 0 };
    if (seal && seal->crypt && out->failed == SIGN_OK) {
        out->failed = pdf_encrypt_string(&sealed, seal->crypt, seal->ref, bytes, NULL);
        bytes = build_view(&sealed);
    }
    put_plain(out, bytes);
}

static void put_utf16_unit(struct build *out, uint32_t unit)
{
    build_byte(out, (uint8_t)(unit >> 8));
    build_byte(out, (uint8_t)unit);
}

void pdf_put_text(struct build *out, const char *utf8, const struct pdf_seal *seal)
{
    sign_bytes text = bytes_str(utf8);
    if (is_printable(text)) {
        pdf_put_string(out, text, seal);
        return;
    }
    CLEANUP(build_free) struct build utf16 = { 0 };
    CLEANUP(build_free) struct build repaired = { 0 };
    utf8_repair(&repaired, text);
    text = build_view(&repaired);
    put_utf16_unit(&utf16, 0xFEFF);
    uint32_t c;
    for (size_t at = 0; at < text.len && utf8_next(text, &at, &c);) {
        if (c >= 0x10000) {
            put_utf16_unit(&utf16, 0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        put_utf16_unit(&utf16, c);
    }
    if (utf16.failed || repaired.failed) {
        out->failed = SIGN_E_NOMEM;
        return;
    }
    pdf_put_string(out, build_view(&utf16), seal);
}

void pdf_put_ref(struct build *out, struct pdf_ref ref)
{
    build_u64(out, ref.num);
    build_byte(out, ' ');
    build_u64(out, ref.gen);
    build_str(out, " R");
}

/* Fixed notation, ten decimals at most, in no locale: readers know no exponents (7.3.3). */
static void put_real(struct build *out, double value)
{
    if (value < 0) {
        build_byte(out, '-');
        value = -value;
    }
    if (!(value < 1e15)) {
        value = 1e15;
    }
    uint64_t whole = (uint64_t)value;
    uint64_t part = (uint64_t)((value - (double)whole) * 1e10 + 0.5);
    if (part >= UINT64_C(10000000000)) {
        whole++;
        part = 0;
    }
    build_u64(out, whole);
    char digits[12];
    int n = 10;
    snprintf(digits, sizeof digits, "%010llu", (unsigned long long)part);
    while (n > 0 && digits[n - 1] == '0') {
        n--;
    }
    if (n > 0) {
        build_byte(out, '.');
        build_put(out, digits, (size_t)n);
    }
}

static void put_int(struct build *out, int64_t value)
{
    if (value < 0) {
        build_byte(out, '-');
    }
    build_u64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_array(struct build *out, const struct pdf_obj *array, const struct pdf_seal *seal)
{
    build_byte(out, '[');
    for (size_t i = 0; i < array->u.array.n; i++) {
        if (i) {
            build_byte(out, ' ');
        }
        pdf_put_object(out, &array->u.array.items[i], seal);
    }
    build_byte(out, ']');
}

void pdf_put_object(struct build *out, const struct pdf_obj *obj, const struct pdf_seal *seal)
{
    switch (obj->kind) {
    case PDF_NULL:
    case PDF_STREAM:
        build_str(out, "null");
        break;
    case PDF_BOOL:
        build_str(out, obj->u.boolean ? "true" : "false");
        break;
    case PDF_INT:
        put_int(out, obj->u.integer);
        break;
    case PDF_REAL:
        put_real(out, obj->u.real);
        break;
    case PDF_NAME:
        pdf_put_name(out, obj->u.bytes);
        break;
    case PDF_STRING:
        pdf_put_string(out, obj->u.bytes, seal);
        break;
    case PDF_ARRAY:
        put_array(out, obj, seal);
        break;
    case PDF_DICT:
        pdf_put_dict(out, obj, NULL, 0, seal);
        break;
    case PDF_REF:
        pdf_put_ref(out, obj->u.ref);
        break;
    }
}

static const struct pdf_override *override_of(sign_bytes key, const struct pdf_override *overrides, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_are(key, overrides[i].key)) {
            return &overrides[i];
        }
    }
    return NULL;
}

/* Is this entry the /Contents of a signature, which is never encrypted (7.6.2)? */
static bool stays_plain(const struct pdf_obj *dict, const struct pdf_entry *entry)
{
    return entry->value.kind == PDF_STRING && bytes_are(entry->key, "Contents") &&
           pdf_is_signature_dict(dict->u.dict.entries, dict->u.dict.n);
}

void pdf_put_dict(struct build *out, const struct pdf_obj *dict, const struct pdf_override *overrides, size_t n,
                  const struct pdf_seal *seal)
{
    build_str(out, "<<");
    for (size_t i = 0; dict && i < dict->u.dict.n; i++) {
        const struct pdf_entry *entry = &dict->u.dict.entries[i];
        if (!override_of(entry->key, overrides, n)) {
            pdf_put_name(out, entry->key);
            build_byte(out, ' ');
            pdf_put_object(out, &entry->value, stays_plain(dict, entry) ? NULL : seal);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (overrides[i].value) {
            pdf_put_name(out, bytes_str(overrides[i].key));
            build_byte(out, ' ');
            build_str(out, overrides[i].value);
        }
    }
    build_str(out, ">>");
}
