// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Finds the definitions below paths.
///
/// A path that names a file is taken as it is. Below a folder, files that end in `.yaml` or `.yml` and look like a
/// definition count: catalogs keep other YAML beside them (descriptions, charts' values, templates). Hidden entries are
/// passed over, and links to folders are not followed, so that no loop can form.
package struct DefinitionFinder: Sendable {
    private let limits: ReadingLimits
    /// How deep folders may be nested, and how many files are looked at.
    private static let deepest = 64
    private static let mostFiles = 200_000

    package init(limits: ReadingLimits = .standard) { self.limits = limits }

    /// A file that was found.
    package struct Candidate: Sendable, Hashable {
        package var path: String
        /// Whether it was named, so that it counts whatever it looks like.
        package var isNamed: Bool
    }

    /// The candidates below paths, in byte order, each once.
    ///
    /// - Throws: `unreadable-file` for a path that does not exist, `too-many-files` beyond the bounds.
    package func candidates(below paths: [String]) throws(DefinitionError) -> [Candidate] {
        var found: [String: Bool] = [:]
        for path in paths {
            switch FileReading.kind(of: path, followingLinks: true) {
            case .directory:
                var count = 0
                try walk(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, 0, &count) { file in
                    if found[file] == nil { found[file] = false }
                }
            case .file, .other: found[path] = true
            case .link, nil:
                throw DefinitionError(.unreadable, path: path, detail: "it does not exist", hint: "check the spelling")
            }
        }
        return found.map { Candidate(path: $0.key, isNamed: $0.value) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private func walk(
        _ folder: String,
        _ depth: Int,
        _ count: inout Int,
        _ visit: (String) -> Void
    ) throws(DefinitionError) {
        guard depth <= Self.deepest else {
            throw DefinitionError(
                .tooMany,
                path: folder,
                detail: "folders are nested deeper than \(Self.deepest) levels"
            )
        }
        // A folder that vanished since it was listed, or may not be read, has no definitions for us.
        for name in FileReading.names(in: folder) ?? [] where !name.hasPrefix(".") {
            let path = folder == "/" ? "/" + name : folder + "/" + name
            switch FileReading.kind(of: path) {
            case .directory: try walk(path, depth + 1, &count, visit)
            case .file, .link:
                guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { continue }
                if FileReading.kind(of: path, followingLinks: true) == .directory { continue }
                count += 1
                guard count <= Self.mostFiles else {
                    throw DefinitionError(.tooMany, path: folder, detail: "more than \(Self.mostFiles)")
                }
                visit(path)
            case .other, nil: continue
            }
        }
    }

    /// Loads a candidate; nil for one that only lay in a folder and is no definition.
    package func load(_ candidate: Candidate, with loader: DefinitionLoader) -> DefinitionDocument? {
        let file: SourceFile
        do throws(FileReading.Refusal) {
            let bytes = try FileReading.bytes(of: candidate.path, limit: limits.bytes)
            file = SourceFile(path: candidate.path, bytes: bytes)
        } catch {
            return loader.load(path: candidate.path)
        }
        guard candidate.isNamed || Self.looksLikeDefinition(file.bytes) else { return nil }
        return loader.load(file)
    }

    /// Whether a text is meant to be a definition: its leading comments have a `syntax=` line, or at least two of its
    /// outermost keys are the language's.
    static func looksLikeDefinition(_ bytes: [UInt8]) -> Bool {
        var found: Set<String> = []
        var isLeading = true
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            guard let first = line.first else { continue }
            if first == UInt8(ascii: "#") {
                if isLeading, line.drop(while: { $0 == UInt8(ascii: "#") || $0 == 0x20 }).starts(with: "syntax=".utf8) {
                    return true
                }
                continue
            }
            isLeading = false
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
                return looksLikeDefinition(flow: bytes)
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon - line.startIndex <= 20 else { continue }
            let key = String(decoding: line[..<colon], as: UTF8.self)
            if rootKeys.contains(key), found.insert(key).inserted, found.count == 2 { return true }
        }
        return false
    }

    /// The same for a document in flow style or with quoted keys (JSON is YAML).
    private static func looksLikeDefinition(flow bytes: [UInt8]) -> Bool {
        var found: Set<String> = []
        for part in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") })
        where part.count <= 20 {
            let word = String(decoding: part, as: UTF8.self)
            if rootKeys.contains(word), found.insert(word).inserted, found.count == 3 { return true }
        }
        return false
    }

    private static let rootKeys = Set(Definition.fields.map(\.shape.name))
}
