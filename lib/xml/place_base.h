/*
 * Which of several elements that could hold what is signed (the invoices of one message) is meant: by its position among
 * them ("2"), by its path as the refusal lists it ("/TDiep/DLieu/HDon[2]"), or by the Id of an element in it.
 */
#ifndef XML_PLACE_BASE_H
#define XML_PLACE_BASE_H

#include <xml/place.h>

#define NO_BASE UINT64_MAX
/* Where the start tag of the one that is meant begins. NOTFOUND, AMBIGUOUS, both with the candidates; those of xml_parse. */
int place_base_find(uint64_t *at, struct source *source, const struct xml_sign_spec *spec, const struct xml_opts *opts,
                    struct watch *watch, sign_err *err);

#endif
