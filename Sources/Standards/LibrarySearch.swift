// SPDX-License-Identifier: Apache-2.0

internal import Executables
internal import FileTree
internal import OCI

/// Where an image's dynamic loader looks for libraries.
struct LibrarySearch {
    private let image: TestedImage
    /// Names in `/etc/ld.so.cache` whose files are there.
    private var cached: Set<String> = []
    private var directories: [String] = []
    private let triplet: String

    init(_ image: TestedImage) throws {
        self.image = image
        switch image.configuration.platform.architecture {
        case "amd64": triplet = "x86_64-linux-gnu"
        case "arm64": triplet = "aarch64-linux-gnu"
        default: triplet = image.configuration.platform.architecture + "-linux-gnu"
        }
        let machine = String(triplet.prefix { $0 != "-" })
        if image.file(at: "lib/ld-musl-\(machine).so.1") != nil {
            // musl ldso/dynlink.c: the file replaces the default.
            let text = try image.text(at: "etc/ld-musl-\(machine).path", limit: 1 << 16)
            directories +=
                text?.split { $0 == ":" || $0.isNewline }.map(String.init) ?? ["/lib", "/usr/local/lib", "/usr/lib"]
        }
        directories += ["/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib", "/usr/lib"]
        if let file = image.file(at: "etc/ld.so.cache"), let bytes = try image.bytes(of: file.content, limit: 16 << 20)
        {
            for (name, path) in Self.cache(bytes) where image.file(at: path) != nil { cached.insert(name) }
        }
    }

    /// Whether the loader finds a library that `file` needs.
    func finds(_ name: String, for file: ELFFile, at path: TreePath) -> Bool {
        if name.contains("/") { return image.file(at: name) != nil }
        let own = (file.runpath.isEmpty ? file.rpath : file.runpath).map { expanded($0, at: path) }
        if own.contains(where: { image.file(at: "\($0)/\(name)") != nil }) { return true }
        return cached.contains(name) || directories.contains { image.file(at: "\($0)/\(name)") != nil }
    }

    /// `$ORIGIN`, `$LIB` and `$PLATFORM`, and the `..` that follows an origin, worked out.
    private func expanded(_ directory: String, at path: TreePath) -> String {
        var text = directory
        for (name, value) in [
            ("ORIGIN", "/" + (path.parent ?? .root).description), ("LIB", "lib/\(triplet)"),
            ("PLATFORM", String(triplet.prefix { $0 != "-" })),
        ] {
            text = text.replacing("${\(name)}", with: value).replacing("$\(name)", with: value)
        }
        var out: [Substring] = []
        for part in text.split(separator: "/") {
            if part == ".." { _ = out.popLast() } else if part != "." { out.append(part) }
        }
        return "/" + out.joined(separator: "/")
    }

    /// The most entries of a cache; real ones have some thousands at most.
    static let entryLimit = 1 << 14
    /// PATH_MAX, the NUL with it.
    private static let textLimit = 4096

    /// Names and paths of glibc's cache (sysdeps/generic/dl-cache.h, the format that begins `glibc-ld.so.cache1.1`); none of
    /// a file that is not one, or has more entries than any.
    static func cache(_ bytes: [UInt8]) -> [(name: String, path: String)] {
        func word(_ at: Int) -> Int? {
            guard at >= 0, at + 4 <= bytes.count else { return nil }
            return bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        func text(_ at: Int) -> String? {
            guard at < bytes.count, let end = bytes[at...].prefix(textLimit).firstIndex(of: 0) else { return nil }
            return String(decoding: bytes[at..<end], as: UTF8.self)
        }
        guard bytes.starts(with: "glibc-ld.so.cache1.1".utf8), let count = word(20), count <= entryLimit,
            48 + count * 24 <= bytes.count
        else {
            return []
        }
        return (0..<count).compactMap { index in
            let at = 48 + index * 24
            guard let name = word(at + 4).flatMap(text), let path = word(at + 8).flatMap(text) else { return nil }
            return (name, path)
        }
    }
}
