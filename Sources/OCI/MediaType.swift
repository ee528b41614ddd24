// SPDX-License-Identifier: Apache-2.0

/// The media types that we write and read.
package enum MediaType {
    // image-spec 1.1.1, media-types.md
    package static let index = "application/vnd.oci.image.index.v1+json"
    package static let manifest = "application/vnd.oci.image.manifest.v1+json"
    package static let config = "application/vnd.oci.image.config.v1+json"
    package static let layerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    package static let layerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    package static let empty = "application/vnd.oci.empty.v1+json"

    // The same documents as others name them (image manifest version 2, schema 2): their members are those of OCI's.
    package static let schema2List = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let schema2Manifest = "application/vnd.docker.distribution.manifest.v2+json"

    /// Whether a document of this type is an index.
    package static func isIndex(_ type: String) -> Bool { type == index || type == schema2List }

    // in-toto and DSSE
    package static let inToto = "application/vnd.in-toto+json"
    package static let dsse = "application/vnd.dsse.envelope.v1+json"

    // cosign and sigstore
    package static let simpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json"
    package static let cosignSignature = "application/vnd.dev.cosign.artifact.sig.v1+json"
    package static let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json"

    /// The lock that an image was built from: a blob, and the type of the artifact that refers to the image with it.
    package static let lock = "application/vnd.basalt.lock.v1+json"

    /// BuildKit's artifact type of in-index attestation manifests (docs/attestations/attestation-storage.md).
    package static let attestationManifest = "application/vnd.docker.attestation.manifest.v1+json"

    /// RFC 6838 section 4.2: `type/subtype`, each of at most 127 characters and beginning with a letter or digit.
    static func isValid(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        return parts.count == 2
            && parts.allSatisfy { part in
                guard let first = part.first, isAlphanumeric(first), part.count <= 127 else { return false }
                return part.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
            }
    }
}

/// The annotation keys that we write and read.
package enum Annotation {
    package static let refName = "org.opencontainers.image.ref.name"
    package static let title = "org.opencontainers.image.title"
    package static let created = "org.opencontainers.image.created"
    /// What cosign looks for in a local layout's index.json.
    package static let kind = "kind"
    package static let kindIndex = "dev.cosignproject.cosign/imageIndex"
    package static let kindImage = "dev.cosignproject.cosign/image"
    package static let kindSignatures = "dev.cosignproject.cosign/sigs"
    package static let kindAttestations = "dev.cosignproject.cosign/atts"
    package static let cosignSignature = "dev.cosignproject.cosign/signature"
    package static let cosignPredicateType = "predicateType"
    // What proves a signature of cosign's older form (cosign, pkg/oci/static/signature.go).
    package static let cosignCertificate = "dev.sigstore.cosign/certificate"
    package static let cosignChain = "dev.sigstore.cosign/chain"
    package static let cosignLogEntry = "dev.sigstore.cosign/bundle"
    package static let cosignTimestamp = "dev.sigstore.cosign/rfc3161timestamp"
    package static let predicateType = "in-toto.io/predicate-type"
    package static let bundleContent = "dev.sigstore.bundle.content"
    package static let bundlePredicateType = "dev.sigstore.bundle.predicateType"
    package static let referenceType = "vnd.docker.reference.type"
    package static let referenceDigest = "vnd.docker.reference.digest"
}
