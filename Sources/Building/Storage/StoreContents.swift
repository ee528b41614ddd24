// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching
internal import FileTree
internal import Synchronization

/// Reads file contents from the decoded packages in the store.
final class StoreContents: ContentSource {
    private let paths: [Digest: String]
    private let open = Mutex<[Digest: OpenFile]>([:])

    /// - Parameter paths: the payload file of each package, by the package file's digest.
    init(paths: [Digest: String]) { self.paths = paths }

    func read(_ content: FileContent, range: Range<Int>?) throws -> [UInt8] {
        let range = (range ?? 0..<content.size).clamped(to: 0..<content.size)
        switch content.place {
        case .bytes(let bytes): return Array(bytes[range])
        case .payload(let package, let offset):
            return try file(package).bytes((offset + range.lowerBound)..<(offset + range.upperBound))
        }
    }

    private func file(_ package: Digest) throws -> OpenFile {
        try open.withLock { open in
            if let file = open[package] { return file }
            guard let path = paths[package] else {
                throw TreeError(.missing, path: package.description, detail: "its package was not unpacked")
            }
            let file = try OpenFile.reading(path)
            open[package] = file
            return file
        }
    }
}
