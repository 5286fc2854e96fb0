/*
 * A PDF file, read lazily: cross-reference sections along /Prev, then only the objects asked for. One file belongs to
 * one thread; the source below it may be shared.
 *
 * A view is the file as it stood at the end of a revision: what a reader sees who was given only the first `limit`
 * bytes. The newest view is the whole file. Sections are parsed once and shared between views, so that ten or two
 * thousand signatures cost as much as one reading.
 */
#ifndef PDF_FILE_H
#define PDF_FILE_H

#include <base/arena.h>
#include <base/watch.h>
#include <crypto/crypto.h>
#include <io/source.h>
#include <pdf/object.h>

struct pdf_file;
struct pdf_view;

/* Gives the document's password (UTF-8), borrowed; a status and its message where there is none to be had. */
struct secret;
typedef int (*pdf_password_fn)(void *payload, const struct secret **out, sign_err *err);

struct pdf_opts {                   /* the zero value is the default */
    uint32_t max_depth, max_objects;
    uint64_t max_inflated;
    pdf_password_fn password;       /* asked where the empty user password does not open the file; NULL: none */
    void *payload;
};

/*
 * crypto is for decryption; without it an encrypted file is UNSUPPORTED. FORMAT (offset, clause), PASSWORD (encrypted, and
 * no password opens it), UNSUPPORTED, ALGO, LIMIT, IO, NOMEM, TIMEOUT, CANCELLED.
 */
int pdf_open(struct pdf_file **out, struct source *source, const struct crypto *crypto, const struct pdf_opts *opts,
             struct watch *watch, sign_err *err);
void pdf_free(struct pdf_file **file);

struct source *pdf_source(const struct pdf_file *file);
struct arena *pdf_arena(struct pdf_file *file);
/* xref missing or wrong, rebuilt by one scan: the newest view is then a guess; prefixes are never repaired. */
bool pdf_needed_repair(const struct pdf_file *file);
/*
 * Junk before %PDF-: what the file writes as offset counts from here (annex H). All offsets of this room count from
 * byte 0.
 */
uint64_t pdf_header_offset(const struct pdf_file *file);

/* Encryption, and what the rights are (table 22). */
struct pdf_rights {
    bool encrypted, owner;          /* opened by the owner's password: /P does not bind              */
    bool perms_agree;               /* false: /Perms contradicts /P: somebody wrote in /Encrypt      */
    int64_t version, revision;
    uint32_t permissions;           /* /P                                                            */
    const char *cipher;             /* "RC4", "AES-128", "AES-256", "none": of the strings. Static   */
    unsigned key_bits;
};
struct pdf_rights pdf_rights(const struct pdf_file *file);
/* Where the user's rights do not suffice: asks for the password, if it was not needed yet, and becomes owner if it fits. */
int pdf_become_owner(struct pdf_file *file, sign_err *err);

struct pdf_view *pdf_newest(struct pdf_file *file);
/*
 * The first `limit` bytes parsed as a file of their own: the last startxref within them, its sections, all within the
 * limit. FORMAT when they are none. The view lives as long as the file.
 */
int pdf_prefix(struct pdf_view **out, struct pdf_file *file, uint64_t limit, sign_err *err);
uint64_t pdf_limit(const struct pdf_view *view);
/* 1 for the first; linearized files' two sections are one revision */
size_t pdf_revision(const struct pdf_view *view);

const struct pdf_obj *pdf_trailer(const struct pdf_view *view); /* dictionary of the newest section of the view */
/* The object, or the null object where it is free, absent or of another generation (7.3.10). Cached. */
int pdf_load(const struct pdf_obj **out, struct pdf_view *view, struct pdf_ref ref, sign_err *err);
/* Follows references (a chain of them is bounded); NULL in, the null object out. */
int pdf_resolve(const struct pdf_obj **out, struct pdf_view *view, const struct pdf_obj *obj, sign_err *err);
/* pdf_dict_get, then pdf_resolve: the null object where there is none. */
int pdf_get(const struct pdf_obj **out, struct pdf_view *view, const struct pdf_obj *dict, const char *key,
            sign_err *err);
/*
 * A stream's bytes with all filters undone (Flate with predictors, ASCIIHex, ASCII85, LZW, RunLength); UNSUPPORTED by
 * name.
 */
int pdf_stream(sign_bytes *out, struct pdf_view *view, const struct pdf_obj *stream, sign_err *err);

enum pdf_xref_form { PDF_XREF_TABLE, PDF_XREF_STREAM, PDF_XREF_HYBRID };
enum pdf_xref_form pdf_xref_form(const struct pdf_view *view);  /* of the newest section */
uint64_t pdf_startxref(const struct pdf_view *view);            /* the value as written: what /Prev of an update says */
uint32_t pdf_next_object(const struct pdf_view *view);          /* first object number never used, at least /Size */
/* Where the object stands: in the file at an offset, in an object stream, or nowhere. */
struct pdf_where {
    enum { PDF_NOWHERE, PDF_IN_FILE, PDF_IN_STREAM } kind;
    uint64_t offset;
    uint32_t stream, gen;
};
int pdf_locate(struct pdf_where *out, struct pdf_view *view, uint32_t num, sign_err *err);

#endif
