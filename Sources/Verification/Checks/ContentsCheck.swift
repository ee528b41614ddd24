// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Images
internal import OCI

/// Looks into one platform's image: every digest, and whether what trusted signers say of it is so.
struct ContentsCheck {
    let source: any ImageSource
    let policy: TrustPolicy

    struct Outcome {
        var findings: [Finding]
        /// What the configuration says; nil when it could not be read.
        var platform: ImagePlatform?
    }

    /// For an image that nobody trusted signed: nothing of it is fetched, and no unpacker is shown it.
    ///
    /// - Parameter findings: those about its signatures, one of which has failed; if none had, this one does.
    static func skipped(_ name: String, _ findings: [Finding]) -> Outcome {
        let isFailed = findings.contains { $0.outcome == .failed }
        let detail = "not looked at: nobody trusted signed anything about it, nor about an index that has it"
        return Outcome(findings: [Finding(name, "content", isFailed ? .skipped : .failed, detail)])
    }

    func run(_ image: Descriptor, named name: String, statements: [Evidence.Signed]) async -> Outcome {
        var outcome = Outcome(findings: [])
        let contents: ImageContents
        do {
            let manifest = try await source.manifest(image)
            let configuration = try ImageConfiguration(
                parsing: await source.blob(manifest.config, limit: ImageConfiguration.limit),
                name: "the configuration of \(name)"
            )
            outcome.platform = configuration.platform
            if let platform = image.platform, !platform.isSame(as: configuration.platform) {
                outcome.findings.append(
                    Finding(name, "platform", .failed, "the configuration says \(configuration.platform)")
                )
                return outcome
            }
            outcome.findings += policy.expectations.finding(configuration, named: name).map { [$0] } ?? []
            contents = try await ImageContents(
                layers: manifest.layers,
                configuration: configuration,
                source: source,
                keeps: { PackageDatabase.holds($0) }
            )
        } catch {
            outcome.findings = [Finding(name, "content", .failed, Finding.text(error))]
            return outcome
        }
        outcome.findings.append(
            Finding(name, "content", .passed, "\(contents.entries.count) paths, every digest checked")
        )
        do {
            let database = try PackageDatabase(contents)
            for signed in statements {
                outcome.findings += findings(signed, about: image.digest, named: name, contents, database)
            }
        } catch {
            outcome.findings.append(Finding(name, "packages", .failed, Finding.text(error)))
        }
        return outcome
    }

    private func findings(
        _ signed: Evidence.Signed,
        about digest: Digest,
        named name: String,
        _ contents: ImageContents,
        _ database: PackageDatabase
    ) -> [Finding] {
        let type = signed.statement.predicateType
        let bill: BillOfMaterialsCheck
        switch type {
        case PredicateType.openVEX, PredicateType.openVEXVersioned:
            return Self.vex(signed, of: digest, named: name, database)
        case PredicateType.spdx: bill = BillOfMaterialsCheck(spdx: signed.statement.predicate)
        case PredicateType.cycloneDX: bill = BillOfMaterialsCheck(cycloneDX: signed.statement.predicate)
        default: return []
        }
        // Ours list every file. One that lists none was made to say less, whoever signed it.
        let isOurs = policy.signatures == .both && policy.predicateTypes.contains(type)
        let problems = bill.problems(contents, database, needsFiles: isOurs)
        if !problems.isEmpty { return problems.map { Finding(name, "sbom", .failed, $0) } }
        // What is filed in both forms is one statement.
        guard signed.isBundle || policy.signatures == .legacy else { return [] }
        let packages = "\(database.entries.count) packages"
        return [
            Finding(
                name,
                "sbom",
                .passed,
                bill.listsFiles
                    ? "\(type) agrees with the tree and \(packages)"
                    : "\(type) agrees with \(packages); it lists no files"
            )
        ]
    }

    /// - Parameter database: nil for an index, whose images have one each.
    static func vex(
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
