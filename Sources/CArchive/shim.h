// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

// archive_set_error is variadic, which Swift does not import.
static inline void archive_set_error_message(struct archive *archive, const char *message) {
    archive_set_error(archive, -1, "%s", message);
}
