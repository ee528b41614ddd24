// SPDX-License-Identifier: Apache-2.0

/// What a dynamic loader reads of an ELF file (System V ABI, gABI 4.1, chapters 4 and 5): its machine, and what it needs.
///
/// Only 64-bit little-endian files are read beyond their header; those are all that the platforms of images have.
package struct ELFFile: Sendable, Hashable {
    /// `e_type`, as far as it matters.
    package enum Kind: UInt16, Sendable { case relocatable = 1, executable, shared, core }

    /// nil for a type of an operating system or processor.
    package private(set) var kind: Kind?
    /// `e_machine`: 62 for x86-64, 183 for AArch64.
    package private(set) var machine: UInt16 = 0
    package private(set) var is64Bit = false
    package private(set) var isLittleEndian = false
    /// PT_INTERP: the loader that the kernel starts.
    package private(set) var interpreter: String?
    /// Whether there is a dynamic section that can be read.
    package private(set) var isDynamic = false
    /// DT_SONAME.
    package private(set) var soname: String?
    /// DT_NEEDED, in order.
    package private(set) var needed: [String] = []
    /// DT_RPATH and DT_RUNPATH, split at colons.
    package private(set) var rpath: [String] = []
    package private(set) var runpath: [String] = []

    /// The most bytes of one table that are read.
    private static let limit: UInt64 = 1 << 20
    private static let neededLimit = 4096

    /// From what was read before.
    package init(
        kind: Kind?,
        machine: UInt16,
        is64Bit: Bool,
        isLittleEndian: Bool,
        interpreter: String?,
        isDynamic: Bool,
        soname: String?,
        needed: [String],
        rpath: [String],
        runpath: [String]
    ) {
        self.kind = kind
        self.machine = machine
        self.is64Bit = is64Bit
        self.isLittleEndian = isLittleEndian
        self.interpreter = interpreter
        self.isDynamic = isDynamic
        self.soname = soname
        self.needed = needed
        self.rpath = rpath
        self.runpath = runpath
    }

    /// Reads only what it needs. Offsets that lead outside the file leave out what they point at, as loaders pass over it.
    ///
    /// - Parameters:
    ///   - size: of the file, in bytes.
    ///   - read: gives the bytes of a range within the file.
    /// - Returns: nil when the file is no ELF file.
    package init?(size: Int, read: (Range<Int>) throws -> [UInt8]) throws {
        func bytes(_ offset: UInt64, _ count: UInt64) throws -> [UInt8]? {
            guard offset <= UInt64(size), count <= UInt64(size) - offset, count <= Self.limit else { return nil }
            let bytes = try read(Int(offset)..<Int(offset + count))
            return bytes.count == Int(count) ? bytes : nil
        }
        guard let header = try bytes(0, 20), header.starts(with: [0x7F, 0x45, 0x4C, 0x46]), (1...2).contains(header[4]),
            (1...2).contains(header[5])
        else { return nil }
        let isLittle = header[5] == 1
        func half(_ at: Int) -> UInt16 { isLittle ? header.word16(at) : header.word16(at).byteSwapped }
        is64Bit = header[4] == 2
        isLittleEndian = isLittle
        kind = Kind(rawValue: half(16))
        machine = half(18)
        guard is64Bit, isLittleEndian, let whole = try bytes(0, 64) else { return }
        let entrySize = UInt64(whole.word16(54))
        let count = UInt64(whole.word16(56))
        guard entrySize >= 56, let segments = try bytes(whole.word64(32), entrySize * count) else { return }
        var loads: [(address: UInt64, offset: UInt64, size: UInt64)] = []
        var dynamic: (offset: UInt64, size: UInt64)?
        for index in 0..<Int(count) {
            let at = index * Int(entrySize)
            let offset = segments.word64(at + 8)
            let fileSize = segments.word64(at + 32)
            switch segments.word32(at) {
            case 1: loads.append((segments.word64(at + 16), offset, fileSize))
            case 2: dynamic = (offset, fileSize)
            case 3:
                if let text = try bytes(offset, fileSize) {
                    interpreter = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
                }
            default: break
            }
        }
        guard let dynamic, let table = try bytes(dynamic.offset, dynamic.size) else { return }
        isDynamic = true
        var strings: UInt64?
        var names: [(tag: UInt64, offset: UInt64)] = []
        for at in stride(from: 0, to: table.count - 15, by: 16) {
            let tag = table.word64(at)
            if tag == 0 { break }
            if tag == 5 { strings = table.word64(at + 8) }
            if [1, 14, 15, 29].contains(tag), names.count < Self.neededLimit {
                names.append((tag, table.word64(at + 8)))
            }
        }
        guard let strings,
            let load = loads.first(where: { $0.address <= strings && strings - $0.address < $0.size })
        else { return }
        for (tag, name) in names {
            let (start, overflow) = (load.offset &+ (strings - load.address)).addingReportingOverflow(name)
            guard !overflow, start < UInt64(size), let text = try bytes(start, min(4096, UInt64(size) - start)),
                let end = text.firstIndex(of: 0)
            else { continue }
            let value = String(decoding: text[..<end], as: UTF8.self)
            switch tag {
            case 1: needed.append(value)
            case 14: soname = value
            case 15: rpath = value.split(separator: ":").map(String.init)
            default: runpath = value.split(separator: ":").map(String.init)
            }
        }
    }
}

extension [UInt8] {
    fileprivate func word16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
    fileprivate func word32(_ at: Int) -> UInt32 { UInt32(word16(at)) | UInt32(word16(at + 2)) << 16 }
    fileprivate func word64(_ at: Int) -> UInt64 { UInt64(word32(at)) | UInt64(word32(at + 4)) << 32 }
}
