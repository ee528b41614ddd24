// SPDX-License-Identifier: Apache-2.0

/// A path below a repository's base, as an index gives it. An index is signed, but a repository need not be trusted with
/// more than its own files.
package enum RepositoryPath {
    /// Refuses what is absolute, climbs out, has empty parts, control characters, or is longer than any real path.
    package static func check(_ path: String) throws(FetchError) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                && part.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
        }
        guard isPlain, path.utf8.count <= 4_096 else {
            let shown = String(decoding: path.utf8.prefix(200).map { $0 < 0x20 ? 0x3F : $0 }, as: UTF8.self)
            throw FetchError(
                .invalidURL,
                "a repository names the path '\(shown)', which does not lead to a file below it"
            )
        }
    }
}
