/* Whose key made an XML signature. KeyInfo says who claims to have signed; it never decides whom to trust. */
#ifndef VERIFY_XML_SIGNER_H
#define VERIFY_XML_SIGNER_H

#include <verify/gather.h>
#include <xml/signature.h>

/* Sets signer, bound, consistent, value and strong of one signature of the document. */
int xml_signer_check(struct facts *f, const struct gather *g, const struct xml_doc *doc, size_t i, sign_err *err);
/* Sets policy: xml_policy.c. */
int xml_policy_check(struct facts *f, const struct gather *g, const struct xml_sig *sig, sign_err *err);

#endif
