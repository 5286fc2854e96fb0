/*
 * Every limit that hostile input can run into, in one place, each with its reason. A limit is a number that real
 * documents stay far below; what passes it is refused with SIGN_E_LIMIT, by name.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

/* --- base --------------------------------------------------------------------------------------------------------- */
#define LIMIT_BUILD        MIB(256)  /* one byte builder: the largest thing that is ever held whole                    */
#define LIMIT_ARENA        MIB(512)  /* one arena: all that one document's structure may take                          */
#define LIMIT_PATH         4096      /* PATH_MAX of Linux                                                              */

/* --- io ----------------------------------------------------------------------------------------------------------- */
#define LIMIT_IN_MEMORY    MIB(8)    /* up to here a file is read once into memory (decision 3)                        */
#define LIMIT_WINDOW       KIB(256)  /* one window over a larger file: past the point where a syscall's cost shows     */
#define LIMIT_INFLATED     MIB(64)   /* one stream's decoded size: xref and object streams of 10,000 pages are 3 MB    */
#define LIMIT_SPOOL        (UINT64_C(1) << 40) /* standard input, spooled to a file: a terabyte                        */
#define LIMIT_SOURCE_PARTS 80        /* pieces of a spliced source: 32 Ids and a Signature in two pieces make 69       */
#define LIMIT_SWEPT        256       /* folders of outputs where one context looks for what killed runs left             */
#define LIMIT_OWING_FOLDERS 8        /* folders with a sync that is owed; of more, each file's folder is synced at once */
#define LIMIT_CONFIG_FILE  MIB(16)   /* a certificate, CRL, profile or configuration file read whole                   */
#define LIMIT_PROFILE      KIB(64)   /* a document profile; real ones are 1 KiB                                         */

/* --- cert --------------------------------------------------------------------------------------------------------- */
#define LIMIT_CERT_DER     KIB(64)   /* one certificate; real ones are 1 to 4 KiB                                      */
#define LIMIT_CHAIN        10        /* certificates in one path; the deepest public one in use has 5                  */
#define LIMIT_CERTS        1000      /* certificates tried while one path is built                                     */
#define LIMIT_PATH_TRIES   2000      /* signature checks spent on one path: cross-certified meshes explode             */
#define LIMIT_CERT_CACHE   4096      /* certificates kept decoded in one context (about 8 KiB each)                    */
#define LIMIT_CERT_KEPT    KIB(8)    /* DER of a certificate that the cache keeps; larger ones are decoded each time   */
#define LIMIT_CERT_EXTS    100       /* extensions of one certificate; real ones have 12, OpenSSL walks them ten times */
#define LIMIT_RSA_BITS     16384     /* modulus; verifying costs its square, OpenSSL stops here too                    */
#define LIMIT_RSA_EXPONENT 256       /* bits of the public exponent (FIPS 186-5 5.1): verifying costs its length       */
#define LIMIT_DSA_BITS     3072      /* FIPS 186-4 4.2 defines no longer p                                             */
#define LIMIT_READY        64        /* OpenSSL contexts of each kind kept set up between signatures: workers times signers */
#define LIMIT_TRUST_CERTS  65536     /* certificates in one trust store: all European trusted lists hold about 5,000   */
#define LIMIT_TRUST_CRLS   4096      /* CRLs in one trust store                                                        */
#define LIMIT_TRUST_FILES  65536     /* files of one trust folder                                                      */
#define LIMIT_CRL_ENTRIES  1000000   /* entries of one CRL: at 20 bytes and more each, LIMIT_CONFIG_FILE holds fewer   */
#define LIMIT_SERIAL       64        /* bytes of a serial number; RFC 5280 4.1.2.2 says 20, older ones are longer      */
#define LIMIT_CRL_NAMES    64        /* names of an IssuingDistributionPoint, and of a CRLDistributionPoints           */

/* --- cms ---------------------------------------------------------------------------------------------------------- */
#define LIMIT_CMS          MIB(16)   /* one SignedData with its evidence; LTA ones with large CRLs reach 5 MB          */
#define LIMIT_ASN1_DEPTH   32        /* nested ASN.1; BER with indefinite lengths recurses                             */
#define LIMIT_ASN1_PIECES  4         /* pieces of an OCTET STRING in pieces again: each level is scanned anew           */
#define LIMIT_BER_ATTRS    MIB(1)    /* signed attributes to be encoded anew: they are DER but for a few producers     */
#define LIMIT_CMS_SIGNERS  64        /* SignerInfos in one SignedData, and their digestAlgorithms; PAdES wants exactly one */
#define LIMIT_CMS_CERTS    256       /* certificates in one SignedData                                                 */
#define LIMIT_CMS_ATTRS    64        /* attributes of one SignerInfo                                                   */

/* --- pdf ---------------------------------------------------------------------------------------------------------- */
#define LIMIT_PDF_DEPTH    64        /* nested arrays and dictionaries; Acrobat's own limit is 32 for q/Q, real files < 12 */
#define LIMIT_PDF_OBJECTS  8388607   /* object numbers (ISO 32000-1 annex C.2)                                         */
#define LIMIT_PDF_OBJECT   MIB(16)   /* one object without its stream data                                             */
#define LIMIT_PDF_ELEMENTS 1000000   /* elements of one array, entries of one dictionary                               */
#define LIMIT_PDF_NAME     1024      /* bytes of one name; the standard says 127                                       */
#define LIMIT_PDF_SECTIONS 1000000   /* xref sections along /Prev: thousands are real                                  */
#define LIMIT_PDF_FIELDS   100000    /* form fields walked while looking for signatures                                */
#define LIMIT_PDF_SIGS     10000     /* signatures in one file                                                         */
#define LIMIT_PDF_FILTERS  8         /* filters of one stream                                                          */
#define LIMIT_PDF_LOOKBACK 1024      /* where startxref is looked for from the end (ISO 32000-1 annex H, note 18)      */
#define LIMIT_PDF_JUNK     1024      /* junk before %PDF- (the same note)                                              */
#define LIMIT_PDF_CHANGES  200000    /* changes noted behind one signed revision: a form of 10,000 fields makes 30,000   */

/* --- xml ---------------------------------------------------------------------------------------------------------- */
#define LIMIT_XML_DEPTH    256       /* nested elements; invoices have 12                                              */
#define LIMIT_XML_ATTRS    1024      /* attributes of one element                                                      */
#define LIMIT_XML_TAG      MIB(1)    /* one start tag, attributes included: Expat buffers it whole                     */
#define LIMIT_XML_EQUALS   16384     /* "=" in one that does not end in the window it began in: Expat binds all before we see any */
#define LIMIT_XML_MEMORY   MIB(24)   /* all that Expat may allocate for one parse                                      */
#define LIMIT_XML_SIGTREE  MIB(64)   /* one Signature element kept as a tree: 10,000 references take 13, LTA holds CRLs */
#define LIMIT_XML_SIGS     10000     /* Signature elements in one document                                             */
#define LIMIT_XML_REFS     100000    /* References in one document                                                     */
#define LIMIT_XML_XFORMS   8         /* transforms of one Reference                                                    */
#define LIMIT_XML_NS       1024      /* namespace declarations in scope                                                */
#define LIMIT_XML_SCOPE    MIB(4)    /* text of the namespaces and xml: attributes in scope                             */
#define LIMIT_XML_STREAMS  512       /* canonicalizers at work at once: referenced elements inside referenced elements  */
#define LIMIT_XML_TAPS     256       /* digests of one canonical form, each without another Signature: every byte costs so many */
#define LIMIT_XML_ENTITIES 1000      /* entities a DTD may declare; Expat recurses as deep as one calls another         */
#define LIMIT_XML_DEFAULTS 1000000   /* attributes that a DTD adds, in all: a tag of four bytes may get a thousand      */
#define LIMIT_XML_INSERT   MIB(4)    /* bytes inserted by one signature                                                */
#define LIMIT_XML_STEPS    32        /* steps of a path to where a Signature goes; real ones have 5                     */
#define LIMIT_XML_COVERED  MIB(8)    /* URIs of the References that a document holds already, while one is added        */

/* --- token -------------------------------------------------------------------------------------------------------- */
#define LIMIT_PIN          255       /* bytes of a PIN or pass phrase                                                  */
#define LIMIT_TOKEN_SLOTS  256
#define LIMIT_TOKEN_CERTS  256
#define LIMIT_TOKEN_OBJECTS 1024     /* objects of one class on a token                                                 */
#define LIMIT_TOKEN_MODULES 64       /* PKCS#11 modules looked through for a token                                      */
#define LIMIT_TOKEN_SESSIONS 32      /* sessions that sign with one key at a time; more are no faster                   */
#define LIMIT_TOKEN_ATTR   KIB(64)   /* one attribute of an object; a certificate is the largest                        */

/* --- work --------------------------------------------------------------------------------------------------------- */
#define LIMIT_WORKERS      256       /* threads of one batch                                                           */
#define LIMIT_WORKER_FDS   4         /* descriptors a worker holds at most: document, output, its folder, a spool      */
#define LIMIT_OTHER_FDS    24        /* left to standard streams, lists of names, a token's module, folders owing a sync */
#define LIMIT_WATCH_BYTES  MIB(1)    /* bytes handled between two looks at deadline and cancel flag: under 10 ms       */

#endif
