// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Executables
package import FileTree

/// What the checks want to know of a file's bytes, whoever the file belongs to and wherever it lies.
package struct FileFacts: Hashable, Sendable {
    /// Raised when the same bytes are read differently, so that nobody goes on with what was found before.
    package static let version = 2

    /// What a dynamic loader reads; nil for what is no ELF file.
    package var executable: ELFFile?
    /// `NoPrivateKeys`.
    package var holdsPrivateKey: Bool

    package init(executable: ELFFile? = nil, holdsPrivateKey: Bool = false) {
        self.executable = executable
        self.holdsPrivateKey = holdsPrivateKey
    }

    package init(of content: FileContent, in contents: any ContentSource) throws {
        executable = try ELFFile(size: content.size) { try contents.read(content, range: $0) }
        holdsPrivateKey =
            try executable == nil && NoPrivateKeys.sizes.contains(content.size)
            && NoPrivateKeys.holdsKey(contents.read(content))
    }
}

/// Who knows the facts: a store that remembers them, or one who looks.
package protocol FactSource: Sendable {
    func facts(of content: FileContent) throws -> FileFacts
    /// The digest of a content under the algorithm that a package database uses.
    func checksum(_ algorithm: Digest.Algorithm, of content: FileContent) throws -> Digest
}
