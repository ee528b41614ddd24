// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Images
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
        var findings: [Finding] = []
        var images: [Descriptor] = []
        var attachments: [Descriptor] = []
        if root.mediaType == MediaType.index {
            do {
                let index = try await source.imageIndex(root)
                images = index.images
                attachments = index.manifests.filter { !images.contains($0) }
                if images.isEmpty { findings.append(Finding("index", "platforms", .failed, "the index has no image")) }
                let names = images.map { $0.platform?.description ?? "?" }
                if Set(names).count != names.count {
                    findings.append(Finding("index", "platforms", .failed, "the index has a platform twice"))
                }
            } catch {
                findings.append(Finding("index", "digest", .failed, "\(error)"))
            }
        }
        findings += policy.expectations.findings(root, images: images)
        var inputs: Set<Digest> = []
        var believed: [Digest: Set<Digest>] = [:]
        var level = 3
        let covered = [root.digest] + images.map(\.digest)
        var isCovered = false
        var aboutIndex: [Evidence.Signed] = []
        if root.mediaType == MediaType.index {
            let result = await evidence(of: root, named: "index", isCovered: false, covered: covered)
            findings += result.findings
            aboutIndex = result.statements
            isCovered = result.isSigned && !policy.signatures.isEveryManifestSigned
            for signed in result.statements
            where signed.statement.predicateType == PredicateType.openVEX
                || signed.statement.predicateType == PredicateType.openVEXVersioned
            {
                findings += vex(signed, of: root.digest, named: "index", nil)
            }
            level = min(level, result.level)
            inputs.formUnion(result.statements.map(\.artifact))
            believed[root.digest] = Set(result.statements.map(\.payload))
        } else {
            images = [root]
        }
        let tests = TestResultCheck(policy: policy)
        var statements: [Digest: [Evidence.Signed]] = [:]
        for image in images {
            let name = image.platform?.description ?? "image"
            let result = await evidence(of: image, named: name, isCovered: isCovered, covered: covered)
            findings += result.findings
            level = min(level, result.level)
            findings += tests.missing(
                for: image.digest,
                platform: image.platform?.description,
                named: name,
                own: result.statements,
                index: aboutIndex
            )
            findings += await contents(of: image, named: name, statements: result.statements)
            statements[image.digest] = result.statements
            inputs.formUnion(result.statements.map(\.artifact))
            believed[image.digest] = Set(result.statements.map(\.payload))
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

    // MARK: Signatures and statements

    /// - Parameter isCovered: whether the signature of the index is enough.
    private func evidence(
        of target: Descriptor,
        named name: String,
        isCovered: Bool,
        covered: [Digest]
    ) async -> (findings: [Finding], statements: [Evidence.Signed], level: Int, isSigned: Bool) {
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
        let check = ProvenanceCheck(policy: policy, covered: covered)
        for signed in evidence.statements where signed.statement.predicateType == PredicateType.provenance {
            let problems = check.problems(signed)
            for problem in problems { findings.append(Finding(name, problem.check, .failed, problem.detail)) }
            if problems.isEmpty {
                level = max(level, check.level(signed))
                if signed.isBundle {
                    let builder = signed.statement.predicate["runDetails"]?["builder"]?["id"]?.text ?? ""
                    findings.append(Finding(name, "builder", .passed, builder))
                }
            }
        }
        for signed in evidence.statements where signed.statement.predicateType == PredicateType.verificationSummary {
            let (finding, summarised) = SummaryCheck(policy: policy).judge(signed, named: name)
            findings.append(finding)
            level = max(level, summarised)
        }
        if target.digest == covered.first { findings += check.missing(evidence) + evidence.repositoryFindings() }
        let isSigned = forms.isSatisfied(bundles: evidence.bundleSignatures, legacy: evidence.legacySignatures)
        return (findings, evidence.statements, level, isSigned)
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

    // MARK: Contents

    private func contents(of image: Descriptor, named name: String, statements: [Evidence.Signed]) async -> [Finding] {
        let contents: ImageContents
        let notes: [Finding]
        do {
            let manifest = try await source.manifest(image)
            let configuration = try ImageConfiguration(
                parsing: await source.blob(manifest.config),
                name: "the configuration of \(name)"
            )
            if let platform = image.platform, platform != configuration.platform {
                return [
                    Finding(name, "platform", .failed, "the configuration says \(configuration.platform)")
                ]
            }
            notes = policy.expectations.finding(configuration, named: name).map { [$0] } ?? []
            contents = try await ImageContents(
                layers: manifest.layers,
                configuration: configuration,
                source: source,
                keeps: { PackageDatabase.holds($0) }
            )
        } catch {
            return [Finding(name, "content", .failed, "\(error)")]
        }
        var findings =
            notes + [Finding(name, "content", .passed, "\(contents.entries.count) paths, every digest checked")]
        let database = PackageDatabase(contents)
        for signed in statements {
            if signed.statement.predicateType == PredicateType.openVEX
                || signed.statement.predicateType == PredicateType.openVEXVersioned
            {
                findings += vex(signed, of: image.digest, named: name, database)
                continue
            }
            let bill: BillOfMaterialsCheck
            switch signed.statement.predicateType {
            case PredicateType.spdx: bill = BillOfMaterialsCheck(spdx: signed.statement.predicate)
            case PredicateType.cycloneDX: bill = BillOfMaterialsCheck(cycloneDX: signed.statement.predicate)
            default: continue
            }
            let problems = bill.problems(contents, database)
            for problem in problems { findings.append(Finding(name, "sbom", .failed, problem)) }
            if problems.isEmpty && signed.isBundle {
                findings.append(
                    Finding(
                        name,
                        "sbom",
                        .passed,
                        "\(signed.statement.predicateType) agrees with the tree and \(database.entries.count) packages"
                    )
                )
            }
        }
        return findings
    }

    private func vex(
        _ signed: Evidence.Signed,
        of digest: Digest,
        named name: String,
        _ database: PackageDatabase?
    ) -> [Finding] {
        let check = VEXCheck(signed.statement.predicate)
        let problems = check.problems(about: digest, database)
        if problems.isEmpty {
            let count = check.document?.statements.count ?? 0
            return signed.isBundle ? [Finding(name, "vex", .passed, "\(count) statements, valid")] : []
        }
        return problems.map { Finding(name, "vex", .failed, $0) }
    }
}
