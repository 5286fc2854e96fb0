/*
 * DOCTYPE: refused unless the caller allows it; then only what cannot reach outside the document or change silently
 * what an attribute says. With an external subset or a parameter entity a non-validating parser may skip declarations,
 * and an undefined &foo; would vanish inside an attribute value (XML 1.0 4.1, 5.1): so neither is taken.
 */
#include <base/err.h>
#include <base/limits.h>
#include <xml/parser.h>

/* Expansion beyond this factor and size is an attack ("billion laughs"); real documents do not expand at all. */
#define AMPLIFICATION 5.0f
#define AMPLIFICATION_FREE MIB(1)

static void refuse_at(struct parser *p, uint64_t at, const char *clause, const char *what, const XML_Char *name)
{
    if (p->rc != SIGN_OK) return;
    parser_fail(p, err_set(p->err, SIGN_E_FORMAT, at, clause, "reading XML: %s '%.60s' is refused", what,
                           name ? name : ""));
}

static void refuse(struct parser *p, const char *clause, const char *what, const XML_Char *name)
{
    refuse_at(p, parser_here(p), clause, what, name);
}

/* Comes with the "[" or ">" behind the name; what was seen last ended where "<!DOCTYPE" begins. */
static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                               int internal)
{
    struct parser *p = user;
    (void)internal;
    p->in_doctype = true;
    p->plain.on = false;
    if (!p->allow_doctype) {
        refuse_at(p, p->seen, "XML 1.0 2.8", "DOCTYPE", name);
    } else if (system_id || public_id) {
        refuse_at(p, p->seen, "XML 1.0 2.8", "external DTD subset", system_id ? system_id : public_id);
    }
}

static void XMLCALL on_doctype_end(void *user)
{
    struct parser *p = user;
    p->in_doctype = false;
}

static void XMLCALL on_entity(void *user, const XML_Char *name, int is_parameter, const XML_Char *value, int len,
                              const XML_Char *base, const XML_Char *system_id, const XML_Char *public_id,
                              const XML_Char *notation)
{
    struct parser *p = user;
    (void)value;
    (void)len;
    (void)base;
    (void)system_id;
    (void)public_id;
    (void)notation;
    if (is_parameter) {
        refuse(p, "XML 1.0 4.1", "parameter entity", name);
    } else if (p->rc == SIGN_OK && ++p->n_entities > LIMIT_XML_ENTITIES) {
        /* Expat 2.5 recurses for an entity inside an entity: no chain is longer than this (CVE-2024-8176). */
        parser_fail(p, err_set(p->err, SIGN_E_LIMIT, parser_here(p), NULL, "reading XML: more than %d entities",
                               LIMIT_XML_ENTITIES));
    }
}

static void XMLCALL on_skipped(void *user, const XML_Char *name, int is_parameter)
{
    refuse(user, "XML 1.0 4.1", is_parameter ? "parameter entity reference" : "reference to the undeclared entity",
           name);
}

static int XMLCALL on_external(XML_Parser expat, const XML_Char *context, const XML_Char *base,
                               const XML_Char *system_id, const XML_Char *public_id)
{
    struct parser *p = XML_GetUserData(expat);
    (void)context;
    (void)base;
    refuse(p, "XML 1.0 4.2.2", "external entity", system_id ? system_id : public_id);
    return XML_STATUS_ERROR;
}

int parser_defaults(struct parser *p, size_t n)
{
    /* Names and values are counted apart. */
    p->n_defaults += n - (size_t)XML_GetSpecifiedAttributeCount(p->expat) / 2;
    if (p->n_defaults <= LIMIT_XML_DEFAULTS) return SIGN_OK;
    return err_set(p->err, SIGN_E_LIMIT, parser_here(p), NULL, "reading XML: more than %d attributes added by the DTD",
                   LIMIT_XML_DEFAULTS);
}

void parser_watch_doctype(struct parser *p)
{
    XML_SetDoctypeDeclHandler(p->expat, on_doctype, on_doctype_end);
    XML_SetEntityDeclHandler(p->expat, on_entity);
    XML_SetSkippedEntityHandler(p->expat, on_skipped);
    XML_SetExternalEntityRefHandler(p->expat, on_external);
    /* Only so that references to parameter entities come to on_skipped; declarations are refused before any is read. */
    XML_SetParamEntityParsing(p->expat, XML_PARAM_ENTITY_PARSING_ALWAYS);
    XML_SetBillionLaughsAttackProtectionMaximumAmplification(p->expat, AMPLIFICATION);
    XML_SetBillionLaughsAttackProtectionActivationThreshold(p->expat, AMPLIFICATION_FREE);
}
