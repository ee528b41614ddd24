// SPDX-License-Identifier: Apache-2.0

internal import Attestations
package import Cryptography

/// A package as an image, a lock or a bill of materials names it.
package struct PackageSnapshot: Hashable, Sendable {
    /// `libc6`; with its namespace where the type is no distribution's: `@angular/core`.
    package var name: String
    package var version: String
    package var architecture: String
    /// The purl type: `deb`, `apk`, `npm`.
    package var type: String
    /// The source package's name.
    package var source: String
    /// An SPDX expression, or the licence as somebody wrote it.
    package var licence: String?
    /// Of the package file.
    package var sha256: Digest?

    package init(
        name: String,
        version: String,
        architecture: String,
        type: String,
        source: String? = nil,
        licence: String? = nil,
        sha256: Digest? = nil
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.type = type
        self.source = source ?? name
        self.licence = licence
        self.sha256 = sha256
    }

    /// Nil for what is no package: images, operating systems, generic things.
    init?(purl text: String, licence: String? = nil) {
        guard let purl = PackageURL(text), let version = purl.version,
            !["oci", "docker", "generic"].contains(purl.type)
        else { return nil }
        let isDistribution = ["deb", "apk", "rpm"].contains(purl.type)
        self.init(
            name: isDistribution ? purl.name : (purl.namespace + [purl.name]).joined(separator: "/"),
            version: version,
            architecture: purl.qualifiers["arch"] ?? "",
            type: purl.type,
            // `openssl@3.5.1-1`, or the name alone where the version is the same.
            source: purl.qualifiers["upstream"].map { String($0.prefix { $0 != "@" }) },
            licence: licence
        )
    }
}
