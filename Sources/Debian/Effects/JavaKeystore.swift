// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// ca-certificates-java: `/etc/ssl/certs/java/cacerts`, a JKS file with the certificates of ca-certificates.
///
/// The Java program that Debian runs stores the time of its run with each certificate; here it is the certificate's own
/// `notBefore`, and entries are sorted by alias, so that the file depends on the certificates only.
package enum JavaKeystore: Effect {
    package static let name = "java-keystore"
    /// The password that Java and Debian use; it keeps nothing secret, the file holds public certificates.
    static let password = "changeit"

    package static func apply(to root: inout ImageRoot) throws {
        guard root.has("ca-certificates-java"), root.has("ca-certificates") else { return }
        let entries = try CertificateStore.entries(in: root)
        guard !entries.isEmpty else { return }
        try root.directory("etc/ssl/certs/java", by: name)
        try root.write("etc/ssl/certs/java/cacerts", keystore(entries), by: name)
    }

    private static func keystore(_ entries: [CertificateStore.Entry]) -> [UInt8] {
        var out: [UInt8] = [0xFE, 0xED, 0xFE, 0xED]
        let aliased = entries.map { (alias: ("debian:" + $0.link).lowercased(), certificate: $0.certificate) }
            .sorted { $0.alias.utf8.lexicographicallyPrecedes($1.alias.utf8) }
        out += bigEndian(2, 4) + bigEndian(UInt64(aliased.count), 4)
        for (alias, certificate) in aliased {
            // Tag 2: a trusted certificate.
            out += bigEndian(2, 4) + text(alias)
            let milliseconds = max(0, certificate.notBefore ?? 0) * 1000
            out += bigEndian(UInt64(milliseconds), 8) + text("X.509")
            out += bigEndian(UInt64(certificate.der.count), 4) + certificate.der
        }
        // The digest of the password in UTF-16, a phrase that is part of the format, and all of the above.
        var keyed: [UInt8] = []
        for unit in password.utf16 { keyed += bigEndian(UInt64(unit), 2) }
        keyed += Array("Mighty Aphrodite".utf8) + out
        return out + Digest.of(keyed, .sha1).bytes
    }

    private static func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }

    /// java.io.DataOutput's modified UTF-8: a length of two bytes, and code points beyond the BMP as two surrogates.
    private static func text(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for unit in text.utf16 {
            switch unit {
            case 0x01...0x7F: bytes.append(UInt8(unit))
            case 0, 0x80...0x7FF: bytes += [0xC0 | UInt8(unit >> 6), 0x80 | UInt8(unit & 0x3F)]
            default: bytes += [0xE0 | UInt8(unit >> 12), 0x80 | UInt8(unit >> 6 & 0x3F), 0x80 | UInt8(unit & 0x3F)]
            }
        }
        return bigEndian(UInt64(bytes.count), 2) + bytes
    }
}
