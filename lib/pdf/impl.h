/*
 * The inside of a file and its views, for the files of this room alone.
 *
 * Sections form a forest: each knows the one its /Prev points to. A lineage is one path in it, from the oldest section
 * to a tip, with an index of what every object became along it; a view is a place on a lineage. Views of one history
 * thus share one lineage, and a thousand revisions are read once.
 */
#ifndef PDF_IMPL_H
#define PDF_IMPL_H

#include <pdf/file.h>
#include <pdf/map.h>
#include <pdf/parse.h>

/* --- cross-references --------------------------------------------------------------------------------------------- */

enum pdf_place_kind { PDF_PLACE_FREE, PDF_PLACE_FILE, PDF_PLACE_STREAM, PDF_PLACE_DISPUTED };
/* A hybrid section's two tellings of one object (7.5.8.4): who reads the table alone sees something else but in BOTH. */
enum pdf_seen {
    PDF_SEEN_BOTH,                  /* and every entry of other sections */
    PDF_SEEN_ADDED,                 /* in the stream alone */
    PDF_SEEN_FREED,                 /* free in the table, used in the stream: hidden */
    PDF_SEEN_AGAINST                /* used in the table, free in the stream */
};

/* One entry: 16 bytes, because files have a million of them. */
struct pdf_place {
    uint64_t at;                    /* FILE: offset in the file; STREAM: number of the object stream */
    uint32_t num;
    uint32_t kind : 2, seen : 2;
    uint32_t more : 28;             /* FILE: generation; STREAM: index within the stream             */
};
struct pdf_places { struct pdf_place *list; size_t n, cap; bool disputed; };   /* malloc'ed; one of them is */

struct pdf_section {
    uint64_t offset;                /* of the section in the file                                    */
    uint64_t reach;                 /* end of the furthest byte that it, or one before it, took      */
    struct pdf_section *prev;
    size_t depth, revision;         /* 1 for the oldest                                              */
    uint32_t top;                   /* highest object number here or before                          */
    enum pdf_xref_form form;
    struct pdf_places places;       /* sorted by number, no number twice                             */
    struct pdf_obj trailer;
};

struct pdf_history { uint32_t num, at; size_t depth; };            /* at: index into the section's places */
struct pdf_lineage {
    struct pdf_section **chain;     /* chain[depth - 1]                                              */
    struct pdf_history *index;      /* of all sections but the oldest, by number, then depth         */
    size_t depth, n_index;
};

/* --- the file ----------------------------------------------------------------------------------------------------- */

struct pdf_objstm;
struct pdf_signature;
struct pdf_log;
struct pdf_crypt;

struct pdf_view {
    struct pdf_file *file;
    struct pdf_lineage *lineage;
    struct pdf_section *section;
    uint64_t limit, startxref;
};

#define PDF_OBJSTM_KEPT 16          /* object streams kept decoded at a time */

struct pdf_file {
    struct source *source;
    struct watch *watch;
    struct pdf_opts opts;
    const struct crypto *crypto;
    struct pdf_crypt *crypt;        /* NULL: not encrypted                                          */
    bool crypt_known;               /* the newest trailer has been asked                            */
    struct arena arena;
    sign_bytes memory;              /* the whole file where it is held in memory, else empty        */
    uint8_t *scratch;               /* else the window last read                                    */
    size_t scratch_cap;
    uint64_t size, header, blank;   /* blank: from here on only white space; UINT64_MAX: not known  */
    uint64_t spent, budget;         /* work done, in bytes: overlapping objects would make it endless */
    bool repaired;
    sign_err damage;                /* what made the repair necessary                               */
    unsigned nesting;               /* objects being loaded because others need them                */
    struct pdf_map sections, objects, views;   /* by offset, offset, limit                           */
    size_t n_objects, n_sections;
    struct pdf_lineage **lineages;
    size_t n_lineages, cap_lineages;
    struct pdf_objstm *kept[PDF_OBJSTM_KEPT];
    size_t next_kept;
    struct pdf_parser parser;       /* its stacks, reused                                           */
    struct pdf_view newest;
    const struct pdf_signature *signatures;
    size_t n_signatures;
    bool walked;
    struct pdf_log *log;            /* of changes, once somebody asked */
};

extern const struct pdf_obj pdf_null;

/* Entries of a dictionary or stream dictionary, 0 for anything else. */
static inline size_t pdf_keys(const struct pdf_obj *obj)
{
    return obj->kind == PDF_DICT || obj->kind == PDF_STREAM ? obj->u.dict.n : 0;
}

/* Counts n bytes of work: TIMEOUT, CANCELLED, or LIMIT when it is many times what an honest file of this size needs. */
int pdf_spend(struct pdf_file *file, uint64_t n, sign_err *err);
/*
 * At least `want` bytes from offset, or all up to the file's end. Borrowed from the file in memory, else from the one
 * scratch window, which the next call overwrites.
 */
int pdf_window(struct pdf_file *file, uint64_t offset, size_t want, sign_bytes *out, sign_err *err);
/* A cursor over the few bytes from offset on, behind white space: for a keyword that may stand there. */
int pdf_word_at(struct cursor *in, struct pdf_file *file, uint64_t offset, sign_err *err);
/* A lexer and parser over bytes at offset (SIGN_NO_OFFSET: of no place in the file). */
struct pdf_parser *pdf_parser_over(struct pdf_file *file, sign_bytes bytes, uint64_t offset);

/* --- objects ------------------------------------------------------------------------------------------------------ */

/* `N G obj … endobj`. */
struct pdf_indirect {
    struct pdf_ref ref;
    struct pdf_obj obj;
    uint64_t end;                   /* behind endobj */
    bool length_by_ref;             /* /Length is a reference: what it led to depends on the view */
    bool length_known;
    uint64_t length;
};
/* view NULL: no reference is followed; a stream's end is then found by its endstream. */
int pdf_indirect_read(struct pdf_indirect *out, struct pdf_file *file, struct pdf_view *view, uint64_t offset,
                      sign_err *err);
/* A direct object at offset, e.g. a trailer dictionary. *end: behind it. */
int pdf_direct_read(struct pdf_obj *out, uint64_t *end, struct pdf_file *file, uint64_t offset, sign_err *err);
/* The value of a stream's /Length in a view; false when there is none to rely on. */
int pdf_length(uint64_t *out, bool *known, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err);
/* Finds data and data_len, and moves *end behind endstream. */
int pdf_extent(struct pdf_indirect *stream, struct pdf_file *file, struct pdf_view *view, uint64_t data, sign_err *err);
/* Stream data with its filters undone, appended to out. */
int pdf_decode(struct build *out, struct pdf_file *file, struct pdf_view *view, const struct pdf_obj *stream,
               sign_err *err);

/* The object at `index` of an object stream; it must be the one numbered num. */
int pdf_objstm_get(const struct pdf_obj **out, struct pdf_view *view, struct pdf_ref container, uint32_t num,
                   uint32_t index, sign_err *err);
/* Adds an entry for every object in the stream. */
int pdf_objstm_list(struct pdf_places *out, struct pdf_view *view, struct pdf_ref container, sign_err *err);
void pdf_objstm_free(struct pdf_objstm **stream);

/* --- sections, lineages, views ------------------------------------------------------------------------------------ */

int pdf_places_add(struct pdf_places *places, struct pdf_place place, sign_err *err);
/* Sorts, and makes one of several equal entries; contradicting ones become one that is disputed. */
void pdf_places_settle(struct pdf_places *places);
const struct pdf_place *pdf_places_find(const struct pdf_places *places, uint32_t num);
/* Each fills places, trailer, form, reach of a section whose offset is set. */
int pdf_xref_table(struct pdf_section *section, struct pdf_file *file, uint64_t offset, sign_err *err);
int pdf_xref_stream(struct pdf_section *section, struct pdf_file *file, uint64_t offset, sign_err *err);
/* The section at a startxref or /Prev value, with all before it. */
int pdf_section_at(struct pdf_section **out, struct pdf_file *file, uint64_t value, sign_err *err);
void pdf_section_free(struct pdf_section *section);
/* Sets depth, revision, top and reach of a section whose prev (or NULL) is linked already. */
void pdf_section_link(struct pdf_section *section, struct pdf_section *prev);
int pdf_lineage_of(struct pdf_lineage **out, struct pdf_file *file, struct pdf_section *tip, sign_err *err);
void pdf_lineage_free(struct pdf_lineage *lineage);
/* The newest entry of num at or before the view's section; NULL where there is none. */
const struct pdf_place *pdf_place_in(const struct pdf_view *view, uint32_t num);
/* The same among the sections before `depth`, and in which one: *at. */
const struct pdf_place *pdf_place_before(const struct pdf_lineage *lineage, uint32_t num, size_t depth, size_t *at);
/* The last startxref before limit: its value, and where the digits end. FORMAT. */
int pdf_startxref_before(struct pdf_file *file, uint64_t limit, uint64_t *value, uint64_t *end, sign_err *err);
/*
 * The first view decides whether and how the file is encrypted, and finds its key; every other has to say the same, for
 * an update can change neither. PASSWORD, UNSUPPORTED, FORMAT.
 */
int pdf_check_encryption(struct pdf_view *view, sign_err *err);
/* Forgets that and all that was read: the view that decided was wrong. */
void pdf_forget(struct pdf_file *file);
int pdf_view_fill(struct pdf_view *view, struct pdf_file *file, uint64_t limit, sign_err *err);
void pdf_log_free(struct pdf_log **log);
/* Makes the newest view one section, from a scan of the whole file. */
int pdf_repair(struct pdf_file *file, sign_err *err);

#endif
