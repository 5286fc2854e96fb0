/* sign_inspect_text: the same for people, in Vietnamese or English. Every foreign string goes through text_escape. */
#include <verify/inspect.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <libsign/inspect.h>
#include <verify/report.h>

enum word {
    W_VERSION,
    W_REPAIRED,
    W_FLAW,
    W_HIDDEN,
    W_ENCRYPTED,
    W_USER,
    W_OWNER,
    W_FORBIDDEN,
    W_NOTHING,
    W_FORGED,
    W_CERTIFIED,
    W_USAGE_RIGHTS,
    W_REVISIONS,
    W_BYTES,
    W_FIELDS,
    W_FILLED,
    W_EMPTY,
    W_READ_ONLY,
    W_LOCKS,
    W_ALLOWS,
    W_DEMANDS,
    W_WISHES,
    W_SIGNATURES,
    W_STAMP,
    W_REVISION,
    W_WHOLE,
    W_FAULT,
    W_COUNT
};

static const char *const WORDS[W_COUNT][LANG_COUNT] = {
    [W_VERSION] = { "version", "phiên bản" },
    [W_REPAIRED] = { "its cross-references are missing or wrong: what follows was found by a scan",
                     "bảng tham chiếu thiếu hoặc sai: nội dung dưới đây được dò lại" },
    [W_FLAW] = { "readers differ, or have to guess", "các phần mềm đọc khác nhau hoặc phải đoán" },
    [W_HIDDEN] = { "objects for readers of PDF 1.5 alone", "đối tượng chỉ dành cho phần mềm đọc PDF 1.5" },
    [W_ENCRYPTED] = { "encrypted", "mã hóa" },
    [W_USER] = { "opened as user", "mở với quyền người dùng" },
    [W_OWNER] = { "opened as owner", "mở với quyền chủ sở hữu" },
    [W_FORBIDDEN] = { "forbidden to users", "người dùng không được" },
    [W_NOTHING] = { "nothing", "không hạn chế" },
    [W_FORGED] = { "the permissions were changed by somebody who did not have the key",
                   "quyền hạn đã bị sửa bởi người không có khóa" },
    [W_USAGE_RIGHTS] = { "Usage rights of its author's program (/Perms /UR3)",
                         "Quyền sử dụng do chương trình của tác giả cấp (/Perms /UR3)" },
    [W_CERTIFIED] = { "Certified by", "Chứng thực bởi" },
    [W_REVISIONS] = { "Revisions", "Các lần ghi" },
    [W_BYTES] = { "bytes", "byte" },
    [W_FIELDS] = { "Fields", "Các trường" },
    [W_FILLED] = { "filled in", "đã điền" },
    [W_EMPTY] = { "empty", "trống" },
    [W_READ_ONLY] = { "read-only", "chỉ đọc" },
    [W_LOCKS] = { "locks", "khóa" },
    [W_ALLOWS] = { "allows afterwards (DocMDP)", "sau đó chỉ cho phép (DocMDP)" },
    [W_DEMANDS] = { "demands", "bắt buộc" },
    [W_WISHES] = { "suggests", "gợi ý" },
    [W_SIGNATURES] = { "Signatures", "Các chữ ký" },
    [W_STAMP] = { "timestamp", "dấu thời gian" },
    [W_REVISION] = { "revision", "lần ghi" },
    [W_WHOLE] = { "the whole file", "toàn bộ tệp" },
    [W_FAULT] = { "COVERAGE WRONG", "PHẠM VI KÝ SAI" },
};

struct page {
    struct build *out;
    enum lang lang;
};

static void say(const struct page *p, enum word w)
{
    build_str(p->out, WORDS[w][p->lang]);
}

static void foreign(const struct page *p, const char *before, const char *text)
{
    if (text && *text) {
        build_str(p->out, before);
        text_escape(p->out, bytes_str(text));
    }
}

static void heading(const struct page *p, enum word w, size_t n)
{
    build_str(p->out, "  ");
    say(p, w);
    build_fmt(p->out, ": %zu\n", n);
}

static void encryption(const struct page *p, const struct pdf_rights *rights)
{
    bool any = false;
    build_str(p->out, "  ");
    say(p, W_ENCRYPTED);
    build_fmt(p->out, ": %s, %u bit, ", rights->cipher, rights->key_bits);
    say(p, rights->owner ? W_OWNER : W_USER);
    build_str(p->out, "; ");
    say(p, W_FORBIDDEN);
    build_byte(p->out, ':');
    for (const struct permission *one = inspect_permissions; one->name; one++) {
        if (!(rights->permissions >> one->bit & 1)) {
            build_fmt(p->out, " %s", one->name);
            any = true;
        }
    }
    if (!any) {
        build_byte(p->out, ' ');
        say(p, W_NOTHING);
    }
    build_byte(p->out, '\n');
    if (!rights->perms_agree) {
        build_str(p->out, "  ! ");
        say(p, W_FORGED);
        build_byte(p->out, '\n');
    }
}

static void lock(const struct page *p, const struct pdf_lock *lock)
{
    if (lock->action) {
        build_str(p->out, "\n      ");
        say(p, W_LOCKS);
        foreign(p, ": ", lock->action);
        for (size_t i = 0; i < lock->n_fields; i++) {
            foreign(p, i ? ", " : " ", lock->fields[i]);
        }
    }
    if (lock->p) {
        build_str(p->out, "\n      ");
        say(p, W_ALLOWS);
        build_fmt(p->out, ": %d", lock->p);
    }
}

static void field(const struct page *p, const struct pdf_field_info *f)
{
    foreign(p, "    ", *f->name ? f->name : "-");
    build_fmt(p->out, "  (%s, ", f->type);
    say(p, f->has_value ? W_FILLED : W_EMPTY);
    if (f->read_only) {
        build_str(p->out, ", ");
        say(p, W_READ_ONLY);
    }
    build_byte(p->out, ')');
    lock(p, &f->lock);
    for (size_t i = 0; i < f->n_seeds; i++) {
        build_str(p->out, "\n      ");
        say(p, f->seeds[i].required ? W_DEMANDS : W_WISHES);
        build_fmt(p->out, " %s", f->seeds[i].key);
        foreign(p, ": ", f->seeds[i].value);
    }
    build_byte(p->out, '\n');
}

static void signature(const struct page *p, const struct inspected_signature *s)
{
    foreign(p, "    ", *s->sig->name ? s->sig->name : "-");
    foreign(p, "  ", s->sig->subfilter_name);
    if (s->sig->doc_timestamp) {
        build_str(p->out, ", ");
        say(p, W_STAMP);
    }
    foreign(p, ", ", s->sig->signer_name);
    build_str(p->out, "; ");
    if (s->cover.fault != PDF_FAULT_NONE) {
        say(p, W_FAULT);
        foreign(p, ": ", s->cover.detail);
    } else if (s->cover.whole_file) {
        say(p, W_WHOLE);
    } else {
        say(p, W_REVISION);
        build_fmt(p->out, " %zu/%zu", s->cover.revision, s->cover.revisions);
    }
    lock(p, &s->lock);
    build_byte(p->out, '\n');
}

static void certification(const struct page *p, const struct inspection *in)
{
    build_str(p->out, "  ");
    say(p, W_CERTIFIED);
    foreign(p, ": ", in->certified_by);
    build_str(p->out, "; ");
    say(p, W_ALLOWS);
    build_fmt(p->out, ": %d\n", in->doc_mdp);
}

static void whole(const struct page *p, const struct inspection *in, const char *file)
{
    foreign(p, "", file ? file : "-");
    build_str(p->out, ": PDF, ");
    say(p, W_VERSION);
    foreign(p, " ", in->version);
    build_byte(p->out, '\n');
    if (pdf_needed_repair(in->file)) {
        build_str(p->out, "  ! ");
        say(p, W_REPAIRED);
        build_byte(p->out, '\n');
    }
    for (size_t i = 0; i < in->flaws.n; i++) {
        build_str(p->out, "  ! ");
        say(p, W_FLAW);
        foreign(p, ": ", in->flaws.list[i].text);
        if (in->flaws.list[i].offset != SIGN_NO_OFFSET) {
            build_fmt(p->out, " (byte %llu)", (unsigned long long)in->flaws.list[i].offset);
        }
        build_byte(p->out, '\n');
    }
    if (in->flaws.hidden > 0) {
        build_fmt(p->out, "  %zu ", in->flaws.hidden);
        say(p, W_HIDDEN);
        build_byte(p->out, '\n');
    }
    if (in->rights.encrypted) {
        encryption(p, &in->rights);
    }
    if (in->certified_by) {
        certification(p, in);
    }
    if (in->usage_rights) {
        build_str(p->out, "  ");
        say(p, W_USAGE_RIGHTS);
        build_byte(p->out, '\n');
    }
    heading(p, W_REVISIONS, in->n_revisions);
    for (size_t i = 0; i < in->n_revisions; i++) {
        build_fmt(p->out, "    %zu  %llu ", i + 1, (unsigned long long)in->revisions[i].end);
        say(p, W_BYTES);
        build_fmt(p->out, ", xref %s\n", inspect_xref(in->revisions[i].form));
    }
    heading(p, W_FIELDS, in->n_fields);
    for (size_t i = 0; i < in->n_fields; i++) {
        field(p, &in->fields[i]);
    }
    heading(p, W_SIGNATURES, in->n_signatures);
    for (size_t i = 0; i < in->n_signatures; i++) {
        signature(p, &in->signatures[i]);
    }
}

int sign_inspect_text(sign_buf **out, const sign_doc *doc, const char *file, const char *lang, sign_err *err)
{
    CLEANUP(inspect_drop) struct inspection in = { 0 };
    CLEANUP(build_free) struct build text = { 0 };
    if (!out || !doc) {
        return err_arg(err, "sign_inspect_text: out and doc are needed");
    }
    *out = NULL;
    int rc = inspect(&in, doc, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    struct page page = { &text, lang_by_name(lang) };
    whole(&page, &in, file);
    rc = build_check(&text, err, "the text");
    return rc == SIGN_OK ? build_to_buf(&text, out, err) : rc;
}
