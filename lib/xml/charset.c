#include <base/cleanup.h>
#include <base/text.h>
#include <xml/charset.h>

/*
 * Windows-1258 from 0x80 on, 0 where it has no character. Made by
 *     for b in 80 … FF: printf '\xBB' | iconv -f CP1258 -t UTF-16BE
 * one byte at a time: the tone marks CC, D2, DE, EC, F2 are characters of their own, as .NET and Java read them.
 * (iconv itself joins a letter and the mark behind it, and so does xmlsec1 with it: C14N 1.0 2.1 asks for that, but
 * nothing that signs in this encoding does it.)
 */
static const uint16_t windows_1258[128] = {
    0x20AC, 0x0000, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0000, 0x2039, 0x0152, 0x0000, 0x0000, 0x0000,
    0x0000, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0000, 0x203A, 0x0153, 0x0000, 0x0000, 0x0178,
    0x00A0, 0x00A1, 0x00A2, 0x00A3, 0x00A4, 0x00A5, 0x00A6, 0x00A7,
    0x00A8, 0x00A9, 0x00AA, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF,
    0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6, 0x00B7,
    0x00B8, 0x00B9, 0x00BA, 0x00BB, 0x00BC, 0x00BD, 0x00BE, 0x00BF,
    0x00C0, 0x00C1, 0x00C2, 0x0102, 0x00C4, 0x00C5, 0x00C6, 0x00C7,
    0x00C8, 0x00C9, 0x00CA, 0x00CB, 0x0300, 0x00CD, 0x00CE, 0x00CF,
    0x0110, 0x00D1, 0x0309, 0x00D3, 0x00D4, 0x01A0, 0x00D6, 0x00D7,
    0x00D8, 0x00D9, 0x00DA, 0x00DB, 0x00DC, 0x01AF, 0x0303, 0x00DF,
    0x00E0, 0x00E1, 0x00E2, 0x0103, 0x00E4, 0x00E5, 0x00E6, 0x00E7,
    0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0301, 0x00ED, 0x00EE, 0x00EF,
    0x0111, 0x00F1, 0x0323, 0x00F3, 0x00F4, 0x01A1, 0x00F6, 0x00F7,
    0x00F8, 0x00F9, 0x00FA, 0x00FB, 0x00FC, 0x01B0, 0x20AB, 0x00FF,
};

static const char several[] = "programs do not agree on its tables; the document has to be made in UTF-8";
static const struct { const char *name; const uint16_t *table; const char *why; } charsets[] = {
    { "windows-1258", windows_1258, NULL }, { "cp1258", windows_1258, NULL },
    { "TCVN3", NULL, several },             { "TCVN", NULL, several },        { "TCVN-5712", NULL, several },
    { "TCVN5712-1", NULL, several },        { "x-viet-tcvn", NULL, several }, { "ABC", NULL, several },
    { "VISCII", NULL, several },            { "x-viet-viscii", NULL, several }, { "VNI", NULL, several },
    { "x-viet-vni", NULL, several },        { "VPS", NULL, several },         { "x-viet-vps", NULL, several },
};

bool charset_map(sign_bytes name, int map[256], const char **why)
{
    *why = NULL;
    for (size_t i = 0; i < COUNT(charsets); i++) {
        if (!ascii_equal_nocase(name, bytes_str(charsets[i].name))) continue;
        *why = charsets[i].why;
        for (int byte = 0; charsets[i].table && byte < 256; byte++) {
            uint16_t c = byte < 128 ? (uint16_t)byte : charsets[i].table[byte - 128];
            map[byte] = byte < 128 || c ? c : -1;
        }
        return charsets[i].table != NULL;
    }
    return false;
}
