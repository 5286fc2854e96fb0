/* What an XML signature covers and says beyond the first page of sign_opts. */
#ifndef LIBSIGN_XML_H
#define LIBSIGN_XML_H

#include <libsign/bytes.h>
#include <libsign/doc.h>

/* Where the Signature and what it signs stand to each other. */
enum {
    SIGN_XML_INSERTED = 0,          /* the Signature is put into the document: enveloped, or detached beside what it signs   */
    SIGN_XML_ENVELOPING,            /* the document's root is put into an Object of the Signature, which becomes the root    */
    SIGN_XML_ENVELOPING_BASE64      /* the same with the bytes of any document, PDF too, as base64: the result is XML        */
};

#define SIGN_XML_MAX_ELEMENTS 32    /* that one signature is over: xml_id, ids and paths together; more is SIGN_E_ARG         */
#define SIGN_XML_MAX_TOLD     4     /* roles, and commitments                                                              */

/*
 * All text is what sign_is_text takes; what is NULL or 0 is left out. With a profile, what packaging, ids, paths, manifest,
 * parallel and countersigns say is SIGN_E_ARG: it says these itself.
 */
typedef struct sign_xml_opts {
    size_t struct_size;
    int32_t packaging;              /* SIGN_XML_INSERTED …; enveloping takes no xml_id, xml_place, ids or paths              */
    const char *const *ids; size_t n_ids;       /* elements to be signed, by Id, after xml_id: one Reference for each        */
    const char *const *paths; size_t n_paths;   /* the same by path, "/HDon/DLHDon"; their Id, ID, id or xml:id is referred to */
    bool add_ids;                   /* what is signed and has no Id gets one, the one change to what was there; else NOTFOUND */
    /* Called for each Id that was added, on the thread that signs, once the result has been made; or NULL. */
    void (*added)(void *payload, const sign_doc *doc, const char *element, const char *id);
    void *payload;
    bool manifest;                  /* the References go into a ds:Manifest, which is what is signed (XMLDSig 5.1)           */
    bool parallel;                  /* what holds the place is signed without all Signatures in it, so that others can be put
                                       beside this one before and after                                                      */
    const char *countersigns;       /* XAdES: counter-sign the signature with this id, as sign_report_id has it, or path     */
    bool countersignable;           /* XAdES: the SignatureValue has an Id, so that who counter-signs need not add one       */
    const char *base;               /* profile: which of several containers (invoices of one message): its position, "2"; its
                                       path, "/TDiep/DLieu/HDon[2]"; or the Id of an element in it                           */
    const char *mime_type, *description, *encoding;     /* XAdES: DataObjectFormat of what is signed; NULL: text/xml         */
    const char *const *roles; size_t n_roles;           /* XAdES: roles that the signer claims                               */
    const char *city, *street, *state, *postal_code, *country;      /* XAdES: SignatureProductionPlaceV2                     */
    const char *const *commitments; size_t n_commitments;   /* XAdES: types of commitment, URIs or OIDs (sign_xml_commitment) */
    bool policy_implied;            /* XAdES: SignaturePolicyImplied                                                         */
    const char *policy;             /* XAdES: the signature policy's OID or URI, with its document or the digest of that     */
    const char *policy_description, *policy_uri;        /* in words; where the document is to be had (SPURI)                 */
    sign_bytes policy_document;     /* the document itself: its digest goes into the signature                               */
    const char *policy_digest; sign_bytes policy_hash;  /* or the digest: "SHA-256" and the value                            */
} sign_xml_opts;
#define SIGN_XML_OPTS_INIT { .struct_size = sizeof(sign_xml_opts) }

/* The URI of a type of commitment (EN 319 132-1 5.2.3): "origin", "receipt", "delivery", "sender", "approval", "creation".
 * NULL for another name. Static. */
SIGN_API const char *sign_xml_commitment(const char *name);

#endif
