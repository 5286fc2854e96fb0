#include <pdf/object.h>

const struct pdf_obj *pdf_dict_get(const struct pdf_obj *dict, const char *key)
{
    if (dict == NULL || (dict->kind != PDF_DICT && dict->kind != PDF_STREAM)) {
        return NULL;
    }
    for (size_t i = dict->u.dict.n; i > 0; i--) {
        if (bytes_are(dict->u.dict.entries[i - 1].key, key)) {
            return &dict->u.dict.entries[i - 1].value;
        }
    }
    return NULL;
}

bool pdf_is_name(const struct pdf_obj *obj, const char *name)
{
    return obj != NULL && obj->kind == PDF_NAME && bytes_are(obj->u.bytes, name);
}

const char *pdf_kind_name(enum pdf_kind kind)
{
    static const char *const names[] = { "null",   "boolean", "integer",    "real",   "name",
                                         "string", "array",   "dictionary", "stream", "reference" };
    return names[kind];
}
