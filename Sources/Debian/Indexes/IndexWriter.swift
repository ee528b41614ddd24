// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Collects the sections of a binary index and writes them with their header.
struct IndexWriter {
    private enum Content {
        case words([UInt32])
        case bytes([UInt8])
    }

    private var contents: [Int: Content] = [:]

    mutating func add(_ section: IndexFormat.Section, _ words: [UInt32]) { contents[section.rawValue] = .words(words) }
    mutating func add(_ section: IndexFormat.Section, _ bytes: [UInt8]) { contents[section.rawValue] = .bytes(bytes) }

    /// - Throws: `write-failed` naming the file and the system's reason.
    func write(to path: String) throws(DebianError) {
        var header: [UInt32] = [IndexFormat.magic, 0]
        var offset = IndexFormat.headerWords * 4
        for section in IndexFormat.Section.allCases {
            let length =
                switch contents[section.rawValue] {
                case .words(let words): words.count * 4
                case .bytes(let bytes): bytes.count
                case nil: 0
                }
            header += [UInt32(offset / 4), UInt32(length)]
            offset += (length + 3) / 4 * 4
        }
        header[1] = UInt32(offset / 4)
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        try write(header, to: file, path)
        for section in IndexFormat.Section.allCases {
            switch contents[section.rawValue] {
            case .words(let words): try write(words, to: file, path)
            case .bytes(let bytes):
                try write(bytes, to: file, path)
                try write([UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4), to: file, path)
            case nil: break
            }
        }
    }

    private func write<Element: BitwiseCopyable>(_ elements: [Element], to file: Int32, _ path: String)
        throws(DebianError)
    {
        var isWhole = true
        elements.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(
                    file,
                    UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    min(rest.count, 1 << 30)
                )
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    isWhole = false
                    return
                }
                rest = rest.dropFirst(count)
            }
        }
        if !isWhole { throw failure(path) }
    }

    private func failure(_ path: String) -> DebianError {
        DebianError("write-failed", "cannot write the index \(path): \(String(cString: strerror(errno)))")
    }
}
