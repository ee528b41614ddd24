// SPDX-License-Identifier: Apache-2.0

internal import Executables
internal import FileTree
internal import Packages

/// What ldconfig reads of an ELF file: whether it is a library for the platform, and its SONAME.
struct SharedLibrary {
    /// DT_SONAME; nil when the library has none.
    let soname: String?

    /// A 64-bit little-endian ET_DYN for the machine with a dynamic section, or nil.
    ///
    /// Offsets that lead outside the file make it no library rather than an error, since ldconfig passes such files over
    /// too.
    init?(_ content: FileContent, platform: Platform, contents: any ContentSource) throws {
        guard let file = try ELFFile(size: content.size, read: { try contents.read(content, range: $0) }),
            file.is64Bit, file.isLittleEndian, file.kind == .shared, file.isDynamic,
            file.machine == (platform == .amd64 ? 62 : 183)
        else { return nil }
        soname = file.soname
    }
}
