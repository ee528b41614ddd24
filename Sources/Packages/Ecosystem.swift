// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree

/// What a distribution family owes the rest of the system. `Debian` and `Alpine` are the two there are; a third is a new
/// module and one more entry in `Building`'s list.
package protocol Ecosystem: Sendable {
    /// `debian` or `alpine`: the purl type's namespace and the word in messages.
    var name: String { get }

    /// The purl type of its packages (purl specification, types): `deb`, `apk`.
    var packageType: String { get }

    /// The algorithm of the checksums that its package database has of installed files.
    var databaseChecksum: Digest.Algorithm { get }

    /// Whether an image with this os-release is one of ours.
    func serves(_ distribution: Distribution) -> Bool

    /// Orders two versions as the family's own tool does: negative when the first is older, 0 when they are the same.
    func compare(_ version: String, _ other: String) -> Int

    /// The repositories that a definition of this distribution uses without naming them.
    func implicitRepositories(for distribution: Distribution, suites: Set<ImplicitSuite>) -> [Repository]

    /// Reads a repository line of a definition in this ecosystem's notation.
    func repository(parsing line: String, keyring: [String]) throws -> Repository

    /// Fetches, verifies and indexes what is needed to answer requests for one platform.
    func universe(
        of repositories: [Repository],
        for platform: Platform,
        access: any RepositoryAccess
    ) async throws -> any Universe

    /// The public keys that may have signed packages, by file name, where packages are signed one by one
    /// (`Installation.keys`); none otherwise.
    func keys(for repositories: [Repository], access: any RepositoryAccess) async throws -> [String: [UInt8]]

    /// A URI that names the key of `SignedIndex.signer` by itself; nil where signers are names of the files in `keys`.
    func uri(ofSigner signer: String) -> String?

    /// Checks a package file against the index where `Package.sha256` was not there to do it; does nothing otherwise.
    func verify(_ file: String, is package: Package) throws

    /// Decodes a package file whose digest was checked. File bytes go to `sink` in archive order.
    ///
    /// Refuses device nodes, paths that climb out, sizes that lie and archives over the limits.
    func unpack(_ file: String, archive: Digest, into sink: any PayloadSink) throws -> UnpackedPackage

    /// The name by which the package database, and `Origin.package`, know an installed package: `libc6:amd64` for a
    /// Multi-Arch: same package of Debian, the plain name otherwise.
    func identity(of installed: InstalledPackage) throws -> String

    /// Puts installed packages into a tree: files, then what their scripts would have done, then the package database.
    func assemble(_ installation: Installation) throws -> Assembly

    /// Brings the package database in line with what the definition made of the tree after the packages were installed.
    func settle(_ tree: inout Tree, contents: any ContentSource) throws
}

extension Ecosystem {
    package func uri(ofSigner signer: String) -> String? { nil }
    package func verify(_ file: String, is package: Package) throws {}
    package func settle(_ tree: inout Tree, contents: any ContentSource) throws {}
    package func keys(
        for repositories: [Repository],
        access: any RepositoryAccess
    ) async throws -> [String: [UInt8]] { [:] }
}

/// Debian's implicit suites; other ecosystems may ignore them.
package enum ImplicitSuite: String, Sendable, CaseIterable {
    case release, updates, security
}

/// The distribution that an image is made of, as its os-release says.
package struct Distribution: Hashable, Sendable {
    /// os-release `ID`.
    package var id: String
    /// os-release `VERSION_ID`: `13`, `3.23`.
    package var versionID: String
    /// os-release `VERSION_CODENAME`: `trixie`; nil on Alpine.
    package var codename: String?
    /// The purl type of its packages, `Ecosystem.packageType` of the family that serves it.
    package var packageType: String

    package init(id: String, versionID: String, codename: String? = nil, packageType: String = "generic") {
        self.id = id
        self.versionID = versionID
        self.codename = codename
        self.packageType = packageType
    }
}

/// The signed indexes of some repositories for one platform, ready to answer.
package protocol Universe: Sendable {
    var indexes: [SignedIndex] { get }
    /// Resolves; equal requests give equal answers whatever the order of the indexes.
    ///
    /// - Throws: a `Failure` with code `unsatisfiable`, whose message explains why as a chain of reasons.
    func resolve(_ request: Request) throws -> Resolution
}

/// How an ecosystem reaches its repositories: the only door to the network, so that offline runs, mirrors and locks work
/// the same for all of them.
package protocol RepositoryAccess: Sendable {
    /// Fetches a small, signed, mutable file (InRelease, APKINDEX) and gives its bytes. With a lock, the locked bytes.
    ///
    /// - Returns: nil when the repository answers that there is no such file.
    func index(_ path: String, of repository: Repository, limit: Int) async throws -> [UInt8]?
    /// Fetches a file whose digest and size are known, through the store, and gives its place on disk.
    /// `path` is tried first, then each of `alternatives` (by-hash or the plain name).
    func file(
        _ path: String,
        alternatives: [String],
        of repository: Repository,
        sha256: Digest,
        size: Int
    ) async throws -> String
    /// The bytes of a public key file that a definition or the configuration names.
    func key(_ name: String) async throws -> [UInt8]
    /// A place for a derived, rebuildable file (a parsed index), keyed by the digest of what it was made from and the
    /// name of its form; `make` writes it when it is not there.
    func derived(
        from source: Digest,
        form: String,
        make: @Sendable (_ temporary: String) throws -> Void
    ) async throws -> String
    /// The moment at which validity is judged, seconds since the epoch.
    var now: Int { get }
    /// True when a lock vouches for the index, so that an expired Valid-Until is no error.
    var isLocked: Bool { get }
}

/// What is to be assembled for one platform.
package struct Installation: Sendable {
    package var platform: Platform
    package var distribution: Distribution
    package var packages: [InstalledPackage]
    /// Where file contents are read from.
    package var contents: any ContentSource
    /// Runtime images are pruned and get the database form that scanners read; dev images get one that the package
    /// manager can go on with.
    package var variant: Variant
    /// Times later than this are clamped to it; generated files get it. Seconds since the epoch.
    package var epoch: Int
    /// SHA-256 of scripts that no effect knows and the configuration acknowledges.
    package var acknowledgedScripts: Set<Digest>
    /// What the definition asks by name, as written and in its order: what the image's own package manager is to keep.
    /// nil where it is not known; then every package counts as asked for.
    package var requested: [String]?
    /// The repositories that the definition names, for the image's own package manager.
    package var repositories: [Repository]
    /// Public keys that may have signed packages, by file name (`Ecosystem.keys`).
    package var keys: [String: [UInt8]]

    /// The ids that the definition gives to accounts by name. An account that packages ask for gets them, and so do the
    /// files that packages give to it.
    package var declaredUsers: [String: (uid: Int, gid: Int)]
    package var declaredGroups: [String: Int]

    package enum Variant: String, Sendable { case runtime, dev }

    package init(
        platform: Platform,
        distribution: Distribution,
        packages: [InstalledPackage],
        contents: any ContentSource,
        variant: Variant,
        epoch: Int,
        acknowledgedScripts: Set<Digest> = [],
        requested: [String]? = nil,
        repositories: [Repository] = [],
        keys: [String: [UInt8]] = [:],
        declaredUsers: [String: (uid: Int, gid: Int)] = [:],
        declaredGroups: [String: Int] = [:]
    ) {
        self.platform = platform
        self.distribution = distribution
        self.packages = packages
        self.contents = contents
        self.variant = variant
        self.epoch = epoch
        self.acknowledgedScripts = acknowledgedScripts
        self.requested = requested
        self.repositories = repositories
        self.keys = keys
        self.declaredUsers = declaredUsers
        self.declaredGroups = declaredGroups
    }
}

/// What came of an installation.
package struct Assembly: Sendable {
    package var tree: Tree
    package var scripts: [ScriptReport]
    /// Remarks that belong in the image's notes: byte code that is not shipped, a cache that is not made.
    package var notes: [String]
    package init(tree: Tree, scripts: [ScriptReport], notes: [String] = []) {
        self.tree = tree
        self.scripts = scripts
        self.notes = notes
    }
}

/// What was done about one maintainer script, trigger or the like.
package struct ScriptReport: Hashable, Sendable {
    package enum Treatment: Hashable, Sendable {
        /// These effects did what the script would have done.
        case emulated(by: [String])
        /// Left out on purpose, and why.
        case dropped(reason: String)
        /// Unknown, but the configuration acknowledges this very hash.
        case acknowledged
    }

    package var package: String
    /// The control member's name: `postinst`, `.post-install`.
    package var script: String
    package var sha256: Digest
    package var treatment: Treatment
    package init(package: String, script: String, sha256: Digest, treatment: Treatment) {
        self.package = package
        self.script = script
        self.sha256 = sha256
        self.treatment = treatment
    }
}
