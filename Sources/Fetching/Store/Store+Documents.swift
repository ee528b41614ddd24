// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// Small derived files that nobody could tell wrong from right when they are read: each carries a digest of itself and of its
/// place, and one that was changed, or put in another's place, is not there.
extension Store {
    /// Keeps a document that was made from `source`.
    package func keep(_ document: [UInt8], from source: Digest, form: String) throws(FetchError) {
        try putDerived(Self.seal(document, from: source, form: form) + document, from: source, form: form)
    }

    /// The document that was kept; nil where there is none that is whole.
    package func document(from source: Digest, form: String, limit: Int = 1 << 26) -> [UInt8]? {
        guard let path = derivedPath(from: source, form: form) else { return nil }
        if let bytes = try? Files.read(path, limit: limit), bytes.count >= Digest.Algorithm.sha256.length {
            let document = Array(bytes.dropFirst(Digest.Algorithm.sha256.length))
            if bytes.starts(with: Self.seal(document, from: source, form: form)) { return document }
        }
        Files.remove(path)
        return nil
    }

    private static func seal(_ document: [UInt8], from source: Digest, form: String) -> [UInt8] {
        let hasher = Hasher()
        hasher.update("\(form)\n\(source)\n")
        hasher.update(document)
        return hasher.finish().bytes
    }
}
