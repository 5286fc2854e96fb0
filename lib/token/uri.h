/* RFC 7512 URIs, by p11-kit. */
#ifndef TOKEN_URI_H
#define TOKEN_URI_H

#include <base/arena.h>
#include <p11-kit/uri.h>
#include <stdbool.h>

/*
 * ARG for what is no such URI, and for parts that we do not honour (unknown attributes, PINs, modules): who names a
 * token wants that token. text may be NULL: then *out is NULL, which matches everything.
 */
int uri_parse(P11KitUri **out, const char *text, sign_err *err);
void uri_free(P11KitUri **uri);
bool uri_has_token(P11KitUri *uri, const CK_TOKEN_INFO *info);
/* object= and id=. Labels as they are on the token, in bytes. */
bool uri_has_object(P11KitUri *uri, sign_bytes label, sign_bytes id);
/* Enough to choose the token (or the object on it) again; NULL without memory. */
const char *uri_of_token(struct arena *arena, const CK_TOKEN_INFO *info);
const char *uri_of_object(struct arena *arena, const CK_TOKEN_INFO *info, sign_bytes label, sign_bytes id);

#endif
