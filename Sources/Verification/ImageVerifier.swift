// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
package import OCI
internal import Signing
internal import Transparency

/// Verifies an image, wherever it lies: signatures, evidence, and the agreement of both with what is in the image.
///
/// Every question is asked, whatever the answers to the ones before, so that one run names all that is off.
package struct ImageVerifier: Sendable {
    private let source: any ImageSource
    private let policy: TrustPolicy

    package init(source: any ImageSource, policy: TrustPolicy) {
        self.source = source
        self.policy = policy
    }

    /// - Throws: when there is no such image; everything else is in the report.
    package func verify() async throws -> VerificationReport {
        let root = try await source.root()
        let isIndex = MediaType.isIndex(root.mediaType)
        var findings: [Finding] = []
        var images: [Descriptor] = []
        var attachments: [Descriptor] = []
        if isIndex {
            do {
                let index = try await source.imageIndex(root)
                images = index.images
                attachments = index.manifests.filter { !images.contains($0) }
                if images.isEmpty { findings.append(Finding("index", "platforms", .failed, "the index has no image")) }
                let names = images.map { $0.platform?.normalized.description ?? "?" }
                if Set(names).count != names.count {
                    findings.append(Finding("index", "platforms", .failed, "the index has a platform twice"))
                }
            } catch {
                findings.append(Finding("index", "digest", .failed, Finding.text(error)))
            }
        } else {
            images = [root]
        }
        findings += policy.expectations.findings(root)
        if isIndex { findings += policy.expectations.findings(platforms: images.map(\.platform)) }
        var inputs: Set<Digest> = []
        var believed: [Digest: Set<Digest>] = [:]
        var level = 3
        let covered = isIndex ? [root.digest] + images.map(\.digest) : [root.digest]
        var index: EvidenceOutcome?
        if isIndex {
            let result = await evidence(of: root, named: "index", isCovered: false, covered: covered)
            findings += result.findings
            for signed in result.statements
            where signed.statement.predicateType == PredicateType.openVEX
                || signed.statement.predicateType == PredicateType.openVEXVersioned
            {
                findings += ContentsCheck.vex(signed, of: root.digest, named: "index", nil)
            }
            level = min(level, result.level)
            inputs.formUnion(result.statements.map(\.artifact))
            believed[root.digest] = Set(result.statements.map(\.payload))
            index = result
        }
        let isCovered = index?.isSigned == true && !policy.signatures.isEveryManifestSigned
        var statements: [Digest: [Evidence.Signed]] = [:]
        for (image, outcome) in zip(images, await judge(images, isCovered: isCovered, covered: covered, index: index)) {
            findings += outcome.findings
            // A single image has no index to say it; its configuration does.
            if !isIndex, policy.expectations.platforms != nil {
                findings += policy.expectations.findings(platforms: [outcome.platform])
            }
            level = min(level, outcome.level)
            statements[image.digest] = outcome.statements
            inputs.formUnion(outcome.statements.map(\.artifact))
            believed[image.digest] = Set(outcome.statements.map(\.payload))
        }
        for attachment in attachments {
            let check = InIndexAttestationCheck(
                source: source,
                policy: policy,
                isCovered: isCovered,
                statements: statements
            )
            findings += await check.findings(attachment)
        }
        if findings.contains(where: { $0.outcome == .failed }) { level = 0 }
        var report = VerificationReport(
            digest: root.digest,
            findings: findings,
            level: level,
            verified: covered,
            inputs: inputs.sorted()
        )
        report.believed = believed
        return report
    }

    // MARK: Images

    private struct ImageOutcome {
        var findings: [Finding]
        var statements: [Evidence.Signed]
        var level: Int
        var platform: ImagePlatform?
    }

    /// Images that are looked at at a time: each holds the names of its files in memory.
    private static let width = min(ProcessInfo.processInfo.activeProcessorCount, 4)

    /// Judges every image, in their order.
    private func judge(
        _ images: [Descriptor],
        isCovered: Bool,
        covered: [Digest],
        index: EvidenceOutcome?
    ) async -> [ImageOutcome] {
        await withTaskGroup(of: (Int, ImageOutcome).self) { group in
            var outcomes: [Int: ImageOutcome] = [:]
            for (number, image) in images.enumerated() {
                if number >= Self.width, let (done, outcome) = await group.next() { outcomes[done] = outcome }
                group.addTask {
                    (number, await judge(image, isCovered: isCovered, covered: covered, index: index))
                }
            }
            for await (done, outcome) in group { outcomes[done] = outcome }
            return images.indices.compactMap { outcomes[$0] }
        }
    }

    private func judge(
        _ image: Descriptor,
        isCovered: Bool,
        covered: [Digest],
        index: EvidenceOutcome?
    ) async -> ImageOutcome {
        let name = image.platform?.description ?? "image"
        let result = await evidence(of: image, named: name, isCovered: isCovered, covered: covered)
        let check = ContentsCheck(source: source, policy: policy)
        let contents =
            result.isTrusted || index?.isTrusted == true
            ? await check.run(image, named: name, statements: result.statements)
            : ContentsCheck.skipped(name, result.findings)
        let platform = image.platform ?? contents.platform
        let missing = TestResultCheck(policy: policy).missing(
            for: image.digest,
            platform: platform?.description,
            named: name,
            own: result.statements,
            index: index?.statements ?? []
        )
        return ImageOutcome(
            findings: result.findings + missing + contents.findings,
            statements: result.statements,
            level: result.level,
            platform: platform
        )
    }

    // MARK: Signatures and statements

    private struct EvidenceOutcome {
        var findings: [Finding]
        var statements: [Evidence.Signed]
        var level: Int
        /// Whether it is signed in the forms that the policy asks for.
        var isSigned: Bool
        /// Whether somebody trusted signed anything about it.
        var isTrusted: Bool
    }

    /// - Parameter isCovered: whether the signature of the index is enough.
    private func evidence(
        of target: Descriptor,
        named name: String,
        isCovered: Bool,
        covered: [Digest]
    ) async -> EvidenceOutcome {
        let evidence = await Evidence(of: target, named: name, in: source, policy: policy)
        let forms = policy.signatures
        var findings = evidence.findings + evidence.signatureFindings(isCovered: isCovered)
        if policy.transparency != nil, !evidence.witnessed.isEmpty {
            findings.append(Finding(name, "transparency", .passed, Self.summary(evidence.witnessed)))
        }
        for type in policy.predicateTypes {
            let found = evidence.statements.filter { $0.statement.predicateType == type }
            let bundles = found.count { $0.isBundle }
            let isThere = forms.isSatisfied(bundles: bundles, legacy: found.count - bundles)
            findings.append(
                Finding(
                    name,
                    "attestation",
                    isThere ? .passed : .failed,
                    isThere
                        ? "\(type) (\(found.count))"
                        : "no trusted statement of type \(type)"
                            + (forms == .both ? ", as bundle and as attestation" : "")
                )
            )
        }
        findings += others(evidence, named: name)
        findings += TestResultCheck(policy: policy).findings(evidence.statements, named: name)
        var level = 0
        var builders: Set<String> = []
        let check = ProvenanceCheck(policy: policy, covered: covered)
        for signed in evidence.statements where signed.statement.predicateType == PredicateType.provenance {
            let problems = check.problems(signed)
            for problem in problems { findings.append(Finding(name, problem.check, .failed, problem.detail)) }
            if problems.isEmpty {
                level = max(level, check.level(signed))
                if signed.isBundle, let builder = check.confirmed(by: signed) { builders.insert(builder) }
            }
        }
        // Once for each builder and signer, however many statements it made: who counts rebuilders counts these.
        findings += builders.sorted().map { Finding(name, "builder", .passed, $0) }
        for signed in evidence.statements where signed.statement.predicateType == PredicateType.verificationSummary {
            let (finding, summarised) = SummaryCheck(policy: policy).judge(signed, named: name)
            findings.append(finding)
            level = max(level, summarised)
        }
        if target.digest == covered.first { findings += check.missing(evidence) + evidence.repositoryFindings() }
        let signatures = (bundles: evidence.bundleSignatures, legacy: evidence.legacySignatures)
        return EvidenceOutcome(
            findings: findings,
            statements: evidence.statements,
            level: level,
            isSigned: forms.isSatisfied(bundles: signatures.bundles, legacy: signatures.legacy),
            isTrusted: signatures.bundles + signatures.legacy > 0 || !evidence.statements.isEmpty
        )
    }

    /// Trusted statements that nobody asked for, and that no other finding is about.
    private func others(_ evidence: Evidence, named name: String) -> [Finding] {
        let judged = [
            PredicateType.testResult, PredicateType.openVEX, PredicateType.openVEXVersioned,
            PredicateType.verificationSummary,
        ]
        let types = Set(evidence.statements.map(\.statement.predicateType))
        return types.subtracting(policy.predicateTypes).subtracting(judged).sorted().map { type in
            let count = evidence.statements.count { $0.statement.predicateType == type }
            return Finding(name, "attestation", .passed, "\(type) (\(count)), not asked for")
        }
    }

    /// How many bundles were logged and stamped, and where.
    private static func summary(_ outcomes: [BundleVerifier.Outcome]) -> String {
        let logs = Set(outcomes.flatMap { $0.logs.map(\.url) }).sorted()
        let logged = outcomes.count { !$0.logs.isEmpty }
        let stamped = outcomes.count { $0.timestamps > 0 }
        return "of \(outcomes.count) signatures, \(logged) are in a log"
            + (logs.isEmpty ? "" : " (\(logs.joined(separator: ", ")))") + ", \(stamped) have a timestamp"
    }
}
