/* What the faulty module counts, had by dlsym of faulty_state. */
#ifndef FAULTY_P11_H
#define FAULTY_P11_H

#include <p11-kit/pkcs11.h>

struct faulty_state {
    unsigned tries;             /* left */
    unsigned initialized, finalized, sessions, rw_sessions, closed, closed_all, token_infos, logins, pad_logins, logouts, signs;
};
struct faulty_state *faulty_state(void);

#endif
