// SPDX-License-Identifier: Apache-2.0

internal import Attestations
package import Fetching
package import Signing

/// Everything that a build gets from outside: the store, the ways to repositories, the configuration, a signer, the time.
/// Nothing below reads the clock or the environment.
package struct BuildEnvironment: Sendable {
    package var store: Store
    package var downloader: Downloader
    package var mirrors: Mirrors
    package var configuration: Configuration
    package var isOffline: Bool
    /// Directories in which public keys are found by name.
    package var keyDirectories: [String]
    /// Nil leaves the image unsigned, which the summary says.
    package var signer: (any StatementSigner)?
    /// When validity is judged: seconds since the epoch.
    package var now: Int
    /// The most things that are computed at once.
    package var width: Int
    package var version: String
    package var observer: BuildObserver
    private let fresh = FreshIndexes()

    package init(
        store: Store,
        downloader: Downloader,
        mirrors: Mirrors,
        configuration: Configuration,
        isOffline: Bool,
        keyDirectories: [String],
        signer: (any StatementSigner)?,
        now: Int,
        width: Int,
        version: String,
        observer: @escaping BuildObserver
    ) {
        self.store = store
        self.downloader = downloader
        self.mirrors = mirrors
        self.configuration = configuration
        self.isOffline = isOffline
        self.keyDirectories = keyDirectories
        self.signer = signer
        self.now = now
        self.width = width
        self.version = version
        self.observer = observer
    }

    var namespace: Namespace { configuration.namespace.map { Namespace(base: $0) } ?? Namespace() }

    /// The builder's id in provenance.
    package var builder: String { configuration.builder ?? namespace.localBuilder }

    /// Every id but the local one says that what is built cannot reach the key (SLSA v1.2, Build L3, "Provenance is
    /// unforgeable"). A key that this process reads makes that a false statement, whatever the configuration says.
    ///
    /// - Parameter hasStatements: whether unsigned provenance is made, too.
    package func checkBuilder(hasStatements: Bool) throws(BuildError) {
        guard builder != namespace.localBuilder, signer?.isKeyAtHand ?? hasStatements else { return }
        throw BuildError(
            "builder-not-isolated",
            "provenance of the builder '\(builder)' is not signed with a key that the build itself could read",
            hint:
                "give --signer with a signer that runs as another user (docs/signer.md), or take 'builder' out of the configuration: the id is then \(namespace.localBuilder)"
        )
    }

    /// Whether images are checked: those with evidence always are, and it states the result.
    func checksStandards(_ options: BuildOptions) -> Bool {
        options.requiresStandards || options.statesEvidence || signer != nil
    }

    /// A way to the repositories of one definition.
    ///
    /// - Parameter locked: the indexes that a lock vouches for; nil without a lock.
    func access(locked: [MirroredAccess.LockedFile]? = nil, keys: [String]) -> MirroredAccess {
        var options = MirroredAccess.Options(mirrors: mirrors, now: now)
        options.isOffline = isOffline
        options.keyDirectories = keys + keyDirectories
        options.locked = locked
        options.fresh = fresh
        return MirroredAccess(downloader: downloader, options: options)
    }
}
