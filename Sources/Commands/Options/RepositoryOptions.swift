// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Debian
internal import Fetching
internal import Foundation
internal import Packages
internal import Signing

/// How repositories are reached, and what a deployment decides.
struct RepositoryOptions: ParsableArguments {
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
            "A directory with trusted public keys, besides those of the configuration; repeatable (default: every 'keys' beside or above the definition and the working directory).",
            valueName: "dir"
        )
    )
    var keyDirectories: [String] = []

    @Flag(name: .long, help: "Use only what the store holds; fail with a list of what is missing.")
    var offline = false

    init() {}

    func validate() throws {
        for mirror in mirrors {
            do { _ = try Mirrors.Entry(parsing: mirror) } catch {
                throw ValidationError("--mirror \(mirror): \(error)")
            }
        }
        for directory in keyDirectories where FileStatus(of: directory)?.isDirectory != true {
            throw ValidationError("--keys \(directory): there is no such directory")
        }
    }

    /// Opens the store and everything else that a build gets from outside.
    ///
    /// - Parameters:
    ///   - definitions: the definitions' paths, whose repository may hold a `keys` directory.
    ///   - now: when validity is judged; nil for the clock's time.
    ///   - store: another one than the user's.
    func environment(
        definitions: [String],
        network: NetworkOptions,
        signer: (any StatementSigner)? = nil,
        now: Int? = nil,
        store: Store? = nil,
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
        let store = try store ?? Store(at: try Store.defaultRoot(environment: variables))
        let transport = try HTTPTransport(try network.settings(config: config))
        let downloader = Downloader(store: store, transport: AnyTransport(http: transport)) { observer(.fetch($0)) }
        return BuildEnvironment(
            store: store,
            downloader: downloader,
            mirrors: mirrors,
            configuration: configuration,
            isOffline: offline,
            keyDirectories: keyDirectories.map(Files.absolute) + configuration.keys
                + (keyDirectories.isEmpty ? Self.keyDirectories(near: definitions) : []),
            signer: signer,
            now: now ?? Int(Date().timeIntervalSince1970),
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
