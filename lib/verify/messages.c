#include <base/text.h>
#include <verify/messages.h>

/* For texts that fit many rows. */
#define ASK_SENDER \
    { "Ask the sender for the document as it was signed.", \
      "Hãy đề nghị bên gửi cung cấp lại văn bản đúng như khi ký." }
#define NO_ADVICE { NULL, NULL }

static const struct message TABLE[MSG_COUNT] = {
    [MSG_NONE] = { "NONE", LEVEL_INFO, NULL, { "", "" }, NO_ADVICE },
    [MSG_DIGEST_DIFFERS] = { "DIGEST_DIFFERS", LEVEL_ERROR, "EN 319 102-1 5.2.7",
      { "The signed content was changed after signing: its digest differs from the signed one.",
        "Nội dung đã ký bị thay đổi sau khi ký: giá trị băm không khớp với giá trị băm đã ký." },
      ASK_SENDER },
    [MSG_REFERENCE_DIFFERS] = { "REFERENCE_DIFFERS", LEVEL_ERROR, "XMLDSig 3.2.1",
      { "What the reference \"%1\" covers was changed after signing: its digest differs from the signed one.",
        "Phần dữ liệu được tham chiếu “%1” bị thay đổi sau khi ký: giá trị băm không khớp với giá trị băm đã ký." },
      ASK_SENDER },
    [MSG_VALUE_WRONG] = { "VALUE_WRONG", LEVEL_ERROR, "EN 319 102-1 5.2.7",
      { "The signature value is wrong: this certificate's key did not make it over this content.",
        "Giá trị chữ ký không đúng: chữ ký này không do khóa của chứng thư số nêu trên tạo ra trên nội dung này." },
      ASK_SENDER },
    [MSG_BYTERANGE_WRONG] = { "BYTERANGE_WRONG", LEVEL_ERROR, "ISO 32000-2 12.8.1",
      { "The signature does not cover the file as the standard demands: %1",
        "Chữ ký không bao phủ tệp đúng như tiêu chuẩn yêu cầu: %1" },
      ASK_SENDER },
    [MSG_STRUCTURE_WRONG] = { "STRUCTURE_WRONG", LEVEL_ERROR, "EN 319 102-1 5.2.2",
      { "The structure of the signature is wrong: %1",
        "Cấu trúc của chữ ký không đúng: %1" },
      ASK_SENDER },
    [MSG_CMS_MALFORMED] = { "CMS_MALFORMED", LEVEL_ERROR, "RFC 5652 5",
      { "The signature cannot be read: %1",
        "Không đọc được dữ liệu chữ ký: %1" },
      ASK_SENDER },
    [MSG_TRAILING_DATA] = { "TRAILING_DATA", LEVEL_ERROR, "ISO 32000-2 12.8.1",
      { "Data other than zero bytes follow the signature inside /Contents.",
        "Trong /Contents còn dữ liệu khác byte 0 nằm sau chữ ký." },
      ASK_SENDER },
    [MSG_SIGNER_COUNT] = { "SIGNER_COUNT", LEVEL_ERROR, "EN 319 142-1 6.3",
      { "The signature holds %1 signer infos; exactly one is expected.",
        "Chữ ký chứa %1 mục thông tin người ký (SignerInfo); phải có đúng một mục." },
      ASK_SENDER },
    [MSG_REFERENCE_AMBIGUOUS] = { "REFERENCE_AMBIGUOUS", LEVEL_ERROR, "XMLDSig 4.4.3.3",
      { "The reference \"%1\" fits more than one element: it cannot be told which one was signed.",
        "Tham chiếu “%1” trùng với nhiều phần tử: không xác định được phần tử nào đã được ký." },
      ASK_SENDER },
    [MSG_REFERENCE_MALFORMED] = { "REFERENCE_MALFORMED", LEVEL_ERROR, "XMLDSig 4.4.3",
      { "The reference \"%1\" is malformed: %2",
        "Tham chiếu “%1” sai cấu trúc: %2" },
      ASK_SENDER },
    [MSG_REFERENCE_NOT_FOUND] = { "REFERENCE_NOT_FOUND", LEVEL_WARNING, "EN 319 102-1 5.2.7",
      { "What the reference \"%1\" names is not in this document.",
        "Không tìm thấy trong văn bản phần dữ liệu mà tham chiếu “%1” chỉ tới." },
      ASK_SENDER },
    [MSG_NOTHING_SIGNED] = { "NOTHING_SIGNED", LEVEL_WARNING, "EN 319 102-1 5.2.7",
      { "The signature covers nothing of the document around it.",
        "Chữ ký không bao phủ nội dung nào của văn bản chứa nó." },
      ASK_SENDER },
    [MSG_MODIFIED_AFTER_SIGNING] = { "MODIFIED_AFTER_SIGNING", LEVEL_ERROR, "ISO 32000-2 12.8.2",
      { "The document was changed after signing in a way that this signature forbids: %1",
        "Văn bản đã bị sửa sau khi ký theo cách mà chữ ký này không cho phép: %1" },
      ASK_SENDER },
    [MSG_CHANGES_UNKNOWN] = { "CHANGES_UNKNOWN", LEVEL_WARNING, "ISO 32000-2 12.8.2",
      { "The document was changed after signing in a way that cannot be judged: %1. The signature covers revision %2 "
        "alone.",
        "Văn bản đã được thay đổi sau khi ký theo cách không thể đánh giá: %1. Chữ ký chỉ bao phủ phiên bản %2." },
      { "Look at the signed revision, or ask the sender for a file that holds no later change.",
        "Hãy xem đúng phiên bản đã ký, hoặc đề nghị bên gửi cung cấp tệp không có thay đổi sau khi ký." } },
    [MSG_READERS_DIFFER] = { "READERS_DIFFER", LEVEL_WARNING, "ISO 32000-2 7.5.8.4",
      { "Different readers see different documents in this file: %1",
        "Các phần mềm đọc khác nhau sẽ thấy văn bản khác nhau trong tệp này: %1" },
      { "Ask the sender for a file with one cross-reference form, signed anew.",
        "Hãy đề nghị bên gửi cung cấp tệp chỉ dùng một dạng bảng tham chiếu chéo và ký lại." } },
    [MSG_CHANGED_LATER] = { "CHANGED_LATER", LEVEL_INFO, "ISO 32000-2 12.8.2",
      { "After signing, as this signature allows: %1",
        "Sau khi ký, trong phạm vi chữ ký này cho phép: %1" },
      NO_ADVICE },
    [MSG_PARTIAL_SCOPE] = { "PARTIAL_SCOPE", LEVEL_WARNING, "EN 319 102-1 5.1.4.3",
      { "The signature does not cover the whole document. Only what is listed as covered is signed.",
        "Chữ ký không bao phủ toàn bộ văn bản. Chỉ những phần liệt kê trong phạm vi ký là đã được ký." },
      { "Rely on the covered parts alone.",
        "Chỉ sử dụng những phần nằm trong phạm vi ký." } },
    [MSG_MANIFEST_UNCHECKED] = { "MANIFEST_UNCHECKED", LEVEL_WARNING, "XMLDSig 2.3",
      { "A signed list (Manifest) names \"%1\", whose digest was not found right.",
        "Danh mục đã ký (Manifest) có mục “%1” mà giá trị băm không được xác nhận là đúng." },
      NO_ADVICE },
    [MSG_UNSUPPORTED] = { "UNSUPPORTED", LEVEL_WARNING, "EN 319 102-1 5.2.7",
      { "The signature uses something that this program does not accept: %1",
        "Chữ ký sử dụng thành phần mà chương trình không chấp nhận: %1" },
      { "Ask the sender to sign with an algorithm and form of Circular 15/2025/TT-BKHCN.",
        "Hãy đề nghị bên gửi ký lại bằng thuật toán và định dạng theo Thông tư 15/2025/TT-BKHCN." } },
    [MSG_WEAK_ALGORITHM] = { "WEAK_ALGORITHM", LEVEL_WARNING, "EN 319 102-1 5.2.8",
      { "The signature rests on an algorithm or key that is too weak: %1 (%2).",
        "Chữ ký dựa trên thuật toán hoặc khóa không còn an toàn: %1 (%2)." },
      { "Ask the sender to sign again with SHA-256 or better and a key of at least RSA 2048 or EC 256 bits.",
        "Hãy đề nghị bên gửi ký lại với SHA-256 trở lên và khóa tối thiểu RSA 2048 bit hoặc EC 256 bit." } },
    [MSG_NO_SIGNING_CERTIFICATE] = { "NO_SIGNING_CERTIFICATE", LEVEL_WARNING, "EN 319 102-1 5.2.3",
      { "The signer's certificate is not in the signature, nor among the certificates given.",
        "Không có chứng thư số của người ký trong chữ ký và trong các chứng thư số được cung cấp." },
      { "Give it with --certs.",
        "Hãy cung cấp chứng thư số bằng tùy chọn --certs." } },
    [MSG_CERT_REF_MISMATCH] = { "CERT_REF_MISMATCH", LEVEL_WARNING, "EN 319 102-1 5.2.3.4",
      { "The signature names another certificate as its signer's than the one that fits.",
        "Chữ ký ghi nhận một chứng thư số khác với chứng thư số của người ký tìm được." },
      ASK_SENDER },
    [MSG_CERT_REF_ABSENT] = { "CERT_REF_ABSENT", LEVEL_INFO, "EN 319 142-1 6.3",
      { "The signature does not name its signer's certificate (no signing-certificate attribute).",
        "Chữ ký không ghi nhận chứng thư số của người ký (không có thuộc tính signing-certificate)." },
      NO_ADVICE },
    [MSG_PROPERTIES_UNSIGNED] = { "PROPERTIES_UNSIGNED", LEVEL_WARNING, "EN 319 132-1 4.4",
      { "The signature carries XAdES properties that it does not sign; they were ignored.",
        "Chữ ký có các thuộc tính XAdES nhưng không ký lên chúng; các thuộc tính này bị bỏ qua." },
      NO_ADVICE },
    [MSG_PROPERTIES_FOREIGN] = { "PROPERTIES_FOREIGN", LEVEL_WARNING, "EN 319 132-1 4.4.2",
      { "The signature covers properties that are not bound to it.",
        "Chữ ký bao phủ các thuộc tính không gắn với chính chữ ký này." },
      ASK_SENDER },
    [MSG_COUNTERSIGNATURE_FOREIGN] = { "COUNTERSIGNATURE_FOREIGN", LEVEL_WARNING, "EN 319 132-1 5.2.7",
      { "It stands as a counter-signature, but does not sign the value of the signature it stands in.",
        "Đây là vị trí của chữ ký xác nhận, nhưng nó không ký lên giá trị của chữ ký chứa nó." },
      ASK_SENDER },
    [MSG_POLICY_DIFFERS] = { "POLICY_DIFFERS", LEVEL_WARNING, "EN 319 132-1 5.2.9",
      { "The signature policy \"%1\" is none of the documents given.",
        "Chính sách chữ ký “%1” không phải là văn bản đã được cung cấp." },
      { "Give the policy's document as it was when the signature was made.",
        "Cung cấp văn bản chính sách đúng như khi ký." } },
    [MSG_POLICY_UNCHECKED] = { "POLICY_UNCHECKED", LEVEL_INFO, "EN 319 132-1 5.2.9",
      { "It was made under the signature policy \"%1\", whose rules were not looked at.",
        "Chữ ký theo chính sách “%1”; các quy định của chính sách này không được kiểm tra." },
      NO_ADVICE },
    [MSG_KEYINFO_CONTRADICTS] = { "KEYINFO_CONTRADICTS", LEVEL_WARNING, "XMLDSig 4.5",
      { "KeyInfo contradicts itself: its KeyValue is not the key of the signer's certificate.",
        "KeyInfo mâu thuẫn: KeyValue không phải là khóa của chứng thư số người ký." },
      ASK_SENDER },
    [MSG_DIGEST_UNLISTED] = { "DIGEST_UNLISTED", LEVEL_WARNING, "RFC 5652 5.3",
      { "The signature's digest algorithm is not among those that it lists (digestAlgorithms): it was changed, or "
        "badly made.",
        "Thuật toán băm của chữ ký không có trong danh sách mà chính nó khai báo (digestAlgorithms): chữ ký đã bị sửa "
        "hoặc tạo sai." },
      ASK_SENDER },
    [MSG_PADDING_ENCRYPTED] = { "PADDING_ENCRYPTED", LEVEL_WARNING, "ISO 32000-2 7.6.2",
      { "Data other than zero bytes follow the signature inside /Contents of an encrypted file: its writer encrypted the "
        "placeholder, or somebody wrote there.",
        "Trong /Contents của tệp mã hóa còn dữ liệu khác byte 0 nằm sau chữ ký: phần mềm ký đã mã hóa cả chỗ trống, hoặc có "
        "người đã ghi vào đó." },
      ASK_SENDER },
    [MSG_CERT_UNREADABLE] = { "CERT_UNREADABLE", LEVEL_WARNING, "RFC 5280 4.1",
      { "A certificate that came with the signature cannot be read: %1",
        "Không đọc được một chứng thư số đi kèm chữ ký: %1" },
      ASK_SENDER },
    [MSG_CERT_CORRUPTED] = { "CERT_CORRUPTED", LEVEL_WARNING, "RFC 5280 6.1",
      { "A certificate that came with the signature is a damaged copy of one of its chain: %1",
        "Một chứng thư số đi kèm chữ ký là bản sao bị hỏng của chứng thư số trong chuỗi: %1" },
      ASK_SENDER },
    [MSG_KEY_USAGE] = { "KEY_USAGE", LEVEL_WARNING, "RFC 5280 4.2.1.3",
      { "The signer's certificate is not meant for signing documents: its key usage has neither digitalSignature nor "
        "nonRepudiation, or its extended key usage is another purpose.",
        "Chứng thư số của người ký không dùng để ký văn bản: mục đích sử dụng khóa không có digitalSignature hoặc "
        "nonRepudiation, hoặc mục đích sử dụng mở rộng là mục đích khác." },
      NO_ADVICE },
    [MSG_NO_CHAIN] = { "NO_CHAIN", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "No path leads from the signer's certificate to a trusted authority. %1",
        "Không tìm được đường dẫn từ chứng thư số của người ký tới tổ chức chứng thực được tin cậy. %1" },
      { "Add the authority's certificates with --trust (roots) and --certs (issuers in between).",
        "Hãy bổ sung chứng thư số của tổ chức chứng thực bằng --trust (gốc) và --certs (trung gian)." } },
    [MSG_NO_ANCHOR] = { "NO_ANCHOR", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "No trusted authority is configured: who signed cannot be confirmed.",
        "Chưa cấu hình tổ chức chứng thực được tin cậy: không thể xác nhận người ký." },
      { "Name the root certificates you trust with --trust.",
        "Hãy chỉ ra chứng thư số gốc mà bạn tin cậy bằng tùy chọn --trust." } },
    [MSG_CHAIN_INVALID] = { "CHAIN_INVALID", LEVEL_WARNING, "RFC 5280 6.1",
      { "The certificate path is not valid: %1",
        "Đường dẫn chứng thực không hợp lệ: %1" },
      NO_ADVICE },
    [MSG_CHAIN_WEAK] = { "CHAIN_WEAK", LEVEL_WARNING, "EN 319 102-1 5.2.8",
      { "A certificate of the path uses an algorithm or key that is too weak: %1",
        "Một chứng thư số trong đường dẫn dùng thuật toán hoặc khóa không còn an toàn: %1" },
      NO_ADVICE },
    [MSG_CERT_EXPIRED] = { "CERT_EXPIRED", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "The signer's certificate expired on %1, and nothing proves that the signature is older.",
        "Chứng thư số của người ký đã hết hạn ngày %1 và không có bằng chứng chữ ký được tạo trước thời điểm đó." },
      { "If you know when the document was received, verify as of that time with --at.",
        "Nếu biết thời điểm nhận văn bản, hãy kiểm tra tại thời điểm đó bằng tùy chọn --at." } },
    [MSG_CERT_NOT_YET_VALID] = { "CERT_NOT_YET_VALID", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "The signer's certificate is valid only from %1.",
        "Chứng thư số của người ký chỉ có hiệu lực từ %1." },
      { "Check the clock of this computer, or the time given with --at.",
        "Hãy kiểm tra đồng hồ máy tính hoặc thời điểm đã nêu ở --at." } },
    [MSG_CA_CERT_EXPIRED] = { "CA_CERT_EXPIRED", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "An authority's certificate of the path is out of its validity: %1",
        "Một chứng thư số của tổ chức chứng thực trong đường dẫn đã ngoài thời hạn hiệu lực: %1" },
      NO_ADVICE },
    [MSG_CERT_REVOKED] = { "CERT_REVOKED", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "The signer's certificate was revoked on %1 (%2), and nothing proves that the signature is older.",
        "Chứng thư số của người ký đã bị thu hồi ngày %1 (%2) và không có bằng chứng chữ ký được tạo trước thời điểm "
        "đó." },
      { "Do not rely on this signature without asking the signer.",
        "Không nên dựa vào chữ ký này khi chưa xác minh với người ký." } },
    [MSG_CA_CERT_REVOKED] = { "CA_CERT_REVOKED", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "An authority's certificate of the path was revoked: %1",
        "Một chứng thư số của tổ chức chứng thực trong đường dẫn đã bị thu hồi: %1" },
      NO_ADVICE },
    [MSG_REVOCATION_UNCHECKED] = { "REVOCATION_UNCHECKED", LEVEL_WARNING, "EN 319 102-1 5.2.6",
      { "Whether the signer's certificate was revoked could not be checked: %1",
        "Chưa kiểm tra được chứng thư số của người ký có bị thu hồi hay không: %1" },
      { "Give the authority's current CRL with --crl.",
        "Hãy cung cấp danh sách thu hồi (CRL) mới nhất của tổ chức chứng thực bằng tùy chọn --crl." } },
    [MSG_NOT_EXAMINED] = { "NOT_EXAMINED", LEVEL_WARNING, "EN 319 102-1 5.1.2",
      { "Not everything that a verdict needs could be examined.",
        "Chưa kiểm tra được đầy đủ các yếu tố cần thiết để kết luận." },
      NO_ADVICE },
    [MSG_TIME_CLAIMED] = { "TIME_CLAIMED", LEVEL_INFO, "EN 319 102-1 5.5",
      { "The signing time is the signer's own claim: no timestamp proves it.",
        "Thời điểm ký do người ký tự khai: không có dấu thời gian xác nhận." },
      NO_ADVICE },
    [MSG_TIME_WITHOUT_ZONE] = { "TIME_WITHOUT_ZONE", LEVEL_INFO, "RFC 3339 4.4",
      { "The claimed signing time has no time zone.",
        "Thời điểm ký được khai không ghi múi giờ." },
      NO_ADVICE },
    [MSG_TIME_UNREADABLE] = { "TIME_UNREADABLE", LEVEL_INFO, "ISO 32000-2 7.9.4",
      { "The claimed signing time cannot be read: %1",
        "Không đọc được thời điểm ký được khai: %1" },
      NO_ADVICE },
    [MSG_TIME_UNSIGNED] = { "TIME_UNSIGNED", LEVEL_WARNING, "XMLDSig 5.2",
      { "The document states a signing time that the signature does not cover; it was ignored.",
        "Văn bản có ghi thời điểm ký nhưng chữ ký không bao phủ; thông tin này bị bỏ qua." },
      NO_ADVICE },
    [MSG_TIME_OUTSIDE_VALIDITY] = { "TIME_OUTSIDE_VALIDITY", LEVEL_WARNING, "EN 319 102-1 5.5",
      { "The claimed signing time is outside the validity of the signer's certificate.",
        "Thời điểm ký được khai nằm ngoài thời hạn hiệu lực của chứng thư số người ký." },
      NO_ADVICE },
    [MSG_TIMESTAMP_UNCHECKED] = { "TIMESTAMP_UNCHECKED", LEVEL_INFO, "EN 319 102-1 5.4",
      { "The signature carries a timestamp, which this version does not check.",
        "Chữ ký có dấu thời gian nhưng phiên bản này chưa kiểm tra." },
      NO_ADVICE },
    [MSG_ATTRIBUTES_NOT_DER] = { "ATTRIBUTES_NOT_DER", LEVEL_WARNING, "RFC 5652 5.4",
      { "The signed attributes are not in DER order; they were verified as they were sent.",
        "Các thuộc tính đã ký không theo thứ tự DER; đã kiểm tra đúng như khi được gửi." },
      NO_ADVICE },
    [MSG_FILE_REPAIRED] = { "FILE_REPAIRED", LEVEL_WARNING, "ISO 32000-2 7.5.4",
      { "The file is damaged and was repaired for reading: %1",
        "Tệp bị hỏng và đã được sửa để đọc: %1" },
      NO_ADVICE },
};

const struct message *message_by_code(enum message_code code)
{
    return &TABLE[(unsigned)code < MSG_COUNT ? code : MSG_NONE];
}

const char *message_level_name(enum message_level level)
{
    static const char *const names[] = { [LEVEL_INFO] = "info", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error" };
    return names[level];
}

void message_print(struct build *out, const char *template, const char *const arg[2], bool safe)
{
    for (const char *p = template; *p; p++) {
        if (*p != '%' || (p[1] != '1' && p[1] != '2')) {
            build_byte(out, (uint8_t)*p);
            continue;
        }
        p++;
        const char *text = arg[*p - '1'];
        if (text && safe) {
            text_escape(out, bytes_str(text));
        } else if (text) {
            build_str(out, text);
        }
    }
}

enum lang lang_by_name(const char *name)
{
    if (!name) {
        return LANG_VI;
    }
    bool vi = ascii_lower(name[0]) == 'v' && ascii_lower(name[1]) == 'i';
    return vi && (name[2] == '\0' || name[2] == '_' || name[2] == '-' || name[2] == '.') ? LANG_VI : LANG_EN;
}
