#!/bin/sh
# Makes what the tests of lib/cms read, with the openssl program: keys, certificates, SignedData of all its kinds.
# inputs.sh FOLDER
set -eu
mkdir -p "$1"
cd "$1"
exec 2> log
say() { echo "$@" >&2; }

cat > cnf <<'CNF'
[req]
distinguished_name = dn
[dn]
[leaf]
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ca]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
CNF
printf 'Nội dung văn bản\n' > content
head -c 70000 /dev/zero | tr '\0' 'x' > big

openssl req -config cnf -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 3650 -extensions ca \
    -subj '/C=VN/O=Thử/CN=Root' -utf8
leaf() { # NAME, options of genpkey
    name=$1
    shift
    openssl genpkey -out "$name.key" "$@"
    openssl req -config cnf -new -key "$name.key" -subj "/C=VN/O=UBND tỉnh X/CN=Nguyễn Văn $name" -utf8 -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA root.pem -CAkey root.key -days 3000 -extfile cnf -extensions leaf \
        -out "$name.pem"
    openssl x509 -in "$name.pem" -outform DER -out "$name.der"
    openssl pkey -in "$name.key" -outform DER -out "$name.key.der"
}
leaf rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
leaf rsa3072 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
leaf p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
leaf p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
leaf ed25519 -algorithm ED25519
leaf ed448 -algorithm ED448
openssl x509 -in root.pem -outform DER -out root.der

cms() { # NAME, options
    name=$1
    shift
    say "$name: $*"
    openssl cms -sign -binary -outform DER -out "$name.cms" "$@"
}
cms rsa -in content -signer rsa.pem -inkey rsa.key -certfile root.pem
cms attached -in content -nodetach -signer rsa.pem -inkey rsa.key -md sha512
cms stream -in big -stream -nodetach -signer rsa.pem -inkey rsa.key
cms indef -in content -indef -signer rsa.pem -inkey rsa.key
cms two -in content -signer rsa.pem -inkey rsa.key -signer p256.pem -inkey p256.key
cms keyid -in content -keyid -signer rsa.pem -inkey rsa.key
cms pss -in content -signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32 -md sha256
cms pss20 -in content -signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20 \
    -keyopt rsa_mgf1_md:sha1 -md sha384
cms p256 -in content -signer p256.pem -inkey p256.key -md sha256
cms p384 -in content -signer p384.pem -inkey p384.key -md sha384
cms nocerts -in content -nocerts -signer rsa.pem -inkey rsa.key
cms noattr -in content -noattr -signer rsa.pem -inkey rsa.key
cms cades -in content -cades -signer rsa.pem -inkey rsa.key
cms cades384 -in content -cades -signer p384.pem -inkey p384.key -md sha384
cms sha1 -in content -cades -md sha1 -signer rsa.pem -inkey rsa.key
openssl crl2pkcs7 -nocrl -certfile rsa.pem -certfile root.pem -outform DER -out certs.cms
openssl cms -data_create -in content -outform DER -out data.cms
