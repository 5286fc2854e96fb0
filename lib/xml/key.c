/* A KeyValue as a key. */
#include <base/err.h>
#include <crypto/parts.h>
#include <xml/signature.h>

int xml_key_value(EVP_PKEY **out, const struct xml_sig *sig, sign_err *err)
{
    switch (sig->key_kind) {
    case XML_KEY_RSA:
        return key_from_rsa(out, sig->key_part[0], sig->key_part[1], err);
    case XML_KEY_EC:
        return key_from_ec(out, sig->key_part[0], sig->key_part[1], err);
    case XML_KEY_DSA:
        return key_from_dsa(out, sig->key_part, err);
    case XML_KEY_DER:
        return key_from_spki(out, sig->key_part[0], err);
    case XML_KEY_NONE:
        break;
    }
    return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, "XMLDSig 4.5.2", "the signature holds no KeyValue");
}
