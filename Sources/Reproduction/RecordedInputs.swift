// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import Building
internal import CanonicalJSON
internal import Cryptography
internal import Definitions
internal import Fetching
internal import OCI

/// The inputs of a recorded build as they are found here, each the very one that was recorded.
package struct RecordedInputs: Sendable {
    package let planned: PlannedDefinition
    package let lock: Lock
    package let statements: [VEXFile]

    /// Where they may be.
    package struct Places: Sendable {
        /// The definition, wherever it lies; nil to look for the recorded path.
        package var definition: String?
        /// The directory that recorded paths are relative to.
        package var definitions: String
        /// Nil for the lock that the image carries.
        package var lock: String?
        package init(definition: String? = nil, definitions: String = ".", lock: String? = nil) {
            self.definition = definition
            self.definitions = definitions
            self.lock = lock
        }
    }

    /// - Throws: when one of them is not here or is another one, before anything is fetched or built.
    package init(of image: RecordedImage, at places: Places) async throws {
        let build = image.build
        let planned = try RecordedInputs.definition(build, places)
        statements = try RecordedInputs.statements(build, planned)
        try RecordedInputs.checkFiles(build, planned, known: Set(statements.map(\.name)))
        self.planned = planned
        lock = try await RecordedInputs.lock(of: image, places)
    }

    private static func definition(_ build: RecordedBuild, _ places: Places) throws -> PlannedDefinition {
        let path = places.definition ?? places.definitions + "/" + build.definition
        let origin = build.source.map { " of \($0.location.uri), commit \($0.commit.hex)" } ?? ""
        guard Files.exists(path) else {
            throw ReproductionError(
                "no-definition",
                "there is no '\(path)': the image was built from \(build.definition)\(origin), \(build.definitionDigest)",
                hint:
                    "run this in a checkout of the repository of definitions, or name one with --definitions, or the file with --definition"
            )
        }
        var planned = try PlannedDefinition(path: path, platforms: Set(build.platforms))
        guard planned.digest == build.definitionDigest else {
            throw ReproductionError(
                "other-definition",
                "'\(path)' is \(planned.digest), and the image was built from \(build.definition)\(origin) when that was \(build.definitionDigest)",
                hint: "check out the revision that the image was built from"
            )
        }
        guard planned.plans.map(\.platform).sorted() == build.platforms.sorted() else {
            throw ReproductionError("other-definition", "'\(path)' is not for every platform of the image")
        }
        planned.relativePath = build.definition
        return planned
    }

    /// The files with statements that were recorded; those that were written since are left out.
    private static func statements(_ build: RecordedBuild, _ planned: PlannedDefinition) throws -> [VEXFile] {
        let recorded = Set(build.files)
        return try VEXFolder(beside: planned).files().filter {
            recorded.contains(RecordedBuild.File(name: $0.name, sha256: $0.digest))
        }
    }

    private static func checkFiles(
        _ build: RecordedBuild,
        _ planned: PlannedDefinition,
        known: Set<String>
    ) throws(ReproductionError) {
        guard let root = planned.plans.first?.plan.root else { return }
        for file in build.files where !known.contains(file.name) {
            let place: String
            do {
                place = try root.resolve(file.name)
            } catch {
                throw ReproductionError(
                    "no-input",
                    "the input '\(file.name)' of the image is not in '\(root.path)': \(error.reason)",
                    hint: "check out the revision that the image was built from"
                )
            }
            guard let digest = try? digest(of: place), digest == file.sha256 else {
                throw ReproductionError(
                    "other-input",
                    "'\(place)' is not the file that the image was built from, which was \(file.sha256)",
                    hint: "check out the revision that the image was built from"
                )
            }
        }
    }

    private static func digest(of path: String) throws -> Digest {
        let file = try OpenFile.reading(path)
        let hasher = Hasher()
        try file.hash(first: file.status.size, into: hasher)
        return hasher.finish()
    }

    private static func lock(of image: RecordedImage, _ places: Places) async throws -> Lock {
        let digest = image.build.lock
        if let path = places.lock {
            let lock = try Lock(parsing: Files.read(path, limit: 1 << 28), path: path)
            let actual = Digest.of(lock.json.canonical)
            guard actual == digest else {
                throw ReproductionError(
                    "other-lock",
                    "the lock '\(path)' is not the one that the image was built from: it is \(actual), recorded is \(digest)"
                )
            }
            return lock
        }
        if let lock = try await AttachedLock.read(digest, of: image.root, in: image.source) { return lock }
        throw ReproductionError(
            "no-lock",
            "\(image.source.name) does not carry the lock that it was built from, \(digest)",
            hint:
                "name it with --lock: a build writes it beside its layout; 'basalt push' and 'copy' take along what is attached"
        )
    }
}
