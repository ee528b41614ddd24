// SPDX-License-Identifier: Apache-2.0

internal import Archives

/// How a layer is compressed.
package enum LayerCompression: String, Sendable {
    case gzip, zstd

    /// image-spec, layer.md and media-types.md.
    package var mediaType: String { "application/vnd.oci.image.layer.v1.tar+\(rawValue)" }
}

/// Every rule that can change a byte of a layer belongs to a numbered format.
package enum LayerFormat {
    /// Raised whenever the same tree would give other bytes.
    package static let version = 1
    /// zlib's level 6: level 9 takes four times as long for 0.6 % (measured on Debian's base packages).
    static let gzipLevel: Int32 = 6
    static let zstdLevel = 9
    /// A block is closed once it has this many bytes, and a larger file is cut into pieces of it.
    static let blockSize = 1 << 20

    /// Name and version of the library whose output the layer's bytes are.
    package static func compressor(_ compression: LayerCompression) -> String {
        switch compression {
        case .gzip: "\(Deflate.identity) level \(gzipLevel)"
        case .zstd: "\(ZstdWriter.identity) level \(zstdLevel)"
        }
    }
}
