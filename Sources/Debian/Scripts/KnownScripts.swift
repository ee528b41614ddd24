// SPDX-License-Identifier: Apache-2.0

/// Hand-written scripts of Debian 12 and 13 that do more than the general rules know. Each was read; what those of
/// the differential trees leave behind is compared with the real scripts' result (docs/effects.md). Their fingerprints are
/// printed by the tests' `ScriptSurvey`.
package enum KnownScripts {
    package static let table: [KnownScript] = essential + runtimes + services + desktop + upgrades

    static let upgrade = "the rest is for upgrades and does nothing on a fresh installation"
    static let byteCode = "Python byte code is not made, since that would mean to run the image's Python"
}
