// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Verification

/// Which statement of an image is wanted, for the commands that print one.
struct StatementOptions: ParsableArguments {
    @OptionGroup var options: ImageOptions

    @Option(
        name: .long,
        help: ArgumentHelp("The platform's statement instead of the whole index's.", valueName: "os/arch")
    )
    var platform: String?

    @Option(name: .long, help: ArgumentHelp("Print only what this public key signed.", valueName: "file"))
    var key: String?

    init() {}

    private func entries() async throws -> [EvidenceListing.Entry] {
        let trusted = try key.map { try KeyReading.publicKey($0) }
        if trusted == nil { Terminal.error("note: not verified; give --key, or use 'basalt verify'\n") }
        let progress = ProgressRenderer(isQuiet: options.quiet)
        defer { progress.clear() }
        let listing = try await EvidenceListing(options.source(progress), key: trusted)
        // `linux/arm64` names the image whose index entry says linux/arm64/v8.
        return listing.entries.filter { entry in
            guard let platform else { return entry.subject == "index" || entry.subject == "image" }
            return entry.subject == platform || entry.subject.hasPrefix(platform + "/")
        }
    }

    /// Prints the predicate of a statement of a type, as `predicate` chooses it.
    func printPredicate(_ type: String, what: String) async throws {
        Terminal.out(try await predicate(what: what) { $0 == type }.pretty)
    }

    /// The predicate of the first statement whose type is wanted, in the order of the layout or of digests; one that is about a
    /// single run only where there is no other. That there are several is told.
    ///
    /// - Throws: `no-statement`.
    func predicate(what: String, ofType isWanted: (String) -> Bool) async throws -> JSON {
        let wanted = try await entries().filter { isWanted($0.statement.predicateType) }
        let lasting = wanted.filter { Provenance.isReproducible($0.statement) }
        let candidates = lasting.isEmpty ? wanted : lasting
        guard let entry = candidates.first else {
            throw BuildError(
                "no-statement",
                "the image '\(options.image)' has no \(what)\(platform.map { " for \($0)" } ?? "")"
                    + (key.map { " that the key '\($0)' signed" } ?? ""),
                hint: "'basalt inspect \(options.image)' lists what it has"
            )
        }
        if candidates.count > 1 {
            let sha256 = Digest.of(entry.bytes).hex
            Terminal.error(
                "note: there are \(candidates.count) statements of this kind; this is \(sha256.prefix(12)). "
                    + "'basalt inspect --format json' lists them, and --key leaves only those of one signer\n"
            )
        }
        return entry.statement.predicate
    }
}
