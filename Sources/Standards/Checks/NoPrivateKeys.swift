// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
internal import Glibc

/// No private key, by what is in the files and not by their names.
enum NoPrivateKeys: StandardCheck {
    static let id = "no-private-keys"
    static let reason = "a key in an image is everybody's"
    /// How many bytes a file with a key may have; others are not read.
    static let sizes = 48...4 << 20

    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome {
        var found: [TreePath] = []
        var count = 0
        for node in image.nodes {
            guard let content = image.content(of: node), sizes.contains(content.size) else { continue }
            count += 1
            if try image.facts.facts(of: content).holdsPrivateKey { found.append(node.path) }
        }
        return .judging(found, "\(count) files read, no private key among them")
    }

    /// Whether there is a PEM block of a private key with a body, or a DER key as `openssl` and `ssh-keygen` write them.
    /// Programs that only know the words have no body after them.
    /// Binaries are left alone: libraries of cryptography have keys for their self-tests compiled in, which are no secret.
    static func holdsKey(_ bytes: [UInt8]) -> Bool {
        if bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return false }
        if isDER(bytes) { return true }
        let begin = Array("-----BEGIN ".utf8)
        return bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            var offset = 0
            while offset + begin.count < buffer.count,
                let hit = memchr(base + offset, 0x2D, buffer.count - offset)
            {
                let start = base.distance(to: hit)
                offset = start + 1
                guard start + begin.count < buffer.count,
                    buffer[start..<start + begin.count].elementsEqual(begin)
                else { continue }
                let rest = UnsafeRawBufferPointer(rebasing: buffer[(start + begin.count)...].prefix(1024))
                if isKeyBlock(Array(rest)) { return true }
            }
            return false
        }
    }

    /// The text after `-----BEGIN `: a label of a private key, then a line of base64. Other formats have such a block as a string:
    /// JSON with its line breaks escaped, YAML indented, programs line by line in quotes.
    private static func isKeyBlock(_ bytes: [UInt8]) -> Bool {
        let lines = unescaped(bytes).split(separator: 0x0A, maxSplits: 12, omittingEmptySubsequences: false)
        guard let first = lines.first else { return false }
        let label = String(decoding: first.prefix { $0 != 0x2D }, as: UTF8.self)
        guard
            label.hasSuffix("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK" || label.hasPrefix("ENCRYPTED SIGSTORE")
        else { return false }
        return lines.dropFirst().contains { line in
            var text = line.drop(while: isPadding)
            while let last = text.last, isPadding(last) { text.removeLast() }
            return text.count >= 40
                && text.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == 0x2B || $0 == 0x2F || $0 == 0x3D
                }
        }
    }

    /// Blanks and quotes around a line, with the carriage return of some systems.
    private static func isPadding(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0D, UInt8(ascii: "\""), UInt8(ascii: "'")].contains(byte)
    }

    /// Line breaks for the escapes `\n` and `\r\n`, however often the text was put into another.
    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var slashes = 0
        for byte in bytes {
            if byte == UInt8(ascii: "\\") {
                slashes += 1
                continue
            }
            if slashes > 0, byte == UInt8(ascii: "n") {
                out.append(0x0A)
            } else if slashes > 0, byte == UInt8(ascii: "r") {
                out.append(0x0D)
            } else {
                out += [UInt8](repeating: UInt8(ascii: "\\"), count: slashes)
                out.append(byte)
            }
            slashes = 0
        }
        return out
    }

    /// PKCS#8 (RFC 5958) with an RSA, EC or Ed25519 algorithm identifier right after the version; PKCS#1 (RFC 8017 A.1.2);
    /// SEC 1 (RFC 5915) of 256, 384 or 521 bits.
    private static func isDER(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= 1 << 14, bytes[0] == 0x30 else { return false }
        let content: Int
        switch bytes[1] {
        case 0x82: content = 4
        case 0x81: content = 3
        case ..<0x80: content = 2
        default: return false
        }
        let identifiers: [[UInt8]] = [
            [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01], [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE],
            [0x06, 0x03, 0x2B, 0x65, 0x70],
        ]
        let rest = bytes.dropFirst(content)
        if rest.starts(with: [0x02, 0x01, 0x00, 0x02, 0x82]) { return true }
        if [0x20, 0x30, 0x42].contains(where: { rest.starts(with: [0x02, 0x01, 0x01, 0x04, $0]) }) { return true }
        guard rest.starts(with: [0x02, 0x01, 0x00, 0x30]) else { return false }
        return identifiers.contains { rest.dropFirst(5).starts(with: $0) }
    }
}

/// Nothing that makes one installation itself: machine ids, seeds of random numbers, host keys.
enum NoMachineIdentity: StandardCheck {
    static let id = "no-machine-identity"
    static let reason = "every container of an image would be the same machine"

    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome {
        var problems: [String] = []
        for path in ["etc/machine-id", "var/lib/dbus/machine-id"] {
            guard let text = try image.text(at: path, limit: 4096) else { continue }
            let value = text.split(whereSeparator: \.isWhitespace).first ?? ""
            if !value.isEmpty && value != "uninitialized" { problems.append("/\(path) is set") }
        }
        for path in ["var/lib/systemd/random-seed", "var/lib/urandom/random-seed", "var/lib/systemd/credential.secret"]
        {
            if let file = image.file(at: path), file.content.size > 0 { problems.append("/\(path) is there") }
        }
        for node in image.nodes where node.path.isWithin("etc/ssh") {
            let name = String(decoding: node.path.name, as: UTF8.self)
            if name.hasPrefix("ssh_host_") && name.hasSuffix("_key") { problems.append("/\(node.path) is there") }
        }
        return .judging(problems, "no machine id, seed or host key")
    }
}
