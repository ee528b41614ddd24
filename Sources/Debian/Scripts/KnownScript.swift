// SPDX-License-Identifier: Apache-2.0

/// What is known about a hand-written script: by which package it is, its text when it was read, and what was done about
/// it. A script that says anything else is unknown again.
package struct KnownScript: Sendable {
    /// The package's name; `*` stands for a version in it.
    package var package: String
    package var member: String
    /// `ScriptFingerprint`s, one for each text that was read: of Debian 12, of Debian 13, of each version in a name.
    package var fingerprints: Set<String>
    /// The effects that do the same.
    package var effects: [String]
    /// Why the rest is left out; empty when nothing is.
    package var reason: String

    package init(
        _ package: String,
        _ member: String,
        _ fingerprints: [String],
        by effects: [String] = [],
        _ reason: String = ""
    ) {
        self.package = package
        self.member = member
        self.fingerprints = Set(fingerprints)
        self.effects = effects
        self.reason = reason
    }

    /// Whether it is about this script, whatever the script says.
    func isAbout(_ script: MaintainerScript) -> Bool {
        member == script.member && Glob.matches(script.package, package)
    }
}
