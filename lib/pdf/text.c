#include <base/text.h>
#include <pdf/text.h>

/* ISO 32000-2 annex D.3, where PDFDocEncoding differs from Latin-1. */
static const uint16_t from_18[] = { 0x02D8, 0x02C7, 0x02C6, 0x02D9, 0x02DD, 0x02DB, 0x02DA, 0x02DC };
static const uint16_t from_80[] = { 0x2022, 0x2020, 0x2021, 0x2026, 0x2014, 0x2013, 0x0192, 0x2044, 0x2039,
                                    0x203A, 0x2212, 0x2030, 0x201E, 0x201C, 0x201D, 0x2018, 0x2019, 0x201A,
                                    0x2122, 0xFB01, 0xFB02, 0x0141, 0x0152, 0x0160, 0x0178, 0x017D, 0x0131,
                                    0x0142, 0x0153, 0x0161, 0x017E, 0xFFFD, 0x20AC };

static uint32_t character(uint8_t byte)
{
    if (byte >= 0x18 && byte <= 0x1F) {
        return from_18[byte - 0x18];
    }
    if (byte >= 0x80 && byte <= 0xA0) {
        return from_80[byte - 0x80];
    }
    return byte == 0x7F || byte == 0xAD ? 0xFFFD : byte;
}

bool pdf_doc_byte(uint32_t wanted, uint8_t *out)
{
    for (unsigned byte = 0; byte < 256 && wanted != 0xFFFD; byte++) {
        if (character((uint8_t)byte) == wanted) {
            *out = (uint8_t)byte;
            return true;
        }
    }
    return false;
}

void pdf_text(struct build *out, sign_bytes raw)
{
    if (bytes_start(raw, BYTES_LIT("\xFE\xFF")) || bytes_start(raw, BYTES_LIT("\xFF\xFE"))) {
        utf8_from_utf16(out, bytes_slice(raw, 2, SIZE_MAX), raw.ptr[0] == 0xFE);
    } else if (bytes_start(raw, BYTES_LIT("\xEF\xBB\xBF"))) {
        utf8_repair(out, bytes_slice(raw, 3, SIZE_MAX));
    } else {
        for (size_t i = 0; i < raw.len; i++) {
            build_utf8(out, character(raw.ptr[i]));
        }
    }
}
