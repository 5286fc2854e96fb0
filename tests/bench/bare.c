/*
 * What the signatures of small PDFs cost and nothing else: the yardstick of `kyso verify` for many files in one process.
 *
 *     bench_bare LIST CERTS        files, a line each; the signers' certificates, PEM
 *
 * Made ready beforehand and not timed: where ByteRange and the signed attributes lie, the signature value, the key. Timed,
 * for each file: open, fstat, read, close, the digest over its ByteRange, the digest of the signed attributes, and the key's
 * operation, on contexts that are kept. The first line printed is the whole of it, the second without reading the file;
 * both processor microseconds a file, the least of several rounds. Exits 1 where anything does not verify.
 */
#include <fcntl.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, MOST_KEYS = 64, MOST_BYTES = 1 << 20 };

/* One signature, ready to be verified. */
struct item {
    char *path;
    size_t range[4];
    unsigned char digest[EVP_MAX_MD_SIZE], *attrs, *value;
    size_t attrs_len, value_len;
    EVP_PKEY_CTX *key;      /* one for each signer's key, ready to verify */
};

struct keys { X509 *certs[MOST_KEYS]; EVP_PKEY_CTX *ready[MOST_KEYS]; size_t n; };

_Noreturn static void fail(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    exit(1);
}

static size_t read_file(const char *path, unsigned char *room)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size > MOST_BYTES || read(fd, room, (size_t)st.st_size) != st.st_size) {
        fail(path, "cannot be read");
    }
    close(fd);
    return (size_t)st.st_size;
}

static void read_keys(struct keys *keys, const char *path)
{
    BIO *in = BIO_new_file(path, "r");
    if (!in) {
        fail(path, "cannot be opened");
    }
    X509 *cert;
    while (keys->n < MOST_KEYS && (cert = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(X509_get0_pubkey(cert), NULL);
        if (!ctx || EVP_PKEY_verify_init(ctx) != 1 || EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1) {
            fail(path, "OpenSSL cannot verify with the key");
        }
        keys->certs[keys->n] = cert;
        keys->ready[keys->n++] = ctx;
    }
    ERR_clear_error();
    BIO_free(in);
}

/* The last ByteRange: these files have one signature. */
static void find_range(struct item *item, const unsigned char *file, size_t len)
{
    static const char name[] = "/ByteRange";
    const char *at = NULL;
    for (size_t i = 0; i + sizeof name - 1 <= len; i++) {
        at = memcmp(file + i, name, sizeof name - 1) == 0 ? (const char *)file + i + sizeof name - 1 : at;
    }
    size_t *r = item->range;
    if (!at || sscanf(at, " [ %zu %zu %zu %zu", &r[0], &r[1], &r[2], &r[3]) != 4 || r[0] != 0 || r[2] > len ||
        r[3] != len - r[2] || r[1] >= r[2]) {
        fail(item->path, "no ByteRange of the whole file");
    }
}

static CMS_ContentInfo *read_contents(const struct item *item, const unsigned char *file)
{
    size_t len = item->range[2] - item->range[1], n = 0;
    char *hex = strndup((const char *)file + item->range[1] + 1, len - 2);
    unsigned char *der = malloc(len);
    if (!hex || !der || OPENSSL_hexstr2buf_ex(der, len, &n, hex, '\0') != 1) {
        fail(item->path, "Contents is not hexadecimal");
    }
    const unsigned char *at = der;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)n);
    free(hex);
    free(der);
    return cms;
}

/* The SET OF that was signed (RFC 5652 5.4): the attributes as they are sent, under the tag of a SET. */
static void take_attrs(struct item *item, CMS_SignerInfo *signer)
{
    int len = 0, count = CMS_signed_get_attr_count(signer);
    for (int i = 0; i < count; i++) {
        len += i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), NULL);
    }
    unsigned char *at = item->attrs = malloc((size_t)ASN1_object_size(1, len, V_ASN1_SET));
    if (!at) {
        fail(item->path, "no memory");
    }
    ASN1_put_object(&at, 1, len, V_ASN1_SET, V_ASN1_UNIVERSAL);
    for (int i = 0; i < count; i++) {
        i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), &at);
    }
    item->attrs_len = (size_t)(at - item->attrs);
}

static void prepare(struct item *item, const struct keys *keys, unsigned char *room)
{
    find_range(item, room, read_file(item->path, room));
    CMS_ContentInfo *cms = read_contents(item, room);
    CMS_SignerInfo *signer = cms ? sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0) : NULL;
    if (!signer) {
        fail(item->path, "no SignedData");
    }
    take_attrs(item, signer);
    const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(signer);
    item->value_len = (size_t)ASN1_STRING_length(value);
    item->value = OPENSSL_memdup(ASN1_STRING_get0_data(value), item->value_len);
    const ASN1_OCTET_STRING *digest = CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(NID_pkcs9_messageDigest), -3,
                                                                  V_ASN1_OCTET_STRING);
    if (!digest || ASN1_STRING_length(digest) != 32 || !item->value || item->attrs_len == 0) {
        fail(item->path, "expected SHA-256 and signed attributes");
    }
    memcpy(item->digest, ASN1_STRING_get0_data(digest), 32);
    for (size_t i = 0; i < keys->n; i++) {
        item->key = CMS_SignerInfo_cert_cmp(signer, keys->certs[i]) == 0 ? keys->ready[i] : item->key;
    }
    if (!item->key) {
        fail(item->path, "the signer's certificate was not given");
    }
    CMS_ContentInfo_free(cms);
}

static bool digest(EVP_MD_CTX *run, const EVP_MD *md, const unsigned char *a, size_t a_len, const unsigned char *b,
                   size_t b_len, unsigned char *out)
{
    return EVP_DigestInit_ex2(run, md, NULL) == 1 && EVP_DigestUpdate(run, a, a_len) == 1 &&
           EVP_DigestUpdate(run, b, b_len) == 1 && EVP_DigestFinal_ex(run, out, NULL) == 1;
}

static void verify(const struct item *item, EVP_MD_CTX *run, const EVP_MD *md, unsigned char *room)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    const size_t *r = item->range;
    bool ok = digest(run, md, room, r[1], room + r[2], r[3], out) && memcmp(out, item->digest, 32) == 0 &&
              digest(run, md, item->attrs, item->attrs_len, NULL, 0, out) &&
              EVP_PKEY_verify(item->key, item->value, item->value_len, out, 32) == 1;
    if (!ok) {
        fail(item->path, "does not verify");
    }
}

static double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Processor microseconds a file. Without `reading`, every file is verified again right after it was read, and only that counts. */
static double measure(const struct item *items, size_t n, unsigned char *room, bool reading)
{
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    double least = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double spent = 0, start = processor_time();
        for (size_t i = 0; i < n; i++) {
            (void)read_file(items[i].path, room);
            double before = reading ? 0 : processor_time();
            verify(&items[i], run, md, room);
            spent += reading ? 0 : processor_time() - before;
        }
        spent = reading ? processor_time() - start : spent;
        least = spent < least ? spent : least;
    }
    EVP_MD_CTX_free(run);
    EVP_MD_free(md);
    return least / (double)n * 1e6;
}

int main(int argc, char **argv)
{
    static struct keys keys;
    static unsigned char room[MOST_BYTES];
    FILE *list = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!list) {
        fail("bench_bare", "LIST CERTS");
    }
    read_keys(&keys, argv[2]);
    struct item *items = NULL;
    size_t n = 0, cap = 0;
    char *line = NULL;
    size_t line_cap = 0;
    while (getline(&line, &line_cap, list) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (n == cap) {
            cap = cap ? 2 * cap : 64;
            items = realloc(items, cap * sizeof *items);
        }
        if (!items) {
            fail(line, "no memory");
        }
        items[n] = (struct item){ .path = strdup(line) };
        prepare(&items[n++], &keys, room);
    }
    free(line);
    fclose(list);
    if (n == 0) {
        fail(argv[1], "names no file");
    }
    printf("%.2f\n", measure(items, n, room, true));
    printf("%.2f\n", measure(items, n, room, false));
    return 0;
}
