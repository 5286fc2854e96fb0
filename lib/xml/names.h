/* Namespaces and the one comparison of names. */
#ifndef XML_NAMES_H
#define XML_NAMES_H

#include <xml/event.h>

#define NS_XML      "http://www.w3.org/XML/1998/namespace"
#define NS_DSIG     "http://www.w3.org/2000/09/xmldsig#"
#define NS_DSIG11   "http://www.w3.org/2009/xmldsig11#"
#define NS_EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define NS_PSS      "http://www.w3.org/2007/05/xmldsig-more#"
#define NS_XADES    "http://uri.etsi.org/01903/v1.3.2#"

/* The local name first: it differs more often. */
static inline bool name_is(const struct xml_name *name, sign_bytes uri, sign_bytes local)
{
    return bytes_equal(name->local, local) && bytes_equal(name->uri, uri);
}
static inline bool name_is_dsig(const struct xml_name *name, const char *local)
{
    return bytes_are(name->local, local) && bytes_are(name->uri, NS_DSIG);
}
static inline bool name_is_signature(const struct xml_name *name)
{
    return name_is(name, BYTES_LIT(NS_DSIG), BYTES_LIT("Signature"));
}
/* Only Expat and this project make these names, so the prefix "xml" always goes with its URI (Namespaces 3). */
static inline bool name_in_xml(const struct xml_name *name)
{
    return name->prefix.len == 3 && memcmp(name->prefix.ptr, "xml", 3) == 0;
}
/* xml:id 4: its value is normalized as one of type ID. */
static inline sign_bytes id_value(const struct xml_attr *attr)
{
    sign_bytes value = attr->value;
    if (!name_in_xml(&attr->name)) return value;
    while (value.len && value.ptr[0] == ' ') value = bytes_slice(value, 1, value.len);
    while (value.len && value.ptr[value.len - 1] == ' ') value.len--;
    return value;
}

#endif
