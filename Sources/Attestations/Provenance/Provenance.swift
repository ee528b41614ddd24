// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Packages

/// SLSA provenance v1 (slsa.dev/provenance/v1), in two statements: one that every rebuild makes again, and one about a
/// single run.
package enum Provenance {
    /// The reproducible predicate: no times, no invocation, dependencies sorted.
    package static func reproducible(_ record: BuildRecord, inventories: [ImageInventory]) -> JSON {
        .members([
            ("buildDefinition", definition(record, inventories: inventories)),
            ("runDetails", details(record, metadata: nil, log: nil)),
        ])
    }

    /// The predicate of one run: the same build definition, with its times.
    package static func execution(
        _ execution: Execution,
        record: BuildRecord,
        inventories: [ImageInventory]
    ) -> JSON {
        let metadata = JSON.object([
            ("invocationId", .string(execution.invocation)),
            ("startedOn", .string(Timestamp.text(execution.startedOn))),
            ("finishedOn", .string(Timestamp.text(execution.finishedOn))),
        ])
        return .members([
            ("buildDefinition", definition(record, inventories: inventories)),
            ("runDetails", details(record, metadata: metadata, log: execution.log)),
        ])
    }

    /// Whether every rebuild makes the statement again: one that is about a single run has times.
    package static func isReproducible(_ statement: Statement) -> Bool {
        guard statement.predicateType == PredicateType.provenance else { return true }
        guard let metadata = statement.predicate["runDetails"]?["metadata"] else { return true }
        // provenance.md: "unset, null and empty" are equivalent.
        return metadata == .null || metadata.members?.isEmpty == true
    }

    /// The report on maintainer scripts: which there were, and what stands for them.
    package static func scripts(_ record: BuildRecord) -> JSON {
        .object([
            (
                "platforms",
                .array(
                    record.scripts.sorted { $0.platform < $1.platform }.map { entry in
                        .object([
                            ("platform", .string(entry.platform.rawValue)),
                            ("scripts", .array(sorted(entry.reports).map(report))),
                        ])
                    }
                )
            )
        ])
    }

    private static func sorted(_ reports: [ScriptReport]) -> [ScriptReport] {
        reports.sorted {
            $0.package == $1.package
                ? $0.script.utf8.lexicographicallyPrecedes($1.script.utf8)
                : $0.package.utf8.lexicographicallyPrecedes($1.package.utf8)
        }
    }

    private static func report(_ report: ScriptReport) -> JSON {
        var treatment: [(String, JSON?)]
        switch report.treatment {
        case .emulated(let effects): treatment = [("treatment", "emulated"), ("effects", .strings(effects))]
        case .dropped(let reason): treatment = [("treatment", "dropped"), ("reason", .string(reason))]
        case .acknowledged: treatment = [("treatment", "acknowledged")]
        }
        treatment.insert(
            contentsOf: [
                ("package", .string(report.package)), ("script", .string(report.script)),
                ("digest", .object([("sha256", .string(report.sha256.hex))])),
            ],
            at: 0
        )
        return .members(treatment)
    }

    // MARK: Build definition

    private static func definition(_ record: BuildRecord, inventories: [ImageInventory]) -> JSON {
        let definition = record.definition
        var external: [(String, JSON)] = [
            (
                "definition",
                .members([
                    ("path", .string(definition.path)),
                    ("sha256", .string(definition.sha256.hex)),
                    ("repository", (definition.source?.location.repository).map { .string($0) }),
                    ("ref", (definition.source?.location.ref).map { .string($0) }),
                    ("commit", (definition.source?.commit.hex).map { .string($0) }),
                ])
            ),
            ("platforms", .strings(record.platforms.sorted().map(\.rawValue))),
        ]
        for parameter in record.externalParameters where !external.contains(where: { $0.0 == parameter.name }) {
            external.append((parameter.name, parameter.value))
        }
        return .members([
            ("buildType", .string(record.namespace.buildType)),
            ("externalParameters", .object(external)),
            (
                "internalParameters",
                record.internalParameters.isEmpty
                    ? nil : .object(record.internalParameters.map { ($0.name, $0.value) })
            ),
            ("resolvedDependencies", .array(dependencies(record, inventories: inventories).map(\.json))),
        ])
    }

    /// The definition, the repository that it is from, every signed index, key and context file, then every package; each once,
    /// sorted.
    package static func dependencies(_ record: BuildRecord, inventories: [ImageInventory]) -> [ResourceDescriptor] {
        var out: [ResourceDescriptor] = []
        for inventory in inventories {
            for entry in inventory.packages {
                let package = entry.package
                out.append(
                    ResourceDescriptor(
                        name: "\(package.name)_\(package.architecture)",
                        uri: package.purl(of: inventory.distribution).description,
                        digest: package.sha256,
                        annotations: ["path": package.path, "repository": package.repository]
                    )
                )
            }
        }
        out = sorted(out)
        var inputs: [ResourceDescriptor] = []
        for index in record.indexes {
            var annotations = ["repository": index.repository, "signer": index.signer]
            if !index.suite.isEmpty { annotations["suite"] = index.suite }
            if let date = index.date { annotations["date"] = Timestamp.text(date) }
            inputs.append(
                ResourceDescriptor(
                    name: "\(index.repository) \(index.path)",
                    digest: index.sha256,
                    annotations: annotations
                )
            )
        }
        inputs = sorted(inputs + record.files)
        let definition = ResourceDescriptor(name: record.definition.path, digest: record.definition.sha256)
        // An entry of its own: the digest of a repository is that of a commit, and not of a file in it.
        let repository = record.definition.source.map {
            ResourceDescriptor(uri: $0.location.uri, gitCommit: $0.commit)
        }
        return [definition] + [repository].compactMap(\.self) + inputs + out
    }

    private static func sorted(_ resources: [ResourceDescriptor]) -> [ResourceDescriptor] {
        var seen: Set<ResourceDescriptor> = []
        func key(_ resource: ResourceDescriptor) -> [UInt8] {
            Array("\(resource.name ?? "")\0\(resource.uri ?? "")\0\(resource.digest?.hex ?? "")".utf8)
        }
        return resources.filter { seen.insert($0).inserted }.map { (key($0), $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    // MARK: Run details

    private static func details(_ record: BuildRecord, metadata: JSON?, log: Digest?) -> JSON {
        var products: [ResourceDescriptor] = []
        if let lock = record.lock {
            products.append(ResourceDescriptor(name: "lock", digest: lock, mediaType: "application/json"))
        }
        if let log { products.append(ResourceDescriptor(name: "log", digest: log, mediaType: "text/plain")) }
        return .members([
            (
                "builder",
                .object([
                    ("id", .string(record.builder)),
                    ("version", .object([("basalt", .string(record.toolVersion))])),
                ])
            ),
            ("metadata", metadata),
            ("byproducts", products.isEmpty ? nil : .array(products.map(\.json))),
        ])
    }
}
