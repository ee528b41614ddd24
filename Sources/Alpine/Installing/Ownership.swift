// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Who keeps what two packages ship (apk-package(5), "replaces").
enum Ownership {
    enum Verdict { case keepsExisting, newOneWins, conflict }

    /// For a file: a package that replaces the other wins, by priority where both do; of one source, the later one.
    static func file(existing: InstalledApk, new: InstalledApk) -> Verdict {
        func priority(_ a: InstalledApk, over b: InstalledApk) -> Int {
            let replaces = a.info.replaces.contains { relation in
                guard relation.name == b.name, !relation.isConflict else { return false }
                guard let version = relation.version else { return true }
                if relation.comparison == .checksum {
                    return Checksum(version.bytes)?.digest.bytes.prefix(20) == b.entry.checksum.digest.bytes.prefix(20)
                }
                return b.entry.version.satisfies(relation.comparison, version)
            }
            return replaces ? a.info.replacesPriority : -1
        }
        let existingPriority = priority(existing, over: new)
        let newPriority = priority(new, over: existing)
        if existingPriority > newPriority { return .keepsExisting }
        if newPriority >= 0 { return .newOneWins }
        if !existing.entry.origin.isEmpty && existing.entry.origin == new.entry.origin { return .newOneWins }
        return .conflict
    }

    /// For a directory's mode and owner: the higher priority, else the package that gives its source the name, else the
    /// first by name.
    static func directoryBelongs(to new: InstalledApk, before existing: InstalledApk) -> Bool {
        let (a, b) = (existing.info.replacesPriority, new.info.replacesPriority)
        if a != b { return b > a }
        if !existing.entry.origin.isEmpty && existing.entry.origin == new.entry.origin {
            if existing.entry.origin == existing.name { return false }
            if new.entry.origin == new.name { return true }
        }
        return new.name.utf8.lexicographicallyPrecedes(existing.name.utf8)
    }
}
