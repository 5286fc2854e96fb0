/* Certificates as seen by a caller: an immutable view, borrowed from the key or report that it came with. */
#ifndef LIBSIGN_CERT_H
#define LIBSIGN_CERT_H

#include <libsign/bytes.h>

typedef struct sign_cert sign_cert;   /* safe to share between threads */

/* Strings are UTF-8, NUL-terminated, owned by the certificate, never NULL ("" when the certificate has none).
 * Of a certificate that is NULL, which is what a key or report without one gives: "", no bytes, 0. */
SIGN_API sign_bytes sign_cert_der(const sign_cert *cert);
SIGN_API const char *sign_cert_subject(const sign_cert *cert);        /* RFC 4514 */
SIGN_API const char *sign_cert_issuer(const sign_cert *cert);         /* RFC 4514 */
SIGN_API const char *sign_cert_common_name(const sign_cert *cert);
SIGN_API const char *sign_cert_organization(const sign_cert *cert);
SIGN_API const char *sign_cert_serial(const sign_cert *cert);         /* lower-case hex */
SIGN_API const char *sign_cert_sha256(const sign_cert *cert);         /* lower-case hex of the fingerprint */
SIGN_API int64_t sign_cert_not_before(const sign_cert *cert);         /* seconds since 1970, UTC */
SIGN_API int64_t sign_cert_not_after(const sign_cert *cert);

#endif
