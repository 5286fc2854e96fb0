/* Reading small trees. */
#ifndef XML_NODE_H
#define XML_NODE_H

#include <xml/doc.h>
#include <xml/names.h>

/* The value of an attribute in no namespace; false: not there. */
bool node_attr(const struct xml_node *node, const char *local, sign_bytes *value);
/* The next element from node on (node itself included), and the first child element. */
const struct xml_node *node_element(const struct xml_node *node);
static inline const struct xml_node *node_first(const struct xml_node *node) { return node_element(node->first); }
static inline const struct xml_node *node_after(const struct xml_node *node) { return node_element(node->next); }
/* The first child element with that name. */
const struct xml_node *node_child(const struct xml_node *node, const char *uri, const char *local);
/* True where all between the child elements is white space, comments and instructions. */
bool node_is_structure(const struct xml_node *node);
/* The text of an element that holds text alone, in one piece: false where a comment, instruction or element splits it. */
bool node_text(const struct xml_node *node, sign_bytes *text);
/* The same without white space around. */
bool node_trimmed(const struct xml_node *node, sign_bytes *text);
/* Its text decoded into the arena; false: no base64, empty, or doc->no_memory. */
bool node_base64(struct xml_doc *doc, const struct xml_node *node, sign_bytes *out);

/* Notes what is wrong with a signature; the first remark stays. Returns false, for `return sig_malformed(…)`. */
bool sig_malformed(struct xml_doc *doc, struct sig_state *state, const struct xml_node *at, const char *clause,
                   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool sig_unsupported(struct xml_doc *doc, struct sig_state *state, const struct xml_node *at, const char *clause,
                     const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* uri.c: what a Reference's URI points to. UNSUPPORTED or MALFORMED with why, else PENDING. */
enum xml_ref_status uri_read(sign_bytes uri, struct ref_plan *plan, const char **why);
/* transforms.c: Transforms (NULL: none) into the plan; the status of ref is set where they cannot be followed. */
int transforms_read(struct xml_doc *doc, const struct xml_node *transforms, struct xml_ref *ref,
                    struct ref_plan *plan, sign_err *err);
/* Whether a transform of this Algorithm leaves the Signature out. */
bool transform_is_enveloped(sign_bytes uri);
/* Text into the arena; NULL and doc->no_memory without memory. */
char *doc_text(struct xml_doc *doc, sign_bytes text);
/* InclusiveNamespaces below an exclusive C14N's element; false: something else stands there, or doc->no_memory. */
bool inclusive_read(struct xml_doc *doc, const struct xml_node *method, struct c14n_spec *spec);
/* refs of SignedInfo and manifests: reference.c. */
bool reference_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *node, struct xml_ref *ref,
                    struct ref_plan *plan, sign_err *err);
bool keyinfo_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *keyinfo);   /* keyinfo.c */
bool xades_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *object);      /* xades.c   */
bool method_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *method);     /* method.c  */

#endif
