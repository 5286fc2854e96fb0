/*
 * The one walk over the newest view: which objects it reaches, and in which roles. Structure first, so that what merely
 * points to a page or a field (an outline, a structure element, /Parent) is told from what it consists of.
 */
#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/diff_impl.h>
#include <stdlib.h>

/* In what follows, a key that has no row leads to `other` of its role. */
static const struct edge {
    enum role role;
    const char *key;
    enum role child;
} EDGES[] = {
    { ROLE_CATALOG, "AcroForm", ROLE_FORM },
    { ROLE_CATALOG, "Pages", ROLE_PAGE },
    { ROLE_CATALOG, "DSS", ROLE_DSS },
    { ROLE_CATALOG, "Metadata", ROLE_METADATA },
    { ROLE_CATALOG, "Extensions", ROLE_EXTENSIONS },
    { ROLE_CATALOG, "StructTreeRoot", ROLE_STRUCTURE },
    { ROLE_CATALOG, "OCProperties", ROLE_CONTENT },
    { ROLE_FORM, "Fields", ROLE_FIELDS },
    { ROLE_FORM, "DR", ROLE_RESOURCES },
    { ROLE_FIELD, "Kids", ROLE_FIELDS },
    { ROLE_FIELD, "V", ROLE_VALUE },
    { ROLE_FIELD, "RV", ROLE_VALUE },
    { ROLE_FIELD, "AP", ROLE_APPEARANCE },
    { ROLE_FIELD, "MK", ROLE_PART },
    { ROLE_FIELD, "BS", ROLE_PART },
    { ROLE_FIELD, "Border", ROLE_PART },
    { ROLE_PAGE, "Kids", ROLE_KIDS },
    { ROLE_PAGE, "Annots", ROLE_ANNOTS },
    { ROLE_PAGE, "Metadata", ROLE_METADATA },
    { ROLE_PAGE, "Contents", ROLE_CONTENT },
    { ROLE_PAGE, "Resources", ROLE_CONTENT },
    { ROLE_PAGE, "MediaBox", ROLE_CONTENT },
    { ROLE_PAGE, "CropBox", ROLE_CONTENT },
    { ROLE_PAGE, "Group", ROLE_CONTENT },
    { ROLE_ANNOT, "AP", ROLE_APPEARANCE },
};

/* What all that stands below a role is, where no row of EDGES says otherwise; array items first. */
static const struct {
    enum role item, other;
} BELOW[ROLES] = {
    [ROLE_CATALOG] = { ROLE_OTHER, ROLE_OTHER },
    [ROLE_INFO] = { ROLE_INFO, ROLE_INFO },
    [ROLE_FORM] = { ROLE_OTHER, ROLE_OTHER },
    [ROLE_FIELDS] = { ROLE_FIELD, ROLE_OTHER },
    [ROLE_FIELD] = { ROLE_OTHER, ROLE_OTHER },
    [ROLE_PAGE] = { ROLE_OTHER, ROLE_OTHER },
    [ROLE_KIDS] = { ROLE_PAGE, ROLE_OTHER },
    [ROLE_ANNOTS] = { ROLE_ANNOT, ROLE_OTHER },
    [ROLE_ANNOT] = { ROLE_OTHER, ROLE_OTHER },
    [ROLE_VALUE] = { ROLE_VALUE, ROLE_VALUE },
    [ROLE_APPEARANCE] = { ROLE_APPEARANCE, ROLE_APPEARANCE },
    [ROLE_PART] = { ROLE_PART, ROLE_PART },
    [ROLE_RESOURCES] = { ROLE_RESOURCES, ROLE_RESOURCES },
    [ROLE_DSS] = { ROLE_DSS, ROLE_DSS },
    [ROLE_METADATA] = { ROLE_METADATA, ROLE_METADATA },
    [ROLE_EXTENSIONS] = { ROLE_EXTENSIONS, ROLE_EXTENSIONS },
    [ROLE_STRUCTURE] = { ROLE_STRUCTURE, ROLE_STRUCTURE },
    [ROLE_CONTENT] = { ROLE_CONTENT, ROLE_CONTENT },
    [ROLE_OTHER] = { ROLE_OTHER, ROLE_OTHER },
};

enum role diff_child(enum role role, sign_bytes key)
{
    for (size_t i = 0; i < COUNT(EDGES); i++) {
        if (EDGES[i].role == role && bytes_are(key, EDGES[i].key)) {
            return EDGES[i].child;
        }
    }
    return BELOW[role].other;
}

enum phase { PHASE_STRUCTURE, PHASE_ANNOTS, PHASE_OWNED, PHASE_OTHER, PHASES };

static enum phase phase_of(enum role role)
{
    return role == ROLE_ANNOT     ? PHASE_ANNOTS
           : role < ROLE_ANNOT    ? PHASE_STRUCTURE
           : role >= ROLE_CONTENT ? PHASE_OTHER
                                  : PHASE_OWNED;
}

struct link {
    struct pdf_ref ref;
    enum role role;
    const struct node *from, *owner;
    sign_bytes key;
};

struct walk {
    struct pdf_log *log;
    struct {
        struct link *list;
        size_t n, cap, done;
    } queues[PHASES];
};

struct node *diff_node(const struct pdf_log *log, uint32_t num)
{
    return pdf_map_get(&log->nodes, num);
}

/* Every reference of a direct value becomes a link of its phase. */
static int scan(struct walk *w, const struct pdf_obj *obj, enum role role, const struct link *way, sign_err *err)
{
    int rc = SIGN_OK;
    if (obj->kind == PDF_REF) {
        enum phase phase = phase_of(role);
        rc = array_grow((void **)&w->queues[phase].list, &w->queues[phase].cap, w->queues[phase].n + 1,
                        sizeof(struct link), LIMIT_PDF_OBJECTS, "references", err);
        if (rc == SIGN_OK) {
            struct link *link = &w->queues[phase].list[w->queues[phase].n++];
            *link = *way;
            link->ref = obj->u.ref;
            link->role = role;
        }
    }
    for (size_t i = 0; obj->kind == PDF_ARRAY && i < obj->u.array.n && rc == SIGN_OK; i++) {
        rc = scan(w, &obj->u.array.items[i], BELOW[role].item, way, err);
    }
    for (size_t i = 0; i < pdf_keys(obj) && rc == SIGN_OK; i++) {
        const struct pdf_entry *entry = &obj->u.dict.entries[i];
        struct link down = *way;
        down.key = entry->key;
        rc = scan(w, &entry->value, diff_child(role, entry->key), &down, err);
    }
    return rc;
}

static bool has_owner(const struct node *node, const struct node *owner)
{
    bool found = owner == NULL || node->crowded;
    for (size_t i = 0; i < node->owners && !found; i++) {
        found = node->owner[i] == owner;
    }
    return found;
}

/* False: known in this role and of this owner already. */
static bool add_role(struct node *node, enum role role, const struct node *owner)
{
    bool known = (node->roles & ROLE_BIT(role)) != 0;
    node->roles |= ROLE_BIT(role);
    if (has_owner(node, owner)) {
        return !known;
    }
    if (node->owners < OWNERS) {
        node->owner[node->owners++] = owner;
    } else {
        node->crowded = true;
    }
    return true;
}

/* Objects of one object stream in a list: whoever redefines the stream redefines them. */
static int note_container(struct pdf_log *log, struct node *node, sign_err *err)
{
    const struct pdf_place *place = pdf_place_in(log->newest, node->ref.num);
    if (place == NULL || place->kind != PDF_PLACE_STREAM) {
        return SIGN_OK;
    }
    node->in_container = pdf_map_get(&log->containers, place->at);
    return pdf_map_put(&log->containers, place->at, node, err);
}

/* An object that begins within a signed revision and ends behind it is not the object that was signed. */
static void note_straddle(struct pdf_log *log, uint32_t num)
{
    const struct pdf_place *place = pdf_place_in(log->newest, num);
    const struct pdf_indirect *object =
        place != NULL && place->kind == PDF_PLACE_FILE ? pdf_map_get(&log->file->objects, place->at) : NULL;
    size_t low = 0, high = log->n_limits;
    while (object != NULL && low < high) { /* the first limit behind its start */
        size_t middle = low + (high - low) / 2;
        if (log->limits[middle] <= place->at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; object != NULL && low < log->n_limits && log->limits[low] < object->end; low++) {
        log->straddled[low] = true;
    }
}

/* The first entry of an object behind the oldest section. */
static size_t first_entry(const struct pdf_lineage *lineage, uint32_t num, size_t depth)
{
    size_t low = 0, high = lineage->n_index;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pdf_history *h = &lineage->index[middle];
        if (h->num < num || (h->num == num && h->depth < depth)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t birth_of(const struct pdf_lineage *lineage, uint32_t num)
{
    const struct pdf_place *oldest = pdf_places_find(&lineage->chain[0]->places, num);
    size_t birth = oldest == NULL || oldest->kind == PDF_PLACE_FREE ? 0 : 1;
    for (size_t i = first_entry(lineage, num, 0); i < lineage->n_index && lineage->index[i].num == num; i++) {
        const struct pdf_history *h = &lineage->index[i];
        bool free = lineage->chain[h->depth - 1]->places.list[h->at].kind == PDF_PLACE_FREE;
        birth = free ? 0 : birth == 0 ? h->depth : birth;
    }
    return birth;
}

static bool has_entry(const struct pdf_lineage *lineage, uint32_t num, size_t depth)
{
    size_t i = first_entry(lineage, num, depth);
    return i < lineage->n_index && lineage->index[i].num == num && lineage->index[i].depth == depth;
}

static bool mentions(const struct pdf_obj *obj, uint32_t num)
{
    bool found = obj->kind == PDF_REF && obj->u.ref.num == num;
    for (size_t i = 0; obj->kind == PDF_ARRAY && i < obj->u.array.n && !found; i++) {
        found = mentions(&obj->u.array.items[i], num);
    }
    for (size_t i = 0; i < pdf_keys(obj) && !found; i++) {
        found = mentions(&obj->u.dict.entries[i].value, num);
    }
    return found;
}

/*
 * A reference to nothing is null (7.3.10), until an update gives it something: then the object that holds it changes
 * without being redefined.
 */
static int note_awaited(struct pdf_log *log, const struct node *from, struct node *node, sign_err *err)
{
    const struct pdf_lineage *lineage = log->newest->lineage;
    if (from == NULL || node->awaited || node->birth < 2 || from->birth >= node->birth ||
        has_entry(lineage, from->ref.num, node->birth)) {
        return SIGN_OK; /* there from the start, or its change is compared where it happened */
    }
    struct pdf_view then = *log->newest;
    const struct pdf_obj *obj;
    then.section = lineage->chain[node->birth - 2];
    int rc = pdf_load(&obj, &then, from->ref, NULL);
    node->awaited = rc != SIGN_OK || mentions(obj, node->ref.num);
    return pdf_spend(log->file, 64, err);
}

static int new_node(struct node **out, struct pdf_log *log, const struct link *link, sign_err *err)
{
    sign_err why = SIGN_ERR_INIT;
    struct node *node = ARENA_NEW(&log->file->arena, struct node);
    if (node == NULL) {
        return err_nomem(err);
    }
    node->ref = link->ref;
    node->parent = link->from;
    node->key = link->key;
    int rc = pdf_load(&node->obj, log->newest, link->ref, &why);
    if (rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED) {
        node->obj = &pdf_null; /* a reader that makes something of it sees below it what nobody compares */
        log->unread = true;
        rc = SIGN_OK;
    }
    if (rc != SIGN_OK) {
        if (err != NULL) {
            *err = why;
        }
        return rc;
    }
    note_straddle(log, node->ref.num);
    node->birth = birth_of(log->newest->lineage, node->ref.num);
    *out = node;
    rc = pdf_map_put(&log->nodes, node->ref.num, node, err);
    return rc == SIGN_OK ? note_container(log, node, err) : rc;
}

/* What /N, /First, /Filter and so on of an object stream lead to decides what the objects in it are (7.5.7). */
static int scan_container(struct walk *w, const struct node *node, sign_err *err)
{
    const struct pdf_place *place = pdf_place_in(w->log->newest, node->ref.num);
    const struct link way = { .from = node };
    const struct pdf_obj *stream;
    sign_err why = SIGN_ERR_INIT;
    if (place == NULL || place->kind != PDF_PLACE_STREAM || node->in_container != NULL) {
        return SIGN_OK;
    }
    int rc = pdf_load(&stream, w->log->newest, (struct pdf_ref){ (uint32_t)place->at, 0 }, &why);
    if (rc == SIGN_OK) {
        return scan(w, stream, ROLE_CONTENT, &way, err);
    }
    if (rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED) {
        return SIGN_OK; /* so cannot be what it holds */
    }
    if (err != NULL) {
        *err = why;
    }
    return rc;
}

/* Fields belong to themselves, widgets without a name to the field above (12.7.4.1). */
static void describe_field(struct node *node, const struct link *link)
{
    bool named = pdf_dict_get(node->obj, "T") != NULL || link->owner == NULL;
    if (node->terminal == NULL) {
        node->terminal = named ? node : link->owner;
    }
}

/* Nothing that draws has a use for a page, a field or an annotation: one that serves as both was made to be changed. */
static bool draws(enum role role)
{
    return role == ROLE_CONTENT || role == ROLE_APPEARANCE || role == ROLE_RESOURCES;
}

static int follow(struct walk *w, const struct link *link, sign_err *err)
{
    struct node *node = diff_node(w->log, link->ref.num);
    int rc = pdf_spend(w->log->file, 32, err);
    if (rc == SIGN_OK && node == NULL) {
        rc = new_node(&node, w->log, link, err);
        rc = rc == SIGN_OK ? scan_container(w, node, err) : rc;
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    const struct pdf_place *place = pdf_place_in(w->log->newest, link->ref.num);
    w->log->dangling |= place == NULL || place->kind == PDF_PLACE_FREE;
    w->log->unread |= place != NULL && place->kind == PDF_PLACE_FILE && place->more != link->ref.gen;
    node->generations |= node->ref.gen != link->ref.gen;
    rc = note_awaited(w->log, link->from, node, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    bool structure = (node->roles & ROLES_STRUCTURE) != 0;
    if (phase_of(link->role) >= PHASE_OWNED && structure) {
        node->drawn |= draws(link->role);
        return SIGN_OK; /* it only points there */
    }
    bool field = (node->roles & ROLE_BIT(ROLE_FIELD)) != 0;
    if (!add_role(node, link->role, phase_of(link->role) == PHASE_OWNED ? link->owner : NULL)) {
        return SIGN_OK;
    }
    if (link->role == ROLE_ANNOT && field) {
        return SIGN_OK; /* a widget: its parts are the field's */
    }
    struct link way = { .from = node, .owner = link->owner };
    if (link->role == ROLE_FIELD) {
        describe_field(node, link);
        way.owner = node->terminal;
    } else if (link->role == ROLE_ANNOT) {
        way.owner = node;
    }
    return scan(w, node->obj, link->role, &way, err);
}

static int scan_trailer(struct walk *w, sign_err *err)
{
    const struct pdf_obj *trailer = pdf_trailer(w->log->newest);
    int rc = SIGN_OK;
    for (size_t i = 0; i < pdf_keys(trailer) && rc == SIGN_OK; i++) {
        const struct pdf_entry *entry = &trailer->u.dict.entries[i];
        struct link way = { .key = entry->key };
        enum role role = bytes_are(entry->key, "Root")   ? ROLE_CATALOG
                         : bytes_are(entry->key, "Info") ? ROLE_INFO
                                                         : ROLE_OTHER;
        rc = scan(w, &entry->value, role, &way, err);
    }
    return rc;
}

/* FNV-1a; what collides is taken for another name. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++) {
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
    }
    return h;
}

/* A value that no appearance shows: readers draw it, by what the form says (12.7.4.3). */
static bool is_undrawn(const struct pdf_field *field)
{
    bool value = false, drawn = pdf_dict_get(field->dict, "AP") != NULL || pdf_dict_get(field->dict, "Kids") != NULL;
    for (const struct pdf_field *up = field; up != NULL && !value && !drawn && !field->signature; up = up->parent) {
        const struct pdf_obj *own = pdf_dict_get(up->dict, "V");
        value = own != NULL && own->kind != PDF_NULL;
    }
    return value;
}

/* 12.7.4.2: fields of one full name are one field; two signature fields of one name hide each other. */
static int name_field(void *payload, const struct pdf_field *field, sign_err *err)
{
    struct pdf_log *log = payload;
    struct node *node = field->ref.num == 0 ? NULL : diff_node(log, field->ref.num), *other;
    if (node == NULL) {
        return SIGN_OK;
    }
    node->field = field;
    log->undrawn |= is_undrawn(field);
    if (!field->named) {
        return SIGN_OK;
    }
    int rc = pdf_field_name(&node->name, log->file, field, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    other = pdf_map_get(&log->names, hash(node->name));
    if (other != NULL && strcmp(other->name, node->name) == 0) {
        node->twice = other->twice = true;
    }
    return pdf_map_put(&log->names, hash(node->name), node, err);
}

int diff_walk(struct pdf_log *log, sign_err *err)
{
    struct walk w = { .log = log };
    int rc = scan_trailer(&w, err);
    for (enum phase phase = 0; phase < PHASES && rc == SIGN_OK; phase++) {
        while (rc == SIGN_OK && w.queues[phase].done < w.queues[phase].n) {
            struct link link = w.queues[phase].list[w.queues[phase].done++];
            rc = follow(&w, &link, err);
        }
    }
    for (size_t i = 0; i < PHASES; i++) {
        free(w.queues[i].list);
    }
    return rc == SIGN_OK ? pdf_fields(log->newest, name_field, log, err) : rc;
}
