// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
package import Packages

/// What a definition resolved to at one time: every package file by digest, and the signed indexes that said so.
///
/// With a lock the network is only a transport. The form is documented in docs/lock.md.
package struct Lock: Sendable {
    /// The form's number; another one is refused.
    static let version = 1

    /// One platform's answer.
    package struct PlatformLock: Sendable {
        package var platform: Platform
        package var indexes: [SignedIndex]
        package var resolution: Resolution

        package init(platform: Platform, indexes: [SignedIndex], resolution: Resolution) {
            self.platform = platform
            self.indexes = indexes
            self.resolution = resolution
        }
    }

    /// The definition's path as it was given, for people.
    package var definition: String
    /// SHA-256 over the definition's bytes and those of what it includes: another definition needs another lock.
    package var definitionDigest: Digest
    /// Sorted by platform.
    package var platforms: [PlatformLock]

    package init(definition: String, definitionDigest: Digest, platforms: [PlatformLock]) {
        self.definition = definition
        self.definitionDigest = definitionDigest
        self.platforms = platforms.sorted { $0.platform < $1.platform }
    }

    /// Where the lock of a definition lies: `13.yaml` has `13.lock.json`.
    package static func path(beside definition: String) -> String { stem(definition) + ".lock.json" }

    /// A definition's file name without its suffix.
    static func stem(_ file: String) -> String {
        for suffix in [".yaml", ".yml"] where file.hasSuffix(suffix) { return String(file.dropLast(suffix.count)) }
        return file
    }

    package subscript(_ platform: Platform) -> PlatformLock? { platforms.first { $0.platform == platform } }
}

extension Lock {
    package var json: JSON {
        [
            "basaltLock": .integer(Self.version),
            "definition": ["path": .string(definition), "digest": .string(definitionDigest.description)],
            "platforms": .array(
                platforms.map { lock in
                    [
                        "platform": .string(lock.platform.rawValue),
                        "indexes": .array(lock.indexes.map(\.json)),
                        "packages": .array(lock.resolution.selected.map(\.json)),
                        "dropped": .array(
                            lock.resolution.dropped.map {
                                ["package": .string($0.package), "clause": .string($0.clause)]
                            }
                        ),
                        "warnings": .strings(lock.resolution.warnings),
                    ]
                }
            ),
        ]
    }

    /// Reads what `json` writes.
    ///
    /// - Parameter path: for messages.
    package init(parsing bytes: [UInt8], path: String) throws {
        func fail(_ detail: String) -> BuildError {
            BuildError(
                "bad-lock",
                "the lock '\(path)' cannot be used: \(detail)",
                hint: "make it again with 'basalt lock'"
            )
        }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw fail("\(error)") }
        guard json["basaltLock"]?.int == Self.version else { throw fail("it is not a lock of form \(Self.version)") }
        guard let definition = json["definition"]?["path"]?.text,
            let digest = json["definition"]?["digest"]?.text.flatMap({ Digest($0) }),
            let platforms = json["platforms"]?.elements
        else { throw fail("it names no definition or no platforms") }
        self.init(
            definition: definition,
            definitionDigest: digest,
            platforms: try platforms.map { entry in
                guard let platform = entry["platform"]?.text.flatMap({ Platform(rawValue: $0) }),
                    let indexes = entry["indexes"]?.elements, let packages = entry["packages"]?.elements
                else { throw fail("a platform is incomplete") }
                return PlatformLock(
                    platform: platform,
                    indexes: try indexes.map {
                        guard let index = SignedIndex(json: $0) else { throw fail("an index is incomplete") }
                        return index
                    },
                    resolution: Resolution(
                        selected: try packages.map {
                            guard let selected = Resolution.Selected(json: $0) else {
                                throw fail(
                                    "the package '\($0["name"]?.text ?? "?")' is incomplete or has an unsafe path"
                                )
                            }
                            return selected
                        },
                        dropped: (entry["dropped"]?.elements ?? []).compactMap {
                            guard let package = $0["package"]?.text, let clause = $0["clause"]?.text else { return nil }
                            return Resolution.Dropped(package: package, clause: clause)
                        },
                        warnings: (entry["warnings"]?.elements ?? []).compactMap(\.text)
                    )
                )
            }
        )
    }
}
