// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Packages
internal import Signing
internal import TestSupport
internal import Testing
internal import Verification

@Suite("Verification")
struct VerificationTests {
    static func trust(_ key: PrivateKey? = nil) throws -> TrustPolicy {
        var policy = TrustPolicy(
            roots: [
                .init(key: try (key ?? EvidenceFixture.key()).publicKey, builders: [Namespace().localBuilder], level: 1)
            ])
        policy.repository = EvidenceFixture.repository
        policy.buildTypes = [Namespace().buildType]
        policy.definition = .of("definition")
        return policy
    }

    private func verify(
        _ bench: Workbench,
        policy: TrustPolicy,
        alter: (String) throws -> Void = { _ in }
    ) async throws -> VerificationReport {
        let directory = try TemporaryDirectory()
        let target = directory.path + "/img"
        try bench.draft.write(to: target)
        try alter(target)
        return try await ImageVerifier(source: LayoutSource(directory: target, tag: "1.0.0"), policy: policy).verify()
    }

    @Test func acceptsWhatIsGood() async throws {
        let report = try await verify(try await Workbench.make(), policy: try Self.trust())
        #expect(report.findings.filter { $0.outcome == .failed } == [])
        #expect(report.isPassed)
        #expect(report.level == 1)
    }

    @Test func trustsNoOtherKey() async throws {
        let report = try await verify(try await Workbench.make(), policy: try Self.trust(PrivateKey.generate()))
        #expect(!report.isPassed)
        #expect(report.level == 0)
    }

    @Test(arguments: Alteration.allCases)
    func refuses(_ alteration: Alteration) async throws {
        let (bench, policy, alter) = try await altered(alteration)
        let directory = try TemporaryDirectory()
        let target = directory.path + "/img"
        try bench.draft.write(to: target)
        try alter(target)
        let report: VerificationReport
        do {
            report = try await ImageVerifier(source: LayoutSource(directory: target, tag: "1.0.0"), policy: policy)
                .verify()
        } catch is OCIError {
            return
        }
        #expect(!report.isPassed, "\(alteration) was accepted")
    }

    func altered(
        _ alteration: Alteration
    ) async throws -> (Workbench, TrustPolicy, (String) throws -> Void) {
        var policy = try Self.trust()
        var bench = try await Workbench.make()
        var alter: (String) throws -> Void = { _ in }
        let index = bench.index.digest
        func flip(_ path: String) throws {
            var data = try Data(contentsOf: URL(filePath: path))
            data[data.count / 2] ^= 1
            try FileManager.default.removeItem(atPath: path)
            try data.write(to: URL(filePath: path))
        }
        func payload(_ type: String) throws {
            try bench.rewriteBundle(type, about: index) { json, _ in
                json.change(["dsseEnvelope", "payload"]) { $0.flipBase64() }
            }
        }
        let provenance = PredicateType.provenance
        let first = bench.members[0]
        switch alteration {
        case .signaturePayload: try payload(PredicateType.signature)
        case .provenancePayload: try payload(provenance)
        case .spdxPayload: try payload(PredicateType.spdx)
        case .cycloneDXPayload: try payload(PredicateType.cycloneDX)
        case .bundleSignatureByte:
            try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in
                json.change(["dsseEnvelope", "signatures", "0", "sig"]) { $0.flipBase64() }
            }
        case .bundleByAnotherKey:
            let other = try PrivateKey.generate()
            try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in
                let envelope = try Envelope(json["dsseEnvelope"] ?? .null, name: "e")
                let signature = try other.sign(envelope.preAuthentication)
                json.change(["dsseEnvelope", "signatures", "0", "sig"]) { $0 = .string(Base64.encode(signature)) }
            }
        case .bundleOfAnotherImage, .legacyOfAnotherImage:
            let other = try await Workbench.make(change: "older")
            if alteration == .bundleOfAnotherImage {
                var replayed: [String: JSON] = [:]
                for entry in other.draft.entries where entry.artifactType == MediaType.bundle {
                    let manifest = try Manifest(parsing: try #require(other.draft.bytes(of: entry.digest)), name: "m")
                    guard manifest.subject?.digest == other.index.digest else { continue }
                    let type = entry.annotations[Annotation.bundlePredicateType] ?? ""
                    replayed[type] = try JSON(parsing: try #require(other.draft.bytes(of: manifest.layers[0].digest)))
                }
                let old = try #require(replayed[PredicateType.signature])
                try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in json = old }
            } else {
                let tag = "sha256-\(other.index.digest.hex).sig"
                let entry = try #require(other.draft.entries.first { $0.annotations[Annotation.refName] == tag })
                let manifest = try Manifest(parsing: try #require(other.draft.bytes(of: entry.digest)), name: "m")
                let bytes = try #require(other.draft.bytes(of: manifest.layers[0].digest))
                try bench.rewriteTag("sig") { own, draft in
                    _ = draft.add(bytes, mediaType: MediaType.simpleSigning)
                    own.layers = manifest.layers
                }
            }
        case .bundlePredicateAnnotation:
            try bench.rewriteBundle(provenance, about: index) { _, manifest in
                manifest.annotations[Annotation.bundlePredicateType] = PredicateType.openVEX
            }
        case .bundleVersion:
            try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in
                json.change(["mediaType"]) { $0 = "application/vnd.dev.sigstore.bundle+json;version=0.1" }
            }
        case .bundleMessageSignature:
            try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in
                json.change(["messageSignature"]) { $0 = .object([("signature", "AAAA")]) }
            }
        case .bundlePayloadType:
            try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in
                json.change(["dsseEnvelope", "payloadType"]) { $0 = "application/json" }
            }
        case .bundleTwoSignatures:
            try bench.rewriteBundle(PredicateType.signature, about: index) { json, _ in
                json.change(["dsseEnvelope", "signatures"]) { list in
                    let elements = list.elements ?? []
                    list = .array(elements + elements)
                }
            }
        case .bundleSubjectSize:
            try bench.rewriteBundle(PredicateType.signature, about: index) { _, manifest in manifest.subject?.size += 1
            }
        case .bundlesStripped: bench.rewrite { entry, _ in entry.artifactType == MediaType.bundle ? nil : entry }
        case .provenanceStripped:
            bench.rewrite { entry, _ in
                entry.annotations[Annotation.bundlePredicateType] == provenance ? nil : entry
            }
        case .legacySignatureStripped, .attestationsStripped, .platformSignatureStripped:
            let digest = alteration == .platformSignatureStripped ? first.0.digest : index
            let suffix = alteration == .attestationsStripped ? "att" : "sig"
            bench.rewrite { entry, _ in
                entry.annotations[Annotation.refName] == "sha256-\(digest.hex).\(suffix)" ? nil : entry
            }
        case .platformStripped, .platformSwapped, .configuration, .layerReplaced:
            // The index is made anew; the tag moves to it, and so does the evidence, as far as it can.
            var manifests = bench.members.map(\.0)
            if alteration == .platformStripped {
                manifests.removeLast()
            } else if alteration == .platformSwapped {
                let platform = manifests[0].platform
                manifests[0].platform = manifests[1].platform
                manifests[1].platform = platform
            } else {
                var manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: first.0.digest)), name: "m")
                if alteration == .configuration {
                    var configuration = try ImageConfiguration(
                        parsing: try #require(bench.draft.bytes(of: manifest.config.digest)),
                        name: "c"
                    )
                    configuration.user = "0"
                    manifest.config = bench.draft.add(configuration.json.compact, mediaType: MediaType.config)
                } else {
                    manifest.layers[0] = bench.draft.add(Array("other".utf8), mediaType: MediaType.layerGzip)
                }
                var replaced = bench.draft.add(manifest)
                replaced.platform = first.0.platform
                manifests[0] = replaced
            }
            let other = bench.draft.add(index: manifests)
            bench.rewrite { entry, _ in
                entry.annotations[Annotation.refName] == "1.0.0" ? other.annotated(entry.annotations) : entry
            }
            for entry in bench.draft.entries where entry.artifactType == MediaType.bundle {
                var manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: entry.digest)), name: "m")
                guard manifest.subject?.digest == index else { continue }
                manifest.subject = other.reference
                let copy = bench.draft.add(manifest, annotations: manifest.annotations)
                bench.draft.list(copy)
            }
        case .blobMissing:
            alter = { try FileManager.default.removeItem(atPath: "\($0)/blobs/sha256/\(first.0.digest.hex)") }
        case .legacyPayload:
            try bench.rewriteTag("sig") { manifest, draft in
                var layer = draft.add(
                    SimpleSigning(reference: "registry.example.org/other", digest: index).bytes,
                    mediaType: MediaType.simpleSigning
                )
                layer.annotations = manifest.layers[0].annotations
                manifest.layers = [layer]
            }
        case .legacySignature:
            try bench.rewriteTag("sig") { manifest, _ in
                var text = JSON.string(manifest.layers[0].annotations[Annotation.cosignSignature] ?? "")
                text.flipBase64()
                manifest.layers[0].annotations[Annotation.cosignSignature] = text.text
            }
        case .legacyAttestation:
            try bench.rewriteTag("att") { manifest, draft in
                var json = try JSON(parsing: draft.bytes(of: manifest.layers[0].digest) ?? [])
                json.change(["payload"]) { $0.flipBase64() }
                var layer = draft.add(json.compact, mediaType: MediaType.dsse)
                layer.annotations = manifest.layers[0].annotations
                manifest.layers[0] = layer
            }
        case .legacyPredicateAnnotation:
            try bench.rewriteTag("att") { manifest, _ in
                manifest.layers[0].annotations[Annotation.cosignPredicateType] = PredicateType.openVEX
            }
        case .layerByte:
            let manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: first.0.digest)), name: "m")
            alter = { try flip("\($0)/blobs/sha256/\(manifest.layers[0].digest.hex)") }
        case .diffID:
            let manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: first.0.digest)), name: "m")
            alter = { try flip("\($0)/blobs/sha256/\(manifest.config.digest.hex)") }
        case .tagTwice:
            let other = bench.draft.add(index: [bench.members[0].0])
            bench.draft.list(other, tag: "1.0.0")
        case .indexIsManifest:
            let text =
                #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"layers":[]}"#
            let other = bench.draft.add(Array(text.utf8), mediaType: MediaType.index)
            bench.rewrite { entry, _ in
                entry.annotations[Annotation.refName] == "1.0.0" ? other.annotated(entry.annotations) : entry
            }
        case .unknownParameter:
            bench = try await Workbench.make { $0.record.externalParameters.append((name: "backdoor", value: true)) }
        case .fileMissing: bench = try await Workbench.make { $0.members[0].inventory.files.removeLast() }
        case .fileDigest: bench = try await Workbench.make { $0.members[0].inventory.files[0].sha256 = .of("other") }
        case .fileAdded:
            bench = try await Workbench.make { evidence in
                var file = evidence.members[0].inventory.files[0]
                file.path = "usr/bin/ghost"
                evidence.members[0].inventory.files.append(file)
            }
        case .packageMissing: bench = try await Workbench.make { $0.members[0].inventory.packages.removeFirst() }
        case .packageAdded:
            bench = try await Workbench.make { evidence in
                var ghost = evidence.members[0].inventory.packages[0]
                ghost.package.name = "ghost"
                evidence.members[0].inventory.packages.append(ghost)
            }
        case .platformNotCovered: bench = try await Workbench.make { $0.members.removeLast() }
        case .otherBuilder: bench = try await Workbench.make { $0.record.builder = "https://builder.example/hosted" }
        case .otherBuildType:
            bench = try await Workbench.make { $0.record.namespace = Namespace(base: "https://other.example") }
        case .otherDefinition: policy.definition = .of("another definition")
        case .otherRepository: policy.repository = "registry.example.org/other"
        case .otherSource: policy.source = "git+https://git.example/images"
        }
        return (bench, policy, alter)
    }
}
