// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import Building
package import CanonicalJSON
package import Cryptography
internal import Diagnostics
internal import Layers
package import Packages

/// How an image was built, as its provenance records it: what it takes to build it again.
package struct RecordedBuild: Sendable {
    /// A file of the repository of definitions that was an input: below `paths`, or with VEX statements.
    package struct File: Hashable, Sendable {
        package var name: String
        package var sha256: Digest
    }

    /// Relative to the root of its repository.
    package let definition: String
    /// Over the definition's bytes and those of what it includes.
    package let definitionDigest: Digest
    /// Where the definition was published, and the commit that it was built from; nil when the record does not say.
    package let source: BuildRecord.Source?
    package let platforms: [Platform]
    /// Of the lock in its canonical form.
    package let lock: Digest
    package let files: [File]
    package let builder: String
    /// The version of the program.
    package let version: String
    package let compressor: String
    package let namespace: Namespace
    /// The whole predicate.
    package let predicate: JSON

    private let parameters: JSON

    /// What a provenance must not have more than: a parameter that is not known could change anything.
    private static let known: Set<String> = [
        "definition", "platforms", "suites", "strict", "layerLimit", "vendor", "substitutions", "acknowledgedScripts",
        "inIndexAttestations", "acknowledgedChecks", "vex", "sizeLimit", "sourceDateEpoch",
    ]

    /// Whether a build of this type is one of ours.
    static func isOurs(_ buildType: String?) -> Bool {
        guard let buildType else { return false }
        return namespace(buildType) != nil
    }

    private static func namespace(_ buildType: String) -> Namespace? {
        let suffix = Namespace(base: "").buildType
        guard buildType.hasSuffix(suffix), buildType.count > suffix.count else { return nil }
        return Namespace(base: String(buildType.dropLast(suffix.count)))
    }

    /// - Throws: `unknown-format` for what this program cannot carry out, `malformed-provenance` for what says too little.
    package init(_ predicate: JSON) throws(ReproductionError) {
        func malformed(_ what: String) -> ReproductionError {
            ReproductionError("malformed-provenance", "the image's provenance \(what)", outcome: .negative)
        }
        self.predicate = predicate
        let build = predicate["buildDefinition"]
        guard let type = build?["buildType"]?.text, let namespace = RecordedBuild.namespace(type) else {
            throw malformed("has no build type of ours")
        }
        guard let parameters = build?["externalParameters"], let internals = build?["internalParameters"] else {
            throw malformed("has no parameters")
        }
        self.namespace = namespace
        self.parameters = parameters
        for (name, _) in parameters.members ?? [] where !RecordedBuild.known.contains(name) {
            throw ReproductionError(
                "unknown-format",
                "the image was built with a parameter '\(name)' that this program does not know",
                hint: "reproduce it with the version of basalt that built it"
            )
        }
        guard let format = internals["layerFormat"]?.int, let compressor = internals["compressor"]?.text else {
            throw malformed("does not say in which format layers are written")
        }
        guard format == LayerFormat.version else {
            throw ReproductionError(
                "unknown-format",
                "the image's layers are of format \(format), and this program writes format \(LayerFormat.version)",
                hint: "reproduce it with the version of basalt that built it"
            )
        }
        self.compressor = compressor
        guard let path = parameters["definition"]?["path"]?.text, RecordedBuild.isBelow(path),
            let digest = parameters["definition"]?["sha256"]?.text.flatMap({ Digest(.sha256, hex: $0) })
        else { throw malformed("names no definition, or one outside of its repository") }
        definition = path
        definitionDigest = digest
        guard let source = RecordedBuild.source(parameters["definition"]) else {
            throw malformed("names a source of the definition that no build names")
        }
        self.source = source
        var platforms: [Platform] = []
        for name in parameters["platforms"]?.elements ?? [] {
            guard let platform = name.text.flatMap({ Platform(rawValue: $0) }) else {
                throw malformed("names a platform that is not known here")
            }
            platforms.append(platform)
        }
        guard !platforms.isEmpty else { throw malformed("names no platform") }
        self.platforms = platforms
        let details = predicate["runDetails"]
        guard let builder = details?["builder"]?["id"]?.text,
            let version = details?["builder"]?["version"]?["basalt"]?.text
        else { throw malformed("does not say which version of basalt built the image") }
        self.builder = builder
        self.version = version
        let product = (details?["byproducts"]?.elements ?? []).first { $0["name"]?.text == "lock" }
        guard let lock = product?["digest"]?["sha256"]?.text.flatMap({ Digest(.sha256, hex: $0) }) else {
            throw malformed("names no lock")
        }
        self.lock = lock
        let dependencies = build?["resolvedDependencies"]?.elements ?? []
        // Packages have URIs, indexes annotations; the keys that signed indexes are named after them, and are the rebuilder's own.
        let keys = Set(dependencies.compactMap { $0["annotations"]?["signer"]?.text }.map { "key \($0)" })
        var files: [File] = []
        for entry in dependencies.dropFirst()
        where entry["uri"] == nil && entry["annotations"] == nil && !keys.contains(entry["name"]?.text ?? "") {
            guard let name = entry["name"]?.text, RecordedBuild.isBelow(name),
                let digest = entry["digest"]?["sha256"]?.text.flatMap({ Digest(.sha256, hex: $0) })
            else { throw malformed("has an input file without a name or digest, or outside of its repository") }
            files.append(File(name: name, sha256: digest))
        }
        self.files = files
    }

    /// - Returns: nil for what no build writes; an inner nil where there is none.
    private static func source(_ definition: JSON?) -> BuildRecord.Source?? {
        let members = ["repository", "ref", "commit"].compactMap { definition?[$0] }
        if members.isEmpty { return .some(nil) }
        guard let repository = definition?["repository"]?.text, let commit = definition?["commit"]?.text,
            let uri = SourceRepository.names(in: definition).last, let location = try? SourceRepository(parsing: uri),
            location.repository == repository, location.ref == definition?["ref"]?.text, let id = GitCommit(commit),
            id.hex == commit
        else { return nil }
        return BuildRecord.Source(location: location, commit: id)
    }

    /// Names in provenance are joined to directories here: whoever wrote it must not choose other ones.
    private static func isBelow(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..") && !path.utf8.contains(0)
    }

    /// The caller's parameters of the build.
    package func options(output: String) throws(ReproductionError) -> BuildOptions {
        var options = BuildOptions(output: output)
        options.platforms = Set(platforms)
        options.suites = Set(
            (parameters["suites"]?.elements ?? []).compactMap { $0.text.flatMap(ImplicitSuite.init(rawValue:)) }
        )
        options.isStrict = parameters["strict"]?.boolean ?? false
        options.layerLimit = parameters["layerLimit"]?.int ?? options.layerLimit
        options.hasInIndexAttestations = parameters["inIndexAttestations"]?.boolean ?? false
        options.sizeLimit = parameters["sizeLimit"]?.int
        options.sourceDateEpoch = parameters["sourceDateEpoch"]?.int
        options.source = source?.location
        options.sourceCommit = source?.commit
        guard (1...100).contains(options.layerLimit),
            options.sourceDateEpoch.map({ (0..<1 << 33).contains($0) }) ?? true
        else {
            throw ReproductionError(
                "malformed-provenance",
                "the image's provenance has a limit of layers or a time that no build takes",
                outcome: .negative
            )
        }
        return options
    }

    /// The configuration of the build: what it decided about the image is recorded, what only says where things are is the
    /// rebuilder's own.
    package func configuration(_ own: Configuration) -> Configuration {
        var configuration = Configuration()
        configuration.mirrors = own.mirrors
        configuration.keys = own.keys
        let vendor = parameters["vendor"]
        configuration.branding = Branding(
            vendor: vendor?["name"]?.text ?? "",
            labelPrefix: vendor?["labelPrefix"]?.text ?? "",
            url: vendor?["url"]?.text,
            repository: vendor?["repository"]?.text
        )
        func texts(_ name: String) -> [String] { (parameters[name]?.elements ?? []).compactMap(\.text) }
        configuration.acknowledgedScripts = Set(texts("acknowledgedScripts").compactMap { Digest(.sha256, hex: $0) })
        configuration.acknowledgedChecks = Set(texts("acknowledgedChecks"))
        configuration.substitutions = Dictionary(
            (parameters["substitutions"]?.members ?? []).compactMap { name, value in value.text.map { (name, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
        configuration.vexAuthor = parameters["vex"]?["author"]?.text
        configuration.vexRole = parameters["vex"]?["role"]?.text
        configuration.builder = builder
        configuration.namespace = namespace.base
        return configuration
    }
}
