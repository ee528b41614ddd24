// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// The bundle of certificate authorities can be read by what will use it.
enum CertificateBundle: StandardCheck {
    static let id = "ca-bundle"
    static let reason = "a program whose authorities cannot be read trusts nobody, and often says so late"
    static let paths = ["etc/ssl/certs/ca-certificates.crt", "etc/ssl/cert.pem"]

    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome {
        var count = 0
        var problems: [String] = []
        for path in paths {
            guard let file = image.file(at: path) else { continue }
            guard let bytes = try image.bytes(of: file.content, limit: 16 << 20) else {
                return .failed("/\(path) has \(file.content.size) bytes, which is no bundle")
            }
            let blocks: [PEM]
            do { blocks = try PEM.blocks(in: bytes) } catch { return .failed("/\(path): \(error.message)") }
            for (index, block) in blocks.enumerated() {
                let isCertificate = block.label.hasSuffix("CERTIFICATE")
                if !isCertificate || Certificate(pem: Array(block.text.utf8)) == nil {
                    problems.append("/\(path): block \(index + 1) is no certificate")
                }
            }
            if blocks.isEmpty { problems.append("/\(path) has no certificate") }
            count = max(count, blocks.count)
        }
        if count == 0 && problems.isEmpty { return .skipped("the image has no bundle") }
        return .judging(problems, "\(count) certificates")
    }
}
