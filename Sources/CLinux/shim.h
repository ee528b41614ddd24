// SPDX-License-Identifier: Apache-2.0
// System calls that Swift's Glibc module leaves out: it is compiled without _GNU_SOURCE.
#ifndef BASALT_CLINUX_H
#define BASALT_CLINUX_H

#include <sys/prctl.h>
#include <sys/socket.h>

extern int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags);

/// Swaps two paths in one step (renameat2(2), RENAME_EXCHANGE); 0, or -1 with errno.
static inline int basalt_exchange(const char *a, const char *b) {
    return renameat2(-100 /* AT_FDCWD */, a, -100, b, 2 /* RENAME_EXCHANGE */);
}

/// Who is at the other end of a Unix socket, by the kernel's word (unix(7), `struct ucred`).
struct basalt_peer {
    int pid;
    unsigned int uid;
    unsigned int gid;
};

/// Asks SO_PEERCRED; 0, or -1 with errno.
static inline int basalt_peer_of(int socket, struct basalt_peer *peer) {
    socklen_t length = sizeof(*peer);
    return getsockopt(socket, SOL_SOCKET, 17 /* SO_PEERCRED */, peer, &length);
}

/// Keeps other processes of the same user from attaching to this one, and its memory out of core files (prctl(2),
/// PR_SET_DUMPABLE); 0, or -1 with errno.
static inline int basalt_seal_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

#endif
