// SPDX-License-Identifier: Apache-2.0

/// Turns a Packages file into its binary form.
struct PackagesIndexBuilder {
    private let name: String
    private let architecture: [UInt8]
    private var names = Interner(capacity: 150_000)
    private var versions = Interner(capacity: 100_000)
    private var alternativeTexts = Interner(capacity: 150_000)
    private var alternatives: [UInt32] = []
    private var relations: [UInt32] = []
    private var provides: [UInt32] = []
    private var stanzas: [UInt32] = []
    private var details: [UInt8] = []

    /// - Parameters:
    ///   - name: what the file is called in messages.
    ///   - architecture: stanzas of another one, but for `all`, are passed over.
    init(name: String, architecture: String) {
        self.name = name
        self.architecture = Array(architecture.utf8)
    }

    /// Reads a whole Packages file and writes its binary form to `output`.
    ///
    /// - Throws: `malformed-index` naming the package; `write-failed`.
    static func build(
        _ text: UnsafeBufferPointer<UInt8>,
        name: String,
        architecture: String,
        to output: String
    ) throws(DebianError) {
        guard text.count <= IndexFormat.packagesLimit else {
            throw DebianError("malformed-index", "\(name) has more than \(IndexFormat.packagesLimit) bytes")
        }
        var builder = PackagesIndexBuilder(name: name, architecture: architecture)
        builder.details.reserveCapacity(text.count / 3)
        var scanner = StanzaScanner(text)
        while scanner.next() { try builder.add(scanner, text) }
        try builder.write(to: output)
    }

    // MARK: Stanzas

    private mutating func add(_ stanza: borrowing StanzaScanner, _ text: UnsafeBufferPointer<UInt8>) throws(DebianError)
    {
        let package = stanza[.package]
        let version = stanza[.version]
        guard !package.isEmpty, !version.isEmpty, package.count <= 1_000, version.count <= 1_000 else {
            throw malformed("it has a stanza without Package or Version", before: stanza.position)
        }
        let ownArchitecture = stanza[.architecture]
        let isAll = ownArchitecture.elementsEqual("all".utf8)
        guard isAll || ownArchitecture.elementsEqual(architecture) else { return }
        for field in [StanzaScanner.Field.filename, .size, .sha256] where stanza[field].isEmpty {
            throw malformed("\(string(package)) \(string(version)) has no \(field == .sha256 ? "SHA256" : "\(field)")")
        }

        let nameID = names.intern(package).id
        let versionID = versions.intern(version).id
        var flags: UInt32 = isAll ? IndexFormat.Flag.architectureAll : 0
        // apt takes itself for essential, so that the resolver never removes it; it matters for the order of providers.
        let isApt = package.elementsEqual("apt".utf8)
        if isYes(stanza[.essential]) || isApt { flags |= IndexFormat.Flag.essential }
        if isYes(stanza[.important]) || isYes(stanza[.protected]) || isApt { flags |= IndexFormat.Flag.important }
        let multiArch = stanza[.multiArch]
        let isForeign = multiArch.elementsEqual("foreign".utf8)
        let isAllowed = multiArch.elementsEqual("allowed".utf8)
        if isForeign { flags |= IndexFormat.Flag.multiArchForeign }
        if isAllowed { flags |= IndexFormat.Flag.multiArchAllowed }
        if multiArch.elementsEqual("same".utf8) { flags |= IndexFormat.Flag.multiArchSame }
        flags |= priority(stanza[.priority]) << IndexFormat.Flag.priorityShift

        let relationStart = relations.count
        for kind in RelationKind.allCases {
            guard
                let field = StanzaScanner.Field(rawValue: StanzaScanner.Field.preDepends.rawValue + Int(kind.rawValue))
            else { continue }
            let value = stanza[field]
            if !value.isEmpty { try add(kind, value, of: package) }
        }
        let provideStart = provides.count / 2
        try addProvides(
            stanza[.provides],
            of: package,
            nameID,
            version,
            versionID,
            ownArchitecture,
            isForeign: isForeign,
            isAllowed: isAllowed
        )

        let source = sourceName(stanza[.source])
        let detailStart = details.count
        for line in stanza.details {
            details.append(contentsOf: text[line])
            details.append(0x0A)
        }
        guard details.count <= Int(UInt32.max), relations.count <= Int(UInt32.max) else {
            throw malformed("it is too large")
        }
        stanzas += [
            nameID, versionID, flags, UInt32(relationStart), UInt32(relations.count - relationStart),
            UInt32(detailStart),
            UInt32(details.count - detailStart), source.name.isEmpty ? nameID : names.intern(source.name).id,
            source.version.isEmpty ? versionID : versions.intern(source.version).id, UInt32(provideStart),
            UInt32(provides.count / 2 - provideStart),
        ]
    }

    private mutating func add(
        _ kind: RelationKind,
        _ value: UnsafeBufferPointer<UInt8>,
        of package: UnsafeBufferPointer<UInt8>
    ) throws(DebianError) {
        let head = relations.count
        relations.append(0)
        var reader = RelationReader(value)
        while let (text, continues) = reader.next() {
            let (id, isNew) = alternativeTexts.intern(text)
            if isNew {
                guard let parsed = RelationReader.parse(text), parsed.name.count <= 1_000, parsed.version.count <= 1_000
                else {
                    throw malformed("\(string(package)): '\(string(text).prefix(80))' is not a relation")
                }
                alternatives.append(names.intern(parsed.name).id)
                alternatives.append(parsed.version.isEmpty ? 0 : versions.intern(parsed.version).id + 1)
                alternatives.append(parsed.comparison.rawValue)
            }
            relations.append(id << 1 | (continues ? 1 : 0))
        }
        let entries = relations.count - head - 1
        guard entries < 1 << 24 else { throw malformed("\(string(package)) has too many relations") }
        // A trailing `|` has nothing after it.
        if entries > 0 { relations[relations.count - 1] &= ~1 }
        relations[head] = UInt32(kind.rawValue) << 24 | UInt32(entries)
    }

    /// Notes what a package provides, and what its Multi-Arch field implies: an `allowed` package satisfies `name:any`.
    private mutating func addProvides(
        _ value: UnsafeBufferPointer<UInt8>,
        of package: UnsafeBufferPointer<UInt8>,
        _ nameID: UInt32,
        _ version: UnsafeBufferPointer<UInt8>,
        _ versionID: UInt32,
        _ ownArchitecture: UnsafeBufferPointer<UInt8>,
        isForeign: Bool,
        isAllowed: Bool
    ) throws(DebianError) {
        var reader = RelationReader(value)
        while let (text, _) = reader.next() {
            guard let parsed = RelationReader.parse(text) else {
                throw malformed("\(string(package)): '\(string(text).prefix(80))' is not a Provides")
            }
            // Only `=` makes sense; apt passes over the rest as well.
            guard parsed.comparison == .any || parsed.comparison == .equal else { continue }
            let provided = parsed.version.isEmpty ? 0 : versions.intern(parsed.version).id + 1
            let target = names.intern(parsed.name).id
            if let colon = parsed.name.lastIndex(of: UInt8(ascii: ":")) {
                provides += [target, provided]
                let suffix = UnsafeBufferPointer(rebasing: parsed.name[(colon + 1)...])
                if suffix.elementsEqual(ownArchitecture) || suffix.elementsEqual(architecture) {
                    provides += [names.intern(UnsafeBufferPointer(rebasing: parsed.name[..<colon])).id, provided]
                }
                continue
            }
            if isAllowed { provides += [anyArchitecture(parsed.name), provided] }
            // A package need not provide itself; apt keeps it where the package is Multi-Arch: foreign.
            if target == nameID, !isForeign, provided == 0 || provided == versionID + 1 { continue }
            provides += [target, provided]
        }
        if isAllowed { provides += [anyArchitecture(package), versionID + 1] }
    }

    private mutating func anyArchitecture(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let text = Array(name) + Array(":any".utf8)
        return text.withUnsafeBufferPointer { names.intern($0).id }
    }

    /// `Source: name (version)`.
    private func sourceName(_ value: UnsafeBufferPointer<UInt8>) -> (
        name: UnsafeBufferPointer<UInt8>, version: UnsafeBufferPointer<UInt8>
    ) {
        let none = UnsafeBufferPointer(rebasing: value[0..<0])
        guard let space = value.firstIndex(of: 0x20) else { return (value, none) }
        let name = UnsafeBufferPointer(rebasing: value[..<space])
        guard let open = value[space...].firstIndex(of: UInt8(ascii: "(")),
            let close = value[open...].firstIndex(of: UInt8(ascii: ")"))
        else { return (name, none) }
        return (name, UnsafeBufferPointer(rebasing: value[(open + 1)..<close]))
    }

    private func isYes(_ value: UnsafeBufferPointer<UInt8>) -> Bool { value.elementsEqual("yes".utf8) }

    private func priority(_ value: UnsafeBufferPointer<UInt8>) -> UInt32 {
        guard let first = value.first else { return 0 }
        switch first {
        case UInt8(ascii: "r"): return 1
        case UInt8(ascii: "i"): return 2
        case UInt8(ascii: "s"): return 3
        case UInt8(ascii: "o"): return 4
        default: return 5
        }
    }

    private func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func malformed(_ what: String, before position: Int? = nil) -> DebianError {
        let place = position.map { " (before byte \($0))" } ?? ""
        return DebianError(
            "malformed-index",
            "\(name)\(place): \(what)",
            hint: "the repository published a broken index; tell its owner"
        )
    }

    // MARK: Writing

    private mutating func write(to output: String) throws(DebianError) {
        let stanzaCount = stanzas.count / IndexFormat.StanzaWord.allCases.count
        let named = group(stanzaCount) { Int(stanzas[$0 * IndexFormat.StanzaWord.allCases.count]) }
        let sources = group(stanzaCount) {
            Int(stanzas[$0 * IndexFormat.StanzaWord.allCases.count + IndexFormat.StanzaWord.source.rawValue])
        }
        var providers = [UInt32](repeating: 0, count: provides.count)
        let providing = group(provides.count / 2) { Int(provides[$0 * 2]) }
        var ownerOf = [UInt32](repeating: 0, count: provides.count / 2)
        for stanza in 0..<stanzaCount {
            let base = stanza * IndexFormat.StanzaWord.allCases.count
            let start = Int(stanzas[base + IndexFormat.StanzaWord.provides.rawValue])
            let count = Int(stanzas[base + IndexFormat.StanzaWord.provideCount.rawValue])
            for index in start..<start + count { ownerOf[index] = UInt32(stanza) }
        }
        for (position, index) in providing.members.enumerated() {
            providers[position * 2] = ownerOf[Int(index)]
            providers[position * 2 + 1] = provides[Int(index) * 2 + 1]
        }

        var writer = IndexWriter()
        writer.add(.names, names.entries)
        writer.add(.nameBytes, names.bytes)
        writer.add(.nameTable, names.slots)
        writer.add(.versions, versions.entries)
        writer.add(.versionBytes, versions.bytes)
        writer.add(.stanzas, stanzas)
        writer.add(.alternatives, alternatives)
        writer.add(.relations, relations)
        writer.add(.provides, provides)
        writer.add(.namedStarts, named.starts)
        writer.add(.namedStanzas, named.members)
        writer.add(.providerStarts, providing.starts)
        writer.add(.providers, providers)
        writer.add(.sourceStarts, sources.starts)
        writer.add(.sourceMembers, sources.members)
        writer.add(.details, details)
        try writer.write(to: output)
    }

    /// Groups the numbers below `count` by name, in their order.
    private func group(_ count: Int, by name: (Int) -> Int) -> (starts: [UInt32], members: [UInt32]) {
        var starts = [UInt32](repeating: 0, count: names.count + 1)
        for index in 0..<count { starts[name(index) + 1] += 1 }
        for index in 0..<names.count { starts[index + 1] += starts[index] }
        var next = starts
        var members = [UInt32](repeating: 0, count: count)
        for index in 0..<count {
            let group = name(index)
            members[Int(next[group])] = UInt32(index)
            next[group] += 1
        }
        return (starts, members)
    }
}
