/* The shortcut past Expat against Expat: bytes 0 to 2 say where windows end, the rest is the document. */
#include "../xml/told.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) return 0;
    size_t first = data[0] | (size_t)(data[1] & 3) << 8;
    if (!told_the_same(bytes_of(data + 3, size - 3), (size_t[]){ first, first + data[2] }, 2)) abort();
    return 0;
}
