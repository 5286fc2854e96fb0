/* libsign: signs and verifies PDF (PAdES) and XML (XMLDSig, XAdES) with keys on PKCS#11 tokens. The umbrella header. */
#ifndef LIBSIGN_LIBSIGN_H
#define LIBSIGN_LIBSIGN_H

#include <libsign/batch.h>
#include <libsign/bytes.h>
#include <libsign/cert.h>
#include <libsign/ctx.h>
#include <libsign/doc.h>
#include <libsign/error.h>
#include <libsign/inspect.h>
#include <libsign/key.h>
#include <libsign/sign.h>
#include <libsign/time.h>
#include <libsign/token.h>
#include <libsign/verify.h>
#include <libsign/version.h>
#include <libsign/xml.h>

#endif
