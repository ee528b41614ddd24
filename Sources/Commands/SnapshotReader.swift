// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Comparison
internal import Cryptography
internal import Fetching
internal import Packages
internal import Verification

/// Tells images, locks and bills of materials apart, and reads them.
struct SnapshotReader {
    let plainHTTP: Bool
    let network: NetworkOptions
    let progress: ProgressRenderer

    private static let limit = 256 << 20

    /// Whether two kinds have something in common.
    static func areComparable(_ a: Snapshot.Kind, _ b: Snapshot.Kind) -> Bool {
        let bills: Set<Snapshot.Kind> = [.spdx, .cyclonedx]
        return bills.contains(a) == bills.contains(b)
    }

    func read(_ text: String) async throws -> Snapshot {
        if let status = FileStatus(of: text), !status.isDirectory { return try read(file: text) }
        let source = try await ImageOptions.source(of: text, plainHTTP: plainHTTP, network: network, progress)
        var evidence = EvidenceSnapshot()
        for entry in try await EvidenceListing(source, key: nil).entries {
            evidence.add(entry.statement, signers: entry.signers)
        }
        return try await Snapshot(image: source, evidence: evidence)
    }

    private func read(file path: String) throws -> Snapshot {
        let bytes = try Files.read(path, limit: Self.limit)
        guard var json = try? JSON(parsing: bytes) else { throw unknown(path) }
        if json["basaltLock"] != nil { return Self.snapshot(try Lock(parsing: bytes, path: path), name: path) }
        // A statement has its document as predicate.
        if json["predicateType"] != nil, let predicate = json["predicate"] { json = predicate }
        guard let bill = BillOfMaterials(json) else { throw unknown(path) }
        return Snapshot(name: path, digest: .of(json.canonical), bill: bill)
    }

    private func unknown(_ path: String) -> BuildError {
        BuildError(
            "unknown-document",
            "'\(path)' is neither a lock nor an SPDX or CycloneDX document in JSON",
            hint: "an image is named by its directory or its place in a registry"
        )
    }

    private static func snapshot(_ lock: Lock, name: String) -> Snapshot {
        var snapshot = Snapshot(
            name: name,
            kind: .lock,
            digest: .of(lock.json.canonical),
            platforms: lock.platforms.map { platform in
                PlatformSnapshot(
                    name: platform.platform.rawValue,
                    packages: platform.resolution.packages.map { package in
                        PackageSnapshot(
                            name: package.name,
                            version: package.version,
                            architecture: package.architecture,
                            type: packageType(package),
                            source: package.source.name,
                            licence: package.about.licence,
                            sha256: package.sha256
                        )
                    }
                )
            }
        )
        snapshot.others["definition"] = lock.definition
        snapshot.others["definition digest"] = lock.definitionDigest.description
        for platform in lock.platforms {
            for index in platform.indexes {
                snapshot.others["index \(index.repository) \(index.path)"] = index.sha256.description
            }
            for dropped in platform.resolution.dropped {
                snapshot.others["dropped on \(platform.platform.rawValue): \(dropped.package): \(dropped.clause)"] =
                    "yes"
            }
        }
        return snapshot
    }

    /// The type of a package file, which its name tells: `.deb`, `.apk`.
    private static func packageType(_ package: Package) -> String {
        package.path.split(separator: ".").last.map(String.init) ?? ""
    }
}

extension Snapshot.Kind {
    /// For messages.
    var words: String {
        switch self {
        case .image: "an image"
        case .lock: "a lock"
        case .spdx: "an SPDX document"
        case .cyclonedx: "a CycloneDX document"
        }
    }
}
