/* Object identifiers of CMS, as content octets. Digests and signature algorithms are in crypto/algs.h. */
#ifndef CMS_OIDS_H
#define CMS_OIDS_H

#include <base/bytes.h>

#define OID_PKCS7(last) BYTES_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07" last)
#define OID_PKCS9(last) BYTES_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09" last)

#define OID_DATA OID_PKCS7("\x01")                      /* RFC 5652 4                                         */
#define OID_SIGNED_DATA OID_PKCS7("\x02")               /* 5.1                                                */
#define OID_CONTENT_TYPE OID_PKCS9("\x03")              /* 11.1                                               */
#define OID_MESSAGE_DIGEST OID_PKCS9("\x04")            /* 11.2                                               */
#define OID_SIGNING_TIME OID_PKCS9("\x05")              /* 11.3                                               */
#define OID_ALGORITHM_PROTECTION OID_PKCS9("\x34")      /* RFC 6211                                           */
#define OID_SIGNING_CERT OID_PKCS9("\x10\x02\x0c")      /* RFC 2634 5.4, SHA-1                                */
#define OID_SIGNING_CERT_V2 OID_PKCS9("\x10\x02\x2f")   /* RFC 5035 3                                         */
#define OID_SIG_POLICY OID_PKCS9("\x10\x02\x0f")     /* signature-policy-identifier: EN 319 122-1 5.2.9         */
#define OID_TIMESTAMP OID_PKCS9("\x10\x02\x0e")         /* signature-time-stamp: RFC 3161 appendix A           */
#define OID_SHAKE256_LEN BYTES_LIT("\x60\x86\x48\x01\x65\x03\x04\x02\x12")         /* RFC 8419 2.3              */
#define OID_MGF1 BYTES_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08")                 /* RFC 8017 A.2.3            */
#define OID_OCSP_RESPONSE        BYTES_LIT("\x2b\x06\x01\x05\x05\x07\x10\x02") /* id-ri-ocsp-response: RFC 5940 2.1 */

#endif
