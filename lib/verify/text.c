/*
 * The report for people, in Vietnamese or English. What Circular 15/2025/TT-BKHCN demands to be shown is shown for
 * every signature: issuing authority, signer, managing unit, signing time, integrity, validity at signing time,
 * validity of the certificate, and a warning where revocation could not be checked. Every foreign string goes through
 * text_escape.
 */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <verify/report.h>

enum word {
    W_PASSED, W_INDETERMINATE, W_FAILED, W_NONE, W_SIGNATURE, W_SIGNER, W_UNIT, W_ISSUER, W_TIME, W_INTEGRITY,
    W_VALID_THEN, W_VALIDITY, W_REVOCATION, W_SCOPE, W_FORM, W_CHECKED_AT, W_UNKNOWN, W_NO_TIME, W_CLAIMED, W_INTACT,
    W_BROKEN, W_OPEN, W_WAS_VALID, W_WAS_EXPIRED, W_WAS_EARLY, W_FROM, W_TO, W_NOT_REVOKED, W_REVOKED, W_UNCHECKED,
    W_WHOLE, W_REVISION, W_OF, W_NOT_WHOLE, W_BYTES, W_BITS, W_STAMPS, W_COUNT
};

static const char *const WORDS[W_COUNT][LANG_COUNT] = {
    [W_PASSED] = { "VALID", "HỢP LỆ" },
    [W_INDETERMINATE] = { "NOT CONFIRMED", "CHƯA XÁC NHẬN ĐƯỢC" },
    [W_FAILED] = { "NOT VALID", "KHÔNG HỢP LỆ" },
    [W_NONE] = { "NOT SIGNED", "KHÔNG CÓ CHỮ KÝ" },
    [W_SIGNATURE] = { "Signature", "Chữ ký" },
    [W_SIGNER] = { "Signer", "Người ký" },
    [W_UNIT] = { "Organisation", "Cơ quan, tổ chức quản lý" },
    [W_ISSUER] = { "Issuing authority", "Tổ chức cấp chứng thư số" },
    [W_TIME] = { "Signing time", "Thời điểm ký" },
    [W_INTEGRITY] = { "Integrity", "Tính toàn vẹn" },
    [W_VALID_THEN] = { "Certificate when signing", "Hiệu lực tại thời điểm ký" },
    [W_VALIDITY] = { "Certificate validity", "Thời hạn chứng thư số" },
    [W_REVOCATION] = { "Revocation", "Tình trạng thu hồi" },
    [W_SCOPE] = { "Scope", "Phạm vi ký" },
    [W_FORM] = { "Form", "Định dạng, thuật toán" },
    [W_CHECKED_AT] = { "Checked as of", "Kiểm tra tại thời điểm" },
    [W_UNKNOWN] = { "unknown", "không xác định" },
    [W_NO_TIME] = { "not stated", "không ghi" },
    [W_CLAIMED] = { "claimed by the signer", "do người ký khai" },
    [W_INTACT] = { "intact: not changed since it was signed", "nguyên vẹn: nội dung đã ký không bị thay đổi" },
    [W_BROKEN] = { "BROKEN: changed, or not made by this key",
                   "BỊ PHÁ VỠ: nội dung đã thay đổi hoặc chữ ký không do khóa này tạo ra" },
    [W_OPEN] = { "could not be determined", "chưa xác định được" },
    [W_WAS_VALID] = { "within its validity", "còn hiệu lực" },
    [W_WAS_EXPIRED] = { "EXPIRED", "ĐÃ HẾT HẠN" },
    [W_WAS_EARLY] = { "NOT YET VALID", "CHƯA CÓ HIỆU LỰC" },
    [W_FROM] = { "from ", "từ " },
    [W_TO] = { " to ", " đến " },
    [W_NOT_REVOKED] = { "not revoked", "không bị thu hồi" },
    [W_REVOKED] = { "REVOKED", "ĐÃ BỊ THU HỒI" },
    [W_UNCHECKED] = { "NOT CHECKED", "CHƯA KIỂM TRA ĐƯỢC" },
    [W_WHOLE] = { "the whole file", "toàn bộ tệp" },
    [W_REVISION] = { "revision ", "phiên bản " },
    [W_OF] = { " of ", " trên tổng số " },
    [W_NOT_WHOLE] = { "not the whole document", "không phải toàn bộ văn bản" },
    [W_BYTES] = { "bytes ", "byte " },
    [W_BITS] = { "bits", "bit" },
    [W_STAMPS] = { "Document timestamps, not checked in this version",
                   "Dấu thời gian của tài liệu, phiên bản này chưa kiểm tra" },
};

struct page { struct build *out; enum lang lang; };

static void word(const struct page *p, enum word w)
{
    build_str(p->out, WORDS[w][p->lang]);
}

static void foreign(const struct page *p, const char *text)
{
    text_escape(p->out, bytes_str(text));
}

/* Every letter of the labels is one code point wide, composed Vietnamese included. */
static size_t width(const char *label)
{
    size_t n = 0;
    for (; *label; label++) {
        n += ((unsigned char)*label & 0xc0) != 0x80;
    }
    return n;
}

static void label(const struct page *p, enum word w)
{
    const size_t column = 28;
    size_t used = width(WORDS[w][p->lang]) + 1;
    build_str(p->out, "    ");
    word(p, w);
    build_byte(p->out, ':');
    build_fill(p->out, ' ', used < column ? column - used : 1);
}

static void end(const struct page *p)
{
    build_byte(p->out, '\n');
}

/* Vietnam has one zone; elsewhere UTC says most. */
static void moment(const struct page *p, int64_t seconds)
{
    char text[WHEN_TEXT];
    when_print_rfc3339(text, (struct when){ seconds, p->lang == LANG_VI ? 7 * 60 : 0, true });
    build_str(p->out, text);
}

static enum word verdict_word(sign_verdict verdict)
{
    return verdict == SIGN_PASSED ? W_PASSED : verdict == SIGN_FAILED ? W_FAILED : W_INDETERMINATE;
}

static void verdict_line(const struct page *p, const struct outcome *outcome)
{
    word(p, verdict_word(outcome->verdict));
    build_fmt(p->out, " (%s", verdict_name(outcome->verdict));
    if (outcome->sub) {
        build_fmt(p->out, " / %s", outcome->sub);
    }
    build_byte(p->out, ')');
}

static void put_text_or_unknown(const struct page *p, const char *text)
{
    if (text && *text) {
        foreign(p, text);
    } else {
        word(p, W_UNKNOWN);
    }
}

static void put_who(const struct page *p, const sign_cert *cert)
{
    const char *name = cert ? sign_cert_common_name(cert) : NULL;
    label(p, W_SIGNER);
    put_text_or_unknown(p, name && *name ? name : cert ? sign_cert_subject(cert) : NULL);
    end(p);
    label(p, W_UNIT);
    put_text_or_unknown(p, cert ? sign_cert_organization(cert) : NULL);
    end(p);
    label(p, W_ISSUER);
    put_text_or_unknown(p, cert ? sign_cert_issuer(cert) : NULL);
    end(p);
}

static void put_time(const struct page *p, const struct facts *f)
{
    label(p, W_TIME);
    if (f->has_claimed) {
        char text[WHEN_TEXT];
        when_print_rfc3339(text, f->claimed);
        build_fmt(p->out, "%s (%s)", text, WORDS[W_CLAIMED][p->lang]);
    } else {
        word(p, W_NO_TIME);
    }
    end(p);
}

static void put_integrity(const struct page *p, int integrity)
{
    label(p, W_INTEGRITY);
    word(p, integrity == SIGN_INTEGRITY_INTACT ? W_INTACT : integrity == SIGN_INTEGRITY_BROKEN ? W_BROKEN : W_OPEN);
    end(p);
}

/* At the claimed time, the only one that a signature without a verified timestamp has. */
static void put_validity(const struct page *p, const struct facts *f)
{
    label(p, W_VALID_THEN);
    if (!f->cert || !f->has_claimed) {
        word(p, W_OPEN);
    } else if (f->claimed.seconds < sign_cert_not_before(f->cert)) {
        word(p, W_WAS_EARLY);
    } else {
        word(p, f->claimed.seconds > sign_cert_not_after(f->cert) ? W_WAS_EXPIRED : W_WAS_VALID);
    }
    end(p);
    label(p, W_VALIDITY);
    if (f->cert) {
        word(p, W_FROM);
        moment(p, sign_cert_not_before(f->cert));
        word(p, W_TO);
        moment(p, sign_cert_not_after(f->cert));
    } else {
        word(p, W_UNKNOWN);
    }
    end(p);
}

static void put_revocation(const struct page *p, const struct path *path)
{
    label(p, W_REVOCATION);
    switch (path->revocation) {
    case REVOCATION_GOOD:
        word(p, W_NOT_REVOKED);
        break;
    case REVOCATION_REVOKED:
    case REVOCATION_CA_REVOKED:
        word(p, W_REVOKED);
        break;
    case REVOCATION_NOT_CHECKED:
    case REVOCATION_UNKNOWN:
        word(p, W_UNCHECKED);
        break;
    }
    end(p);
}

static void put_cover(const struct page *p, const struct cover *cover)
{
    build_str(p->out, "      - ");
    if (cover->path || cover->uri) {
        foreign(p, cover->path ? cover->path : cover->uri);
    }
    if (cover->path && cover->id) {
        build_str(p->out, " #");
        foreign(p, cover->id);
    }
    if (cover->located) {
        bool named = cover->path || cover->uri;
        build_fmt(p->out, "%s%s%llu-%llu%s", named ? " (" : "", WORDS[W_BYTES][p->lang],
                  (unsigned long long)cover->offset, (unsigned long long)(cover->offset + cover->length),
                  named ? ")" : "");
    } else {
        build_str(p->out, ": ");
        word(p, W_OPEN);
    }
    end(p);
}

static void put_scope(const struct page *p, const struct facts *f)
{
    label(p, W_SCOPE);
    if (f->whole_file) {
        word(p, W_WHOLE);
    } else if (f->revision > 0) {
        word(p, W_REVISION);
        build_fmt(p->out, "%zu", f->revision);
        word(p, W_OF);
        build_fmt(p->out, "%zu", f->revisions);
    } else {
        word(p, W_NOT_WHOLE);
    }
    end(p);
    for (size_t i = 0; !f->whole_file && f->changes == CHANGES_NOT_APPLICABLE && i < f->n_covers; i++) {
        put_cover(p, &f->covers[i]);
    }
}

static void put_form(const struct page *p, const struct facts *f)
{
    const char *format = format_name(f->format);
    label(p, W_FORM);
    put_text_or_unknown(p, format);
    if (f->digest_alg) {
        build_fmt(p->out, ", %s", f->digest_alg->name);
    }
    if (f->scheme) {
        build_fmt(p->out, ", %s", scheme_name(f->scheme));
    }
    if (f->key_bits > 0) {
        build_fmt(p->out, ", %d %s", f->key_bits, WORDS[W_BITS][p->lang]);
    }
    end(p);
    label(p, W_CHECKED_AT);
    moment(p, f->at);
    end(p);
}

static void put_notes(const struct page *p, const struct facts *f)
{
    static const char *const marks[] = { [LEVEL_INFO] = "i", [LEVEL_WARNING] = "!", [LEVEL_ERROR] = "x" };
    for (size_t i = 0; i < f->n_notes; i++) {
        const struct message *m = message_by_code(f->notes[i].code);
        build_fmt(p->out, "    %s ", marks[m->level]);
        message_print(p->out, m->text[p->lang], f->notes[i].arg, true);
        end(p);
        if (m->advice[p->lang]) {
            build_fmt(p->out, "      -> %s\n", m->advice[p->lang]);
        }
    }
}

static void put_signature(const struct page *p, const struct verified *v, size_t i, size_t n)
{
    const struct facts *f = &v->facts;
    build_str(p->out, "  ");
    word(p, W_SIGNATURE);
    build_fmt(p->out, " %zu/%zu, ", i + 1, n);
    foreign(p, f->id ? f->id : "");
    build_str(p->out, ": ");
    verdict_line(p, &v->outcome);
    end(p);
    put_who(p, f->cert);
    put_time(p, f);
    put_integrity(p, v->outcome.integrity);
    put_validity(p, f);
    put_revocation(p, &f->path);
    put_scope(p, f);
    put_form(p, f);
    put_notes(p, f);
}

/* The first signature that has the file's verdict: the one that decided it. */
static const struct verified *decisive(const sign_report *report)
{
    const char *overall = sign_report_overall(report);
    for (size_t i = 0; i < report->n; i++) {
        if (strcmp(verdict_name(report->sigs[i].outcome.verdict), overall) == 0) {
            return &report->sigs[i];
        }
    }
    return NULL;
}

static void put_signers(const struct page *p, const sign_report *report)
{
    const char *separator = ": ";
    for (size_t i = 0; i < report->n; i++) {
        const sign_cert *cert = report->sigs[i].facts.cert;
        if (!cert) {
            continue;
        }
        build_str(p->out, separator);
        const char *name = sign_cert_common_name(cert);
        foreign(p, *name ? name : sign_cert_subject(cert));
        if (*sign_cert_organization(cert)) {
            build_str(p->out, " (");
            foreign(p, sign_cert_organization(cert));
            build_byte(p->out, ')');
        }
        separator = "; ";
    }
}

static void put_headline(const struct page *p, const sign_report *report, const char *file, bool details)
{
    const struct verified *v = decisive(report);
    foreign(p, file);
    build_str(p->out, ": ");
    if (v) {
        verdict_line(p, &v->outcome);
    } else {
        word(p, W_NONE);
        build_str(p->out, " (NO-SIGNATURE)");
    }
    if (!details) {
        put_signers(p, report);
    }
    end(p);
}

static void put_stamps(const struct page *p, const sign_report *report)
{
    if (report->n_stamps == 0) {
        return;
    }
    build_str(p->out, "  ");
    word(p, W_STAMPS);
    build_str(p->out, ":\n");
    for (size_t i = 0; i < report->n_stamps; i++) {
        build_str(p->out, "    - ");
        foreign(p, report->stamps[i].id);
        end(p);
    }
}

int sign_report_text(sign_buf **out, const sign_report *report, const char *file, const char *lang, bool details,
                     sign_err *err)
{
    if (!out || !report) {
        return err_arg(err, "sign_report_text: out and report are needed");
    }
    CLEANUP(build_free) struct build text = { 0 };
    struct page page = { &text, lang_by_name(lang) };
    put_headline(&page, report, file ? file : "-", details);
    for (size_t i = 0; details && i < report->n; i++) {
        put_signature(&page, &report->sigs[i], i, report->n);
    }
    if (details) {
        put_stamps(&page, report);
    }
    return build_to_buf(&text, out, err);
}
