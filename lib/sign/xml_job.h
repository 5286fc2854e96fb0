/* One signing of XML: the specification, and what it points to. */
#ifndef SIGN_XML_JOB_H
#define SIGN_XML_JOB_H

#include <ctx/profile.h>
#include <sign/job.h>
#include <xml/draft.h>

struct xml_job {
    struct xml_sign_spec spec;
    sign_xml_opts opts;             /* the caller's, newer fields at their defaults where it is older */
    struct profile *profile;        /* NULL: none */
    sign_bytes chain[LIMIT_CHAIN];
    struct build issuer_serial, modulus, exponent;
    uint8_t policy_hash[DIGEST_MAX];
};

/* NULL: all defaults. ARG. */
int xml_opts_copy(sign_xml_opts *out, const sign_xml_opts *given, sign_err *err);
/* ARG where the options say what a profile says. */
int xml_opts_fit_profile(const sign_xml_opts *xml, const sign_opts *opts, sign_err *err);
/* What is signed and where, without a profile; and the properties. ARG, ALGO. */
int xml_opts_form(struct xml_job *x, const struct sign_job *job, sign_err *err);
/* What is said of it: roles, place, commitments, policy, format; which of several containers. ARG, ALGO. */
int xml_opts_properties(struct xml_job *x, const struct sign_job *job, sign_err *err);

#endif
