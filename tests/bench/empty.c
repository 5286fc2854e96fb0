/* What starting a program costs that is linked to libcrypto and does nothing: the measure of kyso's own start. */
#include <openssl/crypto.h>

int main(void)
{
    return OpenSSL_version_num() == 0;
}
