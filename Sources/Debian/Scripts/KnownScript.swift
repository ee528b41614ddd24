// SPDX-License-Identifier: Apache-2.0

/// What is known about a hand-written script: by which package it is, and every command in it that changes something and
/// that no general rule covers. A script that does anything else is unknown again.
package struct KnownScript: Sendable {
    /// The package's name; `*` stands for a version in it.
    package var package: String
    package var member: String
    /// Commands as `CommandVocabulary` names what it does not know, `> path` for output to a file.
    package var commands: Set<String>
    /// The effects that do the same.
    package var effects: [String]
    /// Why the rest is left out; empty when nothing is.
    package var reason: String

    package init(
        _ package: String,
        _ member: String,
        _ commands: [String],
        by effects: [String] = [],
        _ reason: String = ""
    ) {
        self.package = package
        self.member = member
        self.commands = Set(commands)
        self.effects = effects
        self.reason = reason
    }
}
