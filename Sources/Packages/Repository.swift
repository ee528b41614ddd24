// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// A package repository as a plan names it.
package struct Repository: Hashable, Sendable {
    /// Stable name for messages, locks and mirrors: `debian`, `debian-security`, or the URL as the definition writes it.
    package var id: String
    /// Where it lies: the URL as written, or nil for an implicit archive whose place only the configuration knows.
    package var url: String?
    /// Debian's suite (`trixie`, `trixie-security`); empty for Alpine.
    package var suite: String
    /// Debian's components; empty for Alpine.
    package var components: [String]
    /// Files with the public keys that may sign its index.
    package var keys: [String]
    /// Alpine's `@tag`, which only pinned wants may use.
    package var tag: String?

    package init(
        id: String,
        url: String?,
        suite: String = "",
        components: [String] = [],
        keys: [String] = [],
        tag: String? = nil
    ) {
        self.id = id
        self.url = url
        self.suite = suite
        self.components = components
        self.keys = keys
        self.tag = tag
    }
}

/// The proof that an index was signed: what the lock and the provenance record.
package struct SignedIndex: Hashable, Sendable {
    /// `Repository.id`.
    package var repository: String
    package var suite: String
    /// Path below the repository's base: `dists/trixie/InRelease`, `x86_64/APKINDEX.tar.gz`.
    package var path: String
    /// SHA-256 of the signed bytes, which the store keeps.
    package var sha256: Digest
    package var size: Int
    /// Full fingerprint of an OpenPGP key, or the file name of an Alpine key.
    package var signer: String
    /// The index's own date and end of validity, in seconds since the epoch, where it states them.
    package var date: Int?
    package var validUntil: Int?

    package init(
        repository: String,
        suite: String,
        path: String,
        sha256: Digest,
        size: Int,
        signer: String,
        date: Int? = nil,
        validUntil: Int? = nil
    ) {
        self.repository = repository
        self.suite = suite
        self.path = path
        self.sha256 = sha256
        self.size = size
        self.signer = signer
        self.date = date
        self.validUntil = validUntil
    }
}
