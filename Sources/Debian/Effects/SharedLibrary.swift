// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// What ldconfig reads of an ELF file: whether it is a library for the platform, and its SONAME.
struct SharedLibrary {
    /// DT_SONAME; nil when the library has none.
    let soname: String?

    /// A 64-bit little-endian ET_DYN for the machine with a dynamic section, or nil.
    ///
    /// Reads only what it needs; offsets that lead outside the file make it no library rather than an error, since
    /// ldconfig passes such files over too.
    init?(_ content: FileContent, platform: Platform, contents: any ContentSource) throws {
        func read(_ offset: UInt64, _ count: UInt64) throws -> [UInt8]? {
            guard offset <= UInt64(content.size), count <= UInt64(content.size) - offset, count <= 1 << 20 else {
                return nil
            }
            let bytes = try contents.read(content, range: Int(offset)..<Int(offset + count))
            return bytes.count == Int(count) ? bytes : nil
        }
        guard let header = try read(0, 64), header.starts(with: [0x7F, 0x45, 0x4C, 0x46]), header[4] == 2,
            header[5] == 1,
            header.word16(16) == 3, header.word16(18) == (platform == .amd64 ? 62 : 183)
        else { return nil }
        let entrySize = UInt64(header.word16(54))
        let count = UInt64(header.word16(56))
        guard entrySize >= 56, let segments = try read(header.word64(32), entrySize * count) else { return nil }
        var loads: [(address: UInt64, offset: UInt64, size: UInt64)] = []
        var dynamic: (offset: UInt64, size: UInt64)?
        for index in 0..<Int(count) {
            let at = index * Int(entrySize)
            let offset = segments.word64(at + 8)
            switch segments.word32(at) {
            case 1: loads.append((segments.word64(at + 16), offset, segments.word64(at + 32)))
            case 2: dynamic = (offset, segments.word64(at + 32))
            default: break
            }
        }
        guard let dynamic, let table = try read(dynamic.offset, dynamic.size) else { return nil }
        var stringTable: UInt64?
        var name: UInt64?
        for at in stride(from: 0, to: table.count - 15, by: 16) {
            let tag = table.word64(at)
            if tag == 0 { break }
            if tag == 5 { stringTable = table.word64(at + 8) }
            if tag == 14 { name = table.word64(at + 8) }
        }
        guard let name, let stringTable,
            let load = loads.first(where: { $0.address <= stringTable && stringTable - $0.address < $0.size })
        else {
            soname = nil
            return
        }
        let (start, overflow) = (load.offset &+ (stringTable - load.address)).addingReportingOverflow(name)
        guard !overflow, start < UInt64(content.size),
            let bytes = try read(start, min(512, UInt64(content.size) - start)), let end = bytes.firstIndex(of: 0)
        else {
            soname = nil
            return
        }
        soname = String(decoding: bytes[..<end], as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate func word16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
    fileprivate func word32(_ at: Int) -> UInt32 { UInt32(word16(at)) | UInt32(word16(at + 2)) << 16 }
    fileprivate func word64(_ at: Int) -> UInt64 { UInt64(word32(at)) | UInt64(word32(at + 4)) << 32 }
}
