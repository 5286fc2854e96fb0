#include <base/err.h>
#include <base/limits.h>
#include <base/watch.h>

int watch_poll(struct watch *w, size_t work, sign_err *err)
{
    if (!w || !w->look) {
        return SIGN_OK;
    }
    if (work < LIMIT_WATCH_BYTES && w->owed < LIMIT_WATCH_BYTES - work) {
        w->owed += work;
        return SIGN_OK;
    }
    w->owed = 0;
    int rc = w->look(w->payload);
    switch (rc) {
    case SIGN_OK:
        return SIGN_OK;
    case SIGN_E_TIMEOUT:
        return err_set(err, rc, SIGN_NO_OFFSET, NULL, "the deadline passed before the work was done");
    case SIGN_E_CANCELLED:
        return err_set(err, rc, SIGN_NO_OFFSET, NULL, "cancelled");
    default:
        return err_set(err, rc, SIGN_NO_OFFSET, NULL, "stopped with status %s", sign_status_name(rc));
    }
}
