/* The options of kyso sign for XML as one sign_xml_opts. */
#ifndef CLI_XML_OPTIONS_H
#define CLI_XML_OPTIONS_H

#include "option.h"

#include <libsign/sign.h>

struct xml_options {
    struct list ids, paths, roles, places, commitments;
    const char *packaging, *base, *countersign, *mime_type, *description;
    const char *policy, *policy_document, *policy_hash, *policy_uri, *policy_description;
    bool add_ids, manifest, parallel, countersignable;
    /* What they point to. */
    char *hash_name;
    sign_buf *policy_bytes;
};
#define XML_OPTIONS(x) \
    { "xml-id", 0, OPTION_TEXTS, &(x).ids, "ID", T_OPT_XML_ID }, \
    { "xml-path", 0, OPTION_TEXTS, &(x).paths, "PATH", T_OPT_XML_PATH }, \
    { "add-id", 0, OPTION_FLAG, &(x).add_ids, NULL, T_OPT_ADD_ID }, \
    { "xml-base", 0, OPTION_TEXT, &(x).base, "N|PATH|ID", T_OPT_XML_BASE }, \
    { "xml-packaging", 0, OPTION_VALUE, &(x).packaging, "FORM", T_OPT_XML_PACKAGING }, \
    { "xml-manifest", 0, OPTION_FLAG, &(x).manifest, NULL, T_OPT_XML_MANIFEST }, \
    { "xml-parallel", 0, OPTION_FLAG, &(x).parallel, NULL, T_OPT_XML_PARALLEL }, \
    { "countersign", 0, OPTION_TEXT, &(x).countersign, "ID", T_OPT_COUNTERSIGN }, \
    { "countersignable", 0, OPTION_FLAG, &(x).countersignable, NULL, T_OPT_COUNTERSIGNABLE }, \
    { "mime-type", 0, OPTION_TEXT, &(x).mime_type, "TYPE", T_OPT_MIME_TYPE }, \
    { "description", 0, OPTION_TEXT, &(x).description, "TEXT", T_OPT_DESCRIPTION }, \
    { "role", 0, OPTION_TEXTS, &(x).roles, "TEXT", T_OPT_ROLE }, \
    { "place", 0, OPTION_TEXTS, &(x).places, "PART=TEXT", T_OPT_PLACE }, \
    { "commitment", 0, OPTION_TEXTS, &(x).commitments, "NAME", T_OPT_COMMITMENT }, \
    { "policy", 0, OPTION_TEXT, &(x).policy, "ID", T_OPT_POLICY }, \
    { "policy-document", 0, OPTION_VALUE, &(x).policy_document, "FILE", T_OPT_POLICY_DOCUMENT }, \
    { "policy-hash", 0, OPTION_VALUE, &(x).policy_hash, "NAME:HEX", T_OPT_POLICY_HASH }, \
    { "policy-uri", 0, OPTION_TEXT, &(x).policy_uri, "URI", T_OPT_POLICY_URI }, \
    { "policy-description", 0, OPTION_TEXT, &(x).policy_description, "TEXT", T_OPT_POLICY_DESCRIPTION }

/* EXIT_DONE, or the exit code after saying what is wrong. What out points to belongs to options until xml_options_free. */
int xml_options_read(sign_xml_opts *out, struct xml_options *options, const sign_opts *sign);
void xml_options_free(struct xml_options *options);

/* --policy-document of kyso verify. */
struct policy_options { struct list paths; sign_buf **files; sign_bytes *documents; };
/* EXIT_DONE, or the exit code after complaining. */
int policy_options_read(sign_verify_opts *out, struct policy_options *options);
void policy_options_free(struct policy_options *options);

#endif
