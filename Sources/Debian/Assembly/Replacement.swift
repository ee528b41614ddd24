// SPDX-License-Identifier: Apache-2.0

/// The `Replaces` field of a package: whose files it may take over (Debian Policy 7.6.1).
package struct Replacement: Sendable {
    private struct Clause: Sendable {
        var name: String
        var relation: String
        var version: String
    }

    private let clauses: [Clause]

    package init(parsing field: String?) {
        var clauses: [Clause] = []
        for part in (field ?? "").split(separator: ",") {
            let words = part.split { $0 == " " || $0 == "(" || $0 == ")" || $0 == "\n" || $0 == "\t" }.map(String.init)
            guard let first = words.first else { continue }
            let name = first.split(separator: ":").first.map(String.init) ?? first
            var relation = ""
            var version = ""
            for word in words.dropFirst() {
                let sign = word.prefix { "<>=".contains($0) }
                if !sign.isEmpty { relation = String(sign) }
                let rest = word.dropFirst(sign.count)
                if !rest.isEmpty { version = String(rest) }
            }
            clauses.append(Clause(name: name, relation: relation, version: version))
        }
        self.clauses = clauses
    }

    /// Whether files of that package, in that version, may be overwritten.
    package func covers(_ name: String, _ version: String) -> Bool {
        clauses.contains { clause in
            guard clause.name == name else { return false }
            guard !clause.version.isEmpty else { return true }
            let order = PackagedVersion.compare(version, clause.version)
            switch clause.relation {
            case "<<": return order < 0
            case "<=", "<": return order <= 0
            case "=": return order == 0
            case ">=", ">": return order >= 0
            case ">>": return order > 0
            default: return false
            }
        }
    }
}

/// Compares versions as `deb-version(7)` says; for relations between packages that are installed already.
enum PackagedVersion {
    static func compare(_ a: String, _ b: String) -> Int {
        let (epochA, upstreamA, revisionA) = parts(a)
        let (epochB, upstreamB, revisionB) = parts(b)
        if epochA != epochB { return epochA < epochB ? -1 : 1 }
        let order = part(upstreamA, upstreamB)
        return order != 0 ? order : part(revisionA, revisionB)
    }

    private static func parts(_ version: String) -> (Int, [UInt8], [UInt8]) {
        var bytes = Array(version.utf8)[...]
        var epoch = 0
        if let colon = bytes.firstIndex(of: 0x3A) {
            epoch = Int(String(decoding: bytes[..<colon], as: UTF8.self)) ?? 0
            bytes = bytes[(colon + 1)...]
        }
        guard let dash = bytes.lastIndex(of: 0x2D) else { return (epoch, Array(bytes), []) }
        return (epoch, Array(bytes[..<dash]), Array(bytes[(dash + 1)...]))
    }

    private static func part(_ a: [UInt8], _ b: [UInt8]) -> Int {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        func weight(_ bytes: [UInt8], _ index: Int) -> Int {
            guard index < bytes.count else { return 0 }
            let byte = bytes[index]
            if isDigit(byte) { return 0 }
            if byte == 0x7E { return -1 }
            return (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) ? Int(byte) : Int(byte) + 256
        }
        var i = 0
        var j = 0
        while i < a.count || j < b.count {
            while (i < a.count && !isDigit(a[i])) || (j < b.count && !isDigit(b[j])) {
                let difference = weight(a, i) - weight(b, j)
                if difference != 0 { return difference }
                i += 1
                j += 1
            }
            func number(_ bytes: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
                while index < bytes.count, bytes[index] == 0x30 { index += 1 }
                let start = index
                while index < bytes.count, isDigit(bytes[index]) { index += 1 }
                return bytes[start..<index]
            }
            let x = number(a, &i)
            let y = number(b, &j)
            if x.count != y.count { return x.count - y.count }
            if x != y { return x.lexicographicallyPrecedes(y) ? -1 : 1 }
        }
        return 0
    }
}
