// SPDX-License-Identifier: Apache-2.0

/// A dependency as an index or a world file writes it: `[!]name[@tag][operator version]`.
package struct Dependency: Hashable, Sendable, CustomStringConvertible {
    /// The name of a package or of what packages provide: `busybox`, `so:libc.musl-x86_64.so.1`, `cmd:sh`, `/bin/sh`.
    package var name: String
    package var comparison: Comparison
    /// What is compared with; nil where any version will do. For `><` it is a checksum.
    package var version: Version?
    /// `!name`: nothing that matches may be installed.
    package var isConflict: Bool
    /// The repository tag, in the world only.
    package var tag: String?

    package init(
        _ name: String,
        _ comparison: Comparison = .any,
        _ version: Version? = nil,
        isConflict: Bool = false,
        tag: String? = nil
    ) {
        self.name = name
        self.comparison = comparison
        self.version = version
        self.isConflict = isConflict
        self.tag = tag
    }

    /// Reads one dependency; nil when it has an operator without a version or the other way round, or a tag where none
    /// may be.
    package init?(parsing text: some Collection<UInt8>, allowsTag: Bool = false) {
        self.init(parsing: Array(text)[...], allowsTag: allowsTag)
    }

    package init?(parsing text: ArraySlice<UInt8>, allowsTag: Bool = false) {
        func isOperator(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "<") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: ">")
                || byte == UInt8(ascii: "~")
        }
        var rest = text
        let isConflict = rest.first == UInt8(ascii: "!")
        if isConflict { rest = rest.dropFirst() }
        var name = rest
        var comparison = Comparison.any
        var version: Version?
        if let start = rest.firstIndex(where: isOperator) {
            name = rest[..<start]
            guard let end = rest[start...].firstIndex(where: { !isOperator($0) }),
                let read = Comparison(rest[start..<end])
            else { return nil }
            comparison = read
            version = Version(rest[end...])
        }
        var tag: String?
        if let at = name.firstIndex(of: UInt8(ascii: "@")) {
            guard allowsTag else { return nil }
            tag = String(decoding: name[name.index(after: at)...], as: UTF8.self)
            name = name[..<at]
        }
        self.init(
            String(decoding: name, as: UTF8.self),
            comparison,
            version,
            isConflict: isConflict,
            tag: tag
        )
    }

    /// Whether the version it names is none: such a dependency makes its package uninstallable.
    package var isBroken: Bool {
        guard let version, !comparison.isSuperset(of: .checksum) else { return false }
        return !version.isValid
    }

    /// As apk writes it, without the tag.
    package var description: String {
        (isConflict ? "!" : "") + name + (version.map { comparison.text + $0.description } ?? "")
    }

    /// As the world file has it.
    package var worldDescription: String {
        (isConflict ? "!" : "") + name + (tag.map { "@" + $0 } ?? "")
            + (version.map { comparison.text + $0.description } ?? "")
    }
}
