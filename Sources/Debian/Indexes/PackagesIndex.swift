// SPDX-License-Identifier: Apache-2.0

/// One Packages file in its binary form, read where it lies.
///
/// Everything that is used as an offset or a number of something else is checked once, when the file is opened; after
/// that, no content of the file can lead outside of it.
final class PackagesIndex: Sendable {
    typealias Words = UnsafeBufferPointer<UInt32>

    private let file: MappedFile
    private nonisolated(unsafe) let names: Words
    private nonisolated(unsafe) let nameBytes: UnsafeBufferPointer<UInt8>
    private nonisolated(unsafe) let nameTable: Words
    private nonisolated(unsafe) let versions: Words
    private nonisolated(unsafe) let versionBytes: UnsafeBufferPointer<UInt8>
    private nonisolated(unsafe) let stanzas: Words
    private nonisolated(unsafe) let alternatives: Words
    private nonisolated(unsafe) let relations: Words
    private nonisolated(unsafe) let namedStarts: Words
    private nonisolated(unsafe) let namedStanzas: Words
    private nonisolated(unsafe) let providerStarts: Words
    private nonisolated(unsafe) let providers: Words
    private nonisolated(unsafe) let sourceStarts: Words
    private nonisolated(unsafe) let sourceMembers: Words
    private nonisolated(unsafe) let details: UnsafeBufferPointer<UInt8>

    let nameCount: Int
    let stanzaCount: Int
    let alternativeCount: Int

    /// - Throws: `damaged-index` when the file is not what `IndexWriter` writes.
    init(path: String) throws(DebianError) {
        file = try MappedFile(path)
        func damaged() -> DebianError {
            DebianError(
                "damaged-index",
                "the parsed index \(path) is damaged",
                hint: "remove the file; it is made again from the signed index"
            )
        }
        let bytes = file.bytes
        guard bytes.count >= IndexFormat.headerWords * 4, bytes.count % 4 == 0 else { throw damaged() }
        let all = bytes.bindMemory(to: UInt32.self)
        guard all[0] == IndexFormat.magic, Int(all[1]) == all.count else { throw damaged() }
        func raw(_ section: IndexFormat.Section) -> UnsafeRawBufferPointer? {
            let start = Int(all[2 + section.rawValue * 2]) * 4
            let length = Int(all[3 + section.rawValue * 2])
            guard start >= IndexFormat.headerWords * 4, start <= bytes.count, length <= bytes.count - start else {
                return nil
            }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        }
        func words(_ section: IndexFormat.Section) throws(DebianError) -> Words {
            guard let raw = raw(section), raw.count % 4 == 0 else { throw damaged() }
            return raw.bindMemory(to: UInt32.self)
        }
        func text(_ section: IndexFormat.Section) throws(DebianError) -> UnsafeBufferPointer<UInt8> {
            guard let raw = raw(section) else { throw damaged() }
            return raw.bindMemory(to: UInt8.self)
        }
        names = try words(.names)
        nameBytes = try text(.nameBytes)
        nameTable = try words(.nameTable)
        versions = try words(.versions)
        versionBytes = try text(.versionBytes)
        stanzas = try words(.stanzas)
        alternatives = try words(.alternatives)
        relations = try words(.relations)
        namedStarts = try words(.namedStarts)
        namedStanzas = try words(.namedStanzas)
        providerStarts = try words(.providerStarts)
        providers = try words(.providers)
        sourceStarts = try words(.sourceStarts)
        sourceMembers = try words(.sourceMembers)
        details = try text(.details)
        nameCount = names.count / 2
        stanzaCount = stanzas.count / Self.stanzaWords
        alternativeCount = alternatives.count / 3
        guard isSound() else { throw damaged() }
    }

    private static let stanzaWords = IndexFormat.StanzaWord.allCases.count

    // MARK: Reading

    func name(_ id: Int) -> UnsafeBufferPointer<UInt8> {
        let start = Int(names[id * 2])
        return UnsafeBufferPointer(rebasing: nameBytes[start..<start + Int(names[id * 2 + 1])])
    }

    func version(_ id: Int) -> UnsafeBufferPointer<UInt8> {
        let start = Int(versions[id * 2])
        return UnsafeBufferPointer(rebasing: versionBytes[start..<start + Int(versions[id * 2 + 1])])
    }

    /// The number of a name, if the index mentions it at all.
    func find(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
        let mask = nameTable.count - 1
        guard mask >= 0 else { return nil }
        var slot = Int(IndexFormat.hash(name)) & mask
        for _ in 0...mask {
            let found = nameTable[slot]
            if found == 0 { return nil }
            let candidate = self.name(Int(found) - 1)
            if candidate.count == name.count, candidate.elementsEqual(name) { return Int(found) - 1 }
            slot = (slot + 1) & mask
        }
        return nil
    }

    @inline(__always)
    func word(_ word: IndexFormat.StanzaWord, of stanza: Int) -> UInt32 {
        stanzas[stanza * Self.stanzaWords + word.rawValue]
    }

    func stanzas(named id: Int) -> Slice<Words> { namedStanzas[Int(namedStarts[id])..<Int(namedStarts[id + 1])] }

    func stanzas(ofSource id: Int) -> Slice<Words> { sourceMembers[Int(sourceStarts[id])..<Int(sourceStarts[id + 1])] }

    /// The providers of a name: `body` gets the stanza and the provided version's number, if it is versioned.
    @inline(__always)
    func forEachProvider(of id: Int, _ body: (_ stanza: Int, _ version: Int?) -> Void) {
        for index in Int(providerStarts[id])..<Int(providerStarts[id + 1]) {
            let version = providers[index * 2 + 1]
            body(Int(providers[index * 2]), version == 0 ? nil : Int(version) - 1)
        }
    }

    func hasProviders(_ id: Int) -> Bool { providerStarts[id] != providerStarts[id + 1] }

    /// Goes through a stanza's relations: `body` gets the kind and the entries' range in `entry(_:)`.
    @inline(__always)
    func forEachRelation(of stanza: Int, _ body: (RelationKind, Range<Int>) -> Void) {
        var position = Int(word(.relations, of: stanza))
        let end = position + Int(word(.relationWords, of: stanza))
        while position < end {
            let head = relations[position]
            let count = Int(head & 0xFF_FFFF)
            let entries = position + 1..<position + 1 + count
            if let kind = RelationKind(rawValue: UInt8(head >> 24)) {
                var start = entries.lowerBound
                while start < entries.upperBound {
                    var next = start
                    while relations[next] & 1 == 1 { next += 1 }
                    body(kind, start..<next + 1)
                    start = next + 1
                }
            }
            position = entries.upperBound
        }
    }

    /// The alternative at a place in the relations.
    @inline(__always)
    func alternative(at position: Int) -> Int { Int(relations[position] >> 1) }

    /// An alternative's target name, wanted version, if any, and operator.
    @inline(__always)
    func parts(of alternative: Int) -> (name: Int, version: Int?, comparison: RelationOperator) {
        let version = alternatives[alternative * 3 + 1]
        return (
            Int(alternatives[alternative * 3]), version == 0 ? nil : Int(version) - 1,
            RelationOperator(rawValue: alternatives[alternative * 3 + 2]) ?? .any
        )
    }

    func text(of alternative: Int) -> String {
        let parts = parts(of: alternative)
        let name = String(decoding: name(parts.name), as: UTF8.self)
        guard let version = parts.version, parts.comparison != .any else { return name }
        return "\(name) (\(parts.comparison.text) \(String(decoding: self.version(version), as: UTF8.self)))"
    }

    /// The fields that only the lock and the evidence need.
    func details(of stanza: Int) throws(DebianError) -> Stanza {
        let start = Int(word(.details, of: stanza))
        let bytes = Array(details[start..<start + Int(word(.detailBytes, of: stanza))])
        return try Stanza.parse(bytes, name: "the index").first ?? Stanza()
    }

    // MARK: Checking

    private func isSound() -> Bool {
        func isTable(_ entries: Words, _ bytes: Int) -> Bool {
            guard entries.count % 2 == 0 else { return false }
            for index in stride(from: 0, to: entries.count, by: 2)
            where Int(entries[index]) + Int(entries[index + 1]) > bytes {
                return false
            }
            return true
        }
        func isStarts(_ starts: Words, _ members: Int) -> Bool {
            guard starts.count == nameCount + 1, Int(starts[nameCount]) == members else { return false }
            for index in 0..<nameCount where starts[index] > starts[index + 1] { return false }
            return true
        }
        let versionCount = versions.count / 2
        guard isTable(names, nameBytes.count), isTable(versions, versionBytes.count),
            stanzas.count % Self.stanzaWords == 0, alternatives.count % 3 == 0, providers.count % 2 == 0,
            nameTable.count & (nameTable.count - 1) == 0,
            nameTable.allSatisfy({ $0 <= UInt32(nameCount) }),
            isStarts(namedStarts, namedStanzas.count), namedStanzas.allSatisfy({ $0 < UInt32(stanzaCount) }),
            isStarts(providerStarts, providers.count / 2),
            isStarts(sourceStarts, sourceMembers.count), sourceMembers.allSatisfy({ $0 < UInt32(stanzaCount) })
        else { return false }
        for index in stride(from: 0, to: providers.count, by: 2)
        where providers[index] >= UInt32(stanzaCount) || providers[index + 1] > UInt32(versionCount) { return false }
        for index in stride(from: 0, to: alternatives.count, by: 3)
        where alternatives[index] >= UInt32(nameCount) || alternatives[index + 1] > UInt32(versionCount) {
            return false
        }
        for stanza in 0..<stanzaCount where !isSound(stanza: stanza, versionCount: versionCount) { return false }
        return true
    }

    private func isSound(stanza: Int, versionCount: Int) -> Bool {
        guard Int(word(.name, of: stanza)) < nameCount, Int(word(.version, of: stanza)) < versionCount,
            Int(word(.source, of: stanza)) < nameCount, Int(word(.sourceVersion, of: stanza)) < versionCount,
            Int(word(.details, of: stanza)) + Int(word(.detailBytes, of: stanza)) <= details.count
        else { return false }
        var position = Int(word(.relations, of: stanza))
        let end = position + Int(word(.relationWords, of: stanza))
        guard end <= relations.count else { return false }
        while position < end {
            let count = Int(relations[position] & 0xFF_FFFF)
            guard position + 1 + count <= end else { return false }
            for entry in position + 1..<position + 1 + count where Int(relations[entry] >> 1) >= alternativeCount {
                return false
            }
            // The last entry ends its group, so that the walk over `|` stays inside.
            if count > 0, relations[position + count] & 1 == 1 { return false }
            position += 1 + count
        }
        return true
    }
}
