// SPDX-License-Identifier: Apache-2.0

/// What gpgv reports on its status channel (GnuPG's doc/DETAILS, "General status codes").
struct SignatureStatus {
    enum Verdict: Equatable {
        case good
        /// Wrong bytes.
        case bad
        case expiredSignature, expiredKey, revokedKey
        /// Good, but over a digest that can be forged.
        case weakDigest
        /// A key that is not in the keyring.
        case unknownKey
        /// gpgv could not judge it: an unknown algorithm, a damaged packet.
        case unchecked
    }

    struct Signature: Equatable {
        var verdict: Verdict
        /// Full fingerprint of the primary key, where gpgv knows it, else the key's identifier.
        var signer: String
    }

    private(set) var signatures: [Signature] = []

    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 3, words[0] == "[GNUPG:]" else { continue }
            switch words[1] {
            case "GOODSIG": signatures.append(Signature(verdict: .good, signer: words[2]))
            case "BADSIG": signatures.append(Signature(verdict: .bad, signer: words[2]))
            case "EXPSIG": signatures.append(Signature(verdict: .expiredSignature, signer: words[2]))
            case "EXPKEYSIG": signatures.append(Signature(verdict: .expiredKey, signer: words[2]))
            case "REVKEYSIG": signatures.append(Signature(verdict: .revokedKey, signer: words[2]))
            case "ERRSIG":
                // Status 9 at the seventh place says that the key is missing.
                let isUnknown = words.count > 7 && words[7] == "9"
                signatures.append(Signature(verdict: isUnknown ? .unknownKey : .unchecked, signer: words[2]))
            case "VALIDSIG":
                // Follows its GOODSIG (or EXPSIG …): fingerprint, dates, …, digest algorithm (7th), …, primary key (10th).
                guard !signatures.isEmpty else { continue }
                let last = signatures.count - 1
                signatures[last].signer = words.count > 11 ? words[11] : words[2]
                // 1 is MD5, 2 SHA-1, 3 RIPEMD-160 (RFC 9580 section 9.5).
                if words.count > 9, ["1", "2", "3"].contains(words[9]), signatures[last].verdict == .good {
                    signatures[last].verdict = .weakDigest
                }
            default: continue
            }
        }
    }
}
