// SPDX-License-Identifier: Apache-2.0

/// The outer form of a clear-signed file (RFC 9580 section 7).
enum ClearSigned {
    private static let begin = Array("-----BEGIN PGP SIGNED MESSAGE-----".utf8)
    private static let signature = Array("-----BEGIN PGP SIGNATURE-----".utf8)
    private static let end = Array("-----END PGP SIGNATURE-----".utf8)

    /// Checks that the file is one signed block and nothing else, so that no unsigned line can be taken for a signed one.
    ///
    /// - Throws: `not-signed` or `unsigned-content`.
    static func check(_ bytes: [UInt8], name: String) throws(DebianError) {
        var stage = 0
        var number = 0
        var start = 0
        while start < bytes.count {
            let stop = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var line = bytes[start..<stop]
            start = stop + 1
            number += 1
            while let last = line.last, last == 0x0D || last == 0x20 || last == 0x09 { line.removeLast() }
            switch stage {
            case 0:
                guard line.elementsEqual(begin) else {
                    throw DebianError(
                        "not-signed",
                        "\(name) does not begin with a signed message",
                        hint: "the server may have sent another page; try again, or another mirror"
                    )
                }
                stage = 1
            case 1:
                if line.elementsEqual(signature) { stage = 2 }
                if line.elementsEqual(begin) { throw extra(name, number) }
            case 2:
                if line.elementsEqual(end) { stage = 3 }
            default:
                if !line.isEmpty { throw extra(name, number) }
            }
        }
        guard stage == 3 else {
            throw DebianError(
                "not-signed",
                "\(name) ends before its signature does",
                hint: "it was cut short; try again, or another mirror"
            )
        }
    }

    private static func extra(_ name: String, _ line: Int) -> DebianError {
        DebianError("unsigned-content", "\(name):\(line): there is something outside of the signed block")
    }
}
