// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import Signing
internal import TestSupport
internal import Testing
internal import Verification

/// Images that others built: in forms that ours never have, and that are right all the same.
@Suite("Images of others")
struct OthersImagesTests {
    private func failures(_ report: VerificationReport) -> [String] {
        report.findings.filter { $0.outcome == .failed }.map { "\($0.subject) \($0.check)" }
    }

    /// Image manifest version 2, schema 2 (distribution, docs/content/spec/manifest-v2-2.md) has OCI's members under other types.
    @Test func haveOtherMediaTypes() async throws {
        var image = SignedImage()
        var entries: [Descriptor] = []
        for platform in [ImagePlatform(architecture: "amd64"), ImagePlatform(architecture: "arm64", variant: "v8")] {
            let made = image.add(platform)
            var manifest = try Manifest(parsing: try #require(image.draft.bytes(of: made.digest)), name: "m")
            manifest.config.mediaType = "application/vnd.docker.container.image.v1+json"
            manifest.layers[0].mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip"
            var entry = image.add(manifest.json, as: "application/vnd.docker.distribution.manifest.v2+json")
            entry.platform = platform
            entries.append(entry)
        }
        let list = image.add(
            Index(manifests: entries).json,
            as: "application/vnd.docker.distribution.manifest.list.v2+json"
        )
        let report = try await image.verify(list)
        #expect(failures(report) == [])
        #expect(report.verified.count == 3)
        #expect(report.findings.count { $0.check == "content" && $0.outcome == .passed } == 2)
        // One of the two, for itself.
        #expect(try await failures(image.verify(entries[0])) == [])
        // What is both is still neither.
        var both = Index(manifests: entries).json
        both.change(["layers"]) { $0 = [] }
        let odd = image.add(both, as: "application/vnd.docker.distribution.manifest.list.v2+json")
        #expect(try await failures(image.verify(odd)).contains("index digest"))
    }

    /// containerd, platforms/database.go: `arm64/v8` is `arm64`, `arm` is `arm/v7`, and the rest differs.
    @Test(
        arguments: [
            ("arm64", "v8", "arm64", nil, true), ("arm64", nil, "arm64", "8", true), ("arm", "v7", "arm", nil, true),
            ("arm", "v6", "arm", nil, false), ("arm64", "v9", "arm64", nil, false), ("amd64", "v1", "amd64", nil, true),
            ("amd64", "v2", "amd64", nil, false), ("x86_64", nil, "amd64", nil, true),
            ("amd64", nil, "arm64", nil, false),
        ] as [(String, String?, String, String?, Bool)]
    )
    func nameVariantsDifferently(_ a: String, _ first: String?, _ b: String, _ second: String?, _ same: Bool)
        async throws
    {
        var image = SignedImage()
        let entry = image.add(
            ImagePlatform(architecture: b, variant: second),
            says: ImagePlatform(architecture: a, variant: first)
        )
        let index = image.draft.add(index: [entry])
        let report = try await image.verify(index)
        #expect(failures(report).map { $0.split(separator: " ").last } == (same ? [] : ["platform"]))
    }

    @Test func areForSeveralVersionsOfASystem() async throws {
        var image = SignedImage()
        let versions = ["10.0.17763.1", "10.0.20348.2"].map {
            ImagePlatform(architecture: "amd64", os: "windows", osVersion: $0)
        }
        let index = image.draft.add(index: versions.map { image.add($0) })
        let report = try await image.verify(index)
        #expect(failures(report) == [])
        #expect(report.findings.contains { $0.subject == "windows(10.0.17763.1)/amd64" })
        let twice = image.draft.add(index: [
            image.add(versions[0]), image.add(versions[0]) { $0.annotations = ["a": "b"] },
        ])
        #expect(try await failures(image.verify(twice)).contains("index platforms"))
        let other = image.draft.add(index: [image.add(versions[0], says: versions[1])])
        #expect(try await failures(image.verify(other)).contains("windows(10.0.20348.2)/amd64 platform"))
    }

    /// The policy's platforms are judged by the configuration where there is no index, and variants as everywhere.
    @Test func areForOnePlatformOnly() async throws {
        var image = SignedImage()
        let single = image.add(ImagePlatform(architecture: "arm64"))
        func failures(_ platforms: Set<String>) async throws -> [String] {
            self.failures(try await image.verify(single) { $0.expectations.platforms = platforms })
        }
        #expect(try await failures(["linux/arm64"]) == [])
        #expect(try await failures(["linux/arm64/v8"]) == [])
        #expect(try await failures(["linux/amd64"]) == ["index expected-platforms", "index expected-platforms"])
        let report = try await image.verify(single) { $0.requiredTests = ["no-shell"] }
        #expect(self.failures(report) == ["image test"])
    }

    /// Others attach what they like: nothing of it is evidence but bundles.
    @Test(arguments: [
        #"{"schemaVersion":2,"artifactType":"application/vnd.example+json","config":{},"layers":[],"subject":SUBJECT}"#,
        #"{"artifactType":"application/vnd.example+json","subject":SUBJECT}"#,
    ])
    func haveOtherReferrers(_ text: String) async throws {
        for isListedByType in [true, false] {
            var image = SignedImage()
            let root = image.add(ImagePlatform(architecture: "amd64"))
            let subject = String(decoding: root.reference.json.compact, as: UTF8.self)
            var other = image.draft.add(
                Array(text.replacing("SUBJECT", with: subject).utf8),
                mediaType: MediaType.manifest
            )
            if isListedByType { other.artifactType = "application/vnd.example+json" }
            image.draft.list(other)
            #expect(try await failures(image.verify(root)) == [])
        }
    }

    /// go-containerregistry's registry lists the configuration's type for every artifact: a bundle is one by its own manifest.
    @Test func haveABundleThatIsListedByItsConfiguration() async throws {
        var bench = try await Workbench.make()
        bench.rewrite { entry, _ in
            var entry = entry
            if entry.artifactType == MediaType.bundle { entry.artifactType = "application/vnd.oci.empty.v1+json" }
            return entry
        }
        let directory = try EvidenceTests.TemporaryDirectory()
        try bench.draft.write(to: directory.path + "/img")
        let source = try LayoutSource(directory: directory.path + "/img", tag: "1.0.0")
        let report = try await ImageVerifier(source: source, policy: VerificationTests.trust()).verify()
        #expect(report.findings.filter { $0.outcome == .failed } == [])
        #expect(try await !EvidenceListing(source, key: nil).entries.isEmpty)
    }

    /// in-toto attestation spec/v1/digest_set.md.
    @Test func haveSubjectsThatAreNoImages() throws {
        func statement(_ subjects: String) throws -> Statement {
            let text =
                #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"p","predicate":{},"subject":[\#(subjects)]}"#
            return try Statement(parsing: Array(text.utf8), name: "s")
        }
        let commit = #"{"digest":{"gitCommit":"d6525c840a62b398424a78d792f457477135d0cf"}}"#
        let image =
            #"{"name":"i","digest":{"sha256":"\#(Digest.of("i").hex)","sha512":"\#(Digest.of("i", .sha512).hex)"}}"#
        let longer = #"{"digest":{"sha512":"\#(Digest.of("j", .sha512).hex)"}}"#
        #expect(try statement(commit).subjects == [])
        #expect(try statement("\(commit),\(image),\(longer)").subjects.map(\.digest) == [.of("i"), .of("j", .sha512)])
        for bad in ["", "{}", #"{"digest":{"sha256":"00"}}"#, #"{"digest":"x"}"#, #"{"digest":{"sha256":1}}"#] {
            #expect(throws: AttestationError.self, "\(bad)") { try statement(bad) }
        }
    }
}
