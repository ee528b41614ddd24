// SPDX-License-Identifier: Apache-2.0
// System calls that Swift's Glibc module leaves out: it is compiled without _GNU_SOURCE.
#ifndef BASALT_CLINUX_H
#define BASALT_CLINUX_H

extern int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags);

/// Swaps two paths in one step (renameat2(2), RENAME_EXCHANGE); 0, or -1 with errno.
static inline int basalt_exchange(const char *a, const char *b) {
    return renameat2(-100 /* AT_FDCWD */, a, -100, b, 2 /* RENAME_EXCHANGE */);
}

#endif
