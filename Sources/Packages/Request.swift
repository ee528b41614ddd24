// SPDX-License-Identifier: Apache-2.0

/// What a definition asks of a resolver, in order.
package struct Request: Hashable, Sendable {
    /// A wanted package: a name, and an exact version when pinned (`name=version`).
    package struct Want: Hashable, Sendable {
        package var name: String
        package var version: String?
        package init(_ name: String, version: String? = nil) {
            self.name = name
            self.version = version
        }
    }

    package var wants: [Want]
    /// `!name` entries: such a package is no candidate, unless it is wanted by name as well.
    package var vetoes: [String]
    /// How a dependency is treated whose every candidate is vetoed: dropped and recorded, or (strict) an error, as apt
    /// and apk have it.
    package var isStrict: Bool

    package init(wants: [Want], vetoes: [String] = [], isStrict: Bool = false) {
        self.wants = wants
        self.vetoes = vetoes
        self.isStrict = isStrict
    }

    /// Reads `contents.packages` entries: `name`, `name=version`, `!name`.
    package init(entries: [String], isStrict: Bool = false) {
        self.init(wants: [], vetoes: [], isStrict: isStrict)
        for entry in entries {
            if entry.hasPrefix("!") {
                vetoes.append(String(entry.dropFirst()))
            } else if let equals = entry.firstIndex(of: "=") {
                wants.append(Want(String(entry[..<equals]), version: String(entry[entry.index(after: equals)...])))
            } else {
                wants.append(Want(entry))
            }
        }
    }
}
