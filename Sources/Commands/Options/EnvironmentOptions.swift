// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Debian
internal import Fetching
internal import Foundation
internal import Packages
internal import Signing

/// What every command that reaches repositories has in common.
struct EnvironmentOptions: ParsableArguments {
    @Option(
        name: .customLong("mirror"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Where a repository is fetched from; repeatable.",
            discussion:
                "PREFIX is 'debian', 'debian-security' or the beginning of a repository's URL as the definition writes it.",
            valueName: "PREFIX=URL"
        )
    )
    var mirrors: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file (default: basalt.yaml, if it is there).", valueName: "file")
    )
    var config: String?

    @Option(
        name: .customLong("keys"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A directory with trusted public keys; repeatable (default: keys, beside the definition's repository).",
            valueName: "dir"
        )
    )
    var keyDirectories: [String] = []

    @Flag(name: .long, help: "Use only what the store holds; fail with a list of what is missing.")
    var offline = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When the validity of signed indexes is judged: RFC 3339 or seconds since the epoch (default: now).",
            valueName: "time"
        )
    )
    var asOf: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which of Debian's implicit suites count, separated by commas.",
            valueName: "release,updates,security"
        )
    )
    var suites: String = "release,updates,security"

    @Flag(
        name: .long,
        help: "A dependency whose every candidate is vetoed is an error, as it is for apt, and not dropped."
    )
    var strict = false

    @Flag(name: [.short, .long], help: "Print errors only.")
    var quiet = false

    init() {}

    func validate() throws {
        _ = try implicitSuites()
        for mirror in mirrors { _ = try Mirrors.Entry(parsing: mirror) }
        if let asOf { _ = try Self.seconds(asOf) }
    }

    func implicitSuites() throws -> Set<ImplicitSuite> {
        Set(
            try suites.split(separator: ",").map { name in
                guard let suite = ImplicitSuite(rawValue: String(name)) else {
                    throw ValidationError("'\(name)' is no suite: write release, updates or security")
                }
                return suite
            }
        )
    }

    private static func seconds(_ text: String) throws -> Int {
        if let number = Int(text) { return number }
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        guard let date = formatter.date(from: text) else {
            throw ValidationError("'\(text)' is neither RFC 3339 (2026-01-31T12:00:00Z) nor seconds since the epoch")
        }
        return Int(date.timeIntervalSince1970)
    }

    /// Opens the store and everything else that a build gets from outside.
    ///
    /// - Parameter definitions: the definitions' paths, whose repository may hold a `keys` directory.
    func environment(
        definitions: [String],
        signer: (any StatementSigner)? = nil,
        observer: @escaping BuildObserver
    ) throws -> BuildEnvironment {
        let variables = ProcessInfo.processInfo.environment
        let configuration = try ConfigurationFile.read(given: config)
        let apt = AptConfiguration()
        let mirrors = try Mirrors(
            flags: mirrors,
            configuration: try configuration.mirrors.map { try Mirrors.Entry(parsing: "\($0.prefix)=\($0.url)") },
            environment: variables["BASALT_MIRRORS"],
            apt: apt.archives().map { (id: "debian", base: $0) }
                + apt.securityArchives().map { (id: "debian-security", base: $0) }
        )
        let store = try Store(at: try Store.defaultRoot(environment: variables))
        let transport = try HTTPTransport(.init(environment: variables))
        let downloader = Downloader(store: store, transport: AnyTransport(http: transport)) { observer(.fetch($0)) }
        return BuildEnvironment(
            store: store,
            downloader: downloader,
            mirrors: mirrors,
            configuration: configuration,
            isOffline: offline,
            keyDirectories: keyDirectories.map(Files.absolute) + configuration.keys
                + Self.keyDirectories(near: definitions),
            signer: signer,
            now: try asOf.map(Self.seconds) ?? Int(Date().timeIntervalSince1970),
            width: max(ProcessInfo.processInfo.activeProcessorCount, 1),
            version: BasaltVersion.text,
            observer: observer
        )
    }

    /// `keys` in the working directory and in the directories above each definition.
    private static func keyDirectories(near definitions: [String]) -> [String] {
        var found: [String] = []
        for path in definitions + ["./x"] {
            var directory = Files.directory(of: Files.absolute(path))
            while directory.count > 1 {
                let keys = directory + "/keys"
                if FileStatus(of: keys)?.isDirectory == true, !found.contains(keys) { found.append(keys) }
                directory = Files.directory(of: directory)
            }
        }
        return found
    }
}
