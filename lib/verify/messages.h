/*
 * Everything a report can say, in one table: code, level, the clause it rests on, and its words in English and
 * Vietnamese. Codes are part of the JSON contract (docs/verdicts.md): added, never renamed.
 */
#ifndef VERIFY_MESSAGES_H
#define VERIFY_MESSAGES_H

#include <base/build.h>
#include <stdbool.h>

enum message_code {
    MSG_NONE = 0,
    /* mathematics */
    MSG_DIGEST_DIFFERS, MSG_REFERENCE_DIFFERS, MSG_VALUE_WRONG,
    /* structure */
    MSG_BYTERANGE_WRONG, MSG_STRUCTURE_WRONG, MSG_CMS_MALFORMED, MSG_TRAILING_DATA, MSG_SIGNER_COUNT,
    MSG_REFERENCE_AMBIGUOUS, MSG_REFERENCE_MALFORMED,
    /* scope */
    MSG_REFERENCE_NOT_FOUND, MSG_NOTHING_SIGNED, MSG_MODIFIED_AFTER_SIGNING, MSG_CHANGES_UNKNOWN, MSG_CHANGED_LATER, MSG_READERS_DIFFER,
    MSG_PARTIAL_SCOPE,
    MSG_MANIFEST_UNCHECKED,
    /* closed lists and policy */
    MSG_UNSUPPORTED, MSG_WEAK_ALGORITHM,
    /* the signer's certificate and its path */
    MSG_NO_SIGNING_CERTIFICATE, MSG_CERT_REF_MISMATCH, MSG_CERT_REF_ABSENT, MSG_PROPERTIES_UNSIGNED,
    MSG_PROPERTIES_FOREIGN, MSG_COUNTERSIGNATURE_FOREIGN, MSG_POLICY_DIFFERS, MSG_POLICY_UNCHECKED,
    MSG_KEYINFO_CONTRADICTS, MSG_DIGEST_UNLISTED, MSG_PADDING_ENCRYPTED, MSG_CERT_UNREADABLE,
    MSG_CERT_CORRUPTED, MSG_KEY_USAGE, MSG_NO_CHAIN, MSG_NO_ANCHOR, MSG_CHAIN_INVALID, MSG_CHAIN_WEAK, MSG_CERT_EXPIRED,
    MSG_CERT_NOT_YET_VALID, MSG_CA_CERT_EXPIRED, MSG_CERT_REVOKED, MSG_CA_CERT_REVOKED, MSG_REVOCATION_UNCHECKED,
    MSG_NOT_EXAMINED,
    /* time */
    MSG_TIME_CLAIMED, MSG_TIME_WITHOUT_ZONE, MSG_TIME_UNREADABLE, MSG_TIME_UNSIGNED, MSG_TIME_OUTSIDE_VALIDITY,
    MSG_TIMESTAMP_UNCHECKED,
    /* remarks */
    MSG_ATTRIBUTES_NOT_DER, MSG_FILE_REPAIRED,
    MSG_COUNT
};

enum message_level { LEVEL_INFO = 0, LEVEL_WARNING, LEVEL_ERROR };
enum lang { LANG_EN = 0, LANG_VI, LANG_COUNT };

struct message {
    const char *code;                   /* "HASH_FAILURE"-like, for programs */
    enum message_level level;
    const char *clause;                 /* NULL where the note brings its own */
    const char *text[LANG_COUNT];       /* %1 and %2 stand for arguments */
    const char *advice[LANG_COUNT];     /* what the reader can do; NULL */
};

const struct message *message_by_code(enum message_code code);      /* never NULL */
const char *message_level_name(enum message_level level);
/* Appends template with %1, %2 replaced; safe: arguments go through text_escape. A missing one prints nothing. */
void message_print(struct build *out, const char *template, const char *const arg[2], bool safe);
/* "vi", "vi_VN.UTF-8" and the like: LANG_VI; everything else LANG_EN. NULL: LANG_VI, as the command line's default. */
enum lang lang_by_name(const char *name);

#endif
