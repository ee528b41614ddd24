// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON
package import Cryptography
internal import Diagnostics
package import OCI
package import Verification

/// An image with the provenance that says how to build it again.
package struct RecordedImage: Sendable {
    package let source: any ImageSource
    package let root: Descriptor
    /// The images of the index.
    package let images: [Descriptor]
    /// The statements that count: those that a trusted signer made, or all of them where nothing is verified.
    package let statements: [EvidenceListing.Entry]
    /// The one that is reproduced.
    package let provenance: Statement
    package let build: RecordedBuild
    package let isVerified: Bool

    /// Reads an image's record, once the image was verified.
    ///
    /// - Parameter trust: nil to believe whatever the provenance says.
    /// - Throws: `foreign-provenance`, `no-provenance`, `not-verified`.
    package init(_ source: any ImageSource, trust: TrustPolicy?) async throws {
        self.source = source
        root = try await source.root()
        images = MediaType.isIndex(root.mediaType) ? try await source.images(of: root) : [root]
        var entries = try await EvidenceListing(source, key: nil).entries
        // What nobody here can build is refused whoever signed it.
        try RecordedImage.refuseForeign(entries, name: source.name)
        if var trust {
            // Whether it passed its tests is another question than how it was made.
            trust.tests = .any
            let report = try await ImageVerifier(source: source, policy: trust).verify()
            let failed = report.findings.filter { $0.outcome == .failed }
            if let first = failed.first {
                let more = failed.count > 1 ? " (and \(failed.count - 1) more)" : ""
                throw ReproductionError(
                    "not-verified",
                    "\(source.name) is not verified: \(first.subject): \(first.check): \(first.detail)\(more)",
                    hint: "'basalt verify' lists every check; --unverified builds it again all the same, and compares",
                    outcome: .negative
                )
            }
            entries = entries.filter { report.believed[$0.target]?.contains(.of($0.bytes)) ?? false }
        }
        isVerified = trust != nil
        statements = entries
        let index = root.digest
        let candidates = entries.filter { $0.target == index && Provenance.isReproducible($0.statement) }
        guard let entry = candidates.first(where: { $0.statement.predicateType == PredicateType.provenance }) else {
            throw ReproductionError(
                "no-provenance",
                "\(source.name) has no \(trust == nil ? "" : "trusted ")provenance that says how it was built",
                hint: "an image that 'basalt build' signs has one; 'basalt inspect' lists what is attached"
            )
        }
        provenance = entry.statement
        build = try RecordedBuild(entry.statement.predicate)
    }

    private static func refuseForeign(_ entries: [EvidenceListing.Entry], name: String) throws(ReproductionError) {
        let provenances = entries.filter { $0.statement.predicateType.hasPrefix("https://slsa.dev/provenance/") }
        func type(_ entry: EvidenceListing.Entry) -> String? {
            let predicate = entry.statement.predicate
            return predicate["buildDefinition"]?["buildType"]?.text ?? predicate["buildType"]?.text
        }
        guard let first = provenances.first, !provenances.contains(where: { RecordedBuild.isOurs(type($0)) }) else {
            return
        }
        let predicate = first.statement.predicate
        let builder = predicate["runDetails"]?["builder"]?["id"]?.text ?? predicate["builder"]?["id"]?.text ?? "unnamed"
        throw ReproductionError(
            "foreign-provenance",
            "\(name) was built by another program: its provenance is of the build type '\(type(first) ?? "none")', by the builder '\(builder)'",
            hint:
                "only images that basalt built can be built again here; 'basalt build' makes an image of one's own from the same definition"
        )
    }

    /// `index`, or the platform.
    package func name(of digest: Digest) -> String {
        if digest == root.digest { return MediaType.isIndex(root.mediaType) ? "index" : "image" }
        return images.first { $0.digest == digest }?.platform?.description ?? "\(digest)"
    }
}
