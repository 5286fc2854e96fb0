/*
 * Filling a sign_err. Each function returns the status it stores, so that a failure is one line:
 *     return err_set(err, SIGN_E_FORMAT, at, "ISO 32000-2 7.5.5", "trailer: expected a dictionary, found %s", kind);
 * err may be NULL everywhere. A message says what was being done, what was expected and what was found; it never holds
 * a secret. It is cut at a UTF-8 boundary when it is too long.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <libsign/error.h>

int err_set(sign_err *err, int status, uint64_t offset, const char *clause, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The same with a native code: CKR_*, X509_V_ERR_*, errno. */
int err_native(sign_err *err, int status, uint32_t native, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* SIGN_E_IO from errno, read at the call: "open a.pdf: No such file or directory", English in every locale. */
int err_errno(sign_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_nomem(sign_err *err);
int err_arg(sign_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "fmt: " before the message of an error that is on its way up, and returns its status unchanged. */
int err_in(sign_err *err, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
