/*
 * XPath (XMLDSig 6.6.3) and XPath Filter 2.0 as idioms: what a handful of expressions leave out is known without
 * evaluating anything, and no other expression is accepted.
 */
#ifndef XML_XPATH_H
#define XML_XPATH_H

#include <xml/tree.h>

#define NS_FILTER2 "http://www.w3.org/2002/06/xmldsig-filter2"
#define XPATH_URI  "http://www.w3.org/TR/1999/REC-xpath-19991116"

enum xpath_idiom {
    XPATH_OTHER = 0,
    XPATH_THIS_SIGNATURE,           /* leaves out what the enveloped-signature transform leaves out */
    XPATH_ALL_SIGNATURES            /* leaves out every ds:Signature of the document */
};
/* What a Transform of one of the two algorithms says. */
enum xpath_idiom xpath_read(const struct xml_node *transform, bool filter2);

#endif
