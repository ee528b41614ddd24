// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
package import Packages

/// How an image was made: the material of its provenance (SLSA v1.2, build-provenance.md).
package struct BuildRecord: Sendable {
    /// Where definitions come from: the repository that others know, and the commit that holds what was built.
    package struct Source: Hashable, Sendable {
        package var location: SourceRepository
        package var commit: GitCommit
        package init(location: SourceRepository, commit: GitCommit) {
            self.location = location
            self.commit = commit
        }
    }

    /// The definition, which its path and its digest name.
    package struct Definition: Hashable, Sendable {
        /// Relative to the root of the repository of definitions.
        package var path: String
        package var sha256: Digest
        /// Nil when nobody said it.
        package var source: Source?
        package init(path: String, sha256: Digest, source: Source? = nil) {
            self.path = path
            self.sha256 = sha256
            self.source = source
        }
    }

    package var definition: Definition
    /// Everything else that a caller can influence, by name: complete, or verifiers cannot judge it.
    package var externalParameters: [(name: String, value: JSON)]
    /// What the builder decided: format version, compressor, epoch, isolation.
    package var internalParameters: [(name: String, value: JSON)]
    package var platforms: [Platform]
    package var indexes: [SignedIndex]
    /// Keys, overlays and context files.
    package var files: [ResourceDescriptor]
    package var builder: String
    package var namespace: Namespace
    package var toolVersion: String
    /// The lock that the run wrote or used.
    package var lock: Digest?
    package var scripts: [(platform: Platform, reports: [ScriptReport])]

    package init(
        definition: Definition,
        externalParameters: [(name: String, value: JSON)] = [],
        internalParameters: [(name: String, value: JSON)] = [],
        platforms: [Platform],
        indexes: [SignedIndex],
        files: [ResourceDescriptor] = [],
        builder: String,
        namespace: Namespace,
        toolVersion: String,
        lock: Digest? = nil,
        scripts: [(platform: Platform, reports: [ScriptReport])] = []
    ) {
        self.definition = definition
        self.externalParameters = externalParameters
        self.internalParameters = internalParameters
        self.platforms = platforms
        self.indexes = indexes
        self.files = files
        self.builder = builder
        self.namespace = namespace
        self.toolVersion = toolVersion
        self.lock = lock
        self.scripts = scripts
    }
}

/// What is true of one run only, and so stays outside of everything that is reproduced.
package struct Execution: Hashable, Sendable {
    /// Globally unique.
    package var invocation: String
    /// Seconds since the epoch, by the clock.
    package var startedOn: Int
    package var finishedOn: Int
    package var log: Digest?
    package init(invocation: String, startedOn: Int, finishedOn: Int, log: Digest? = nil) {
        self.invocation = invocation
        self.startedOn = startedOn
        self.finishedOn = finishedOn
        self.log = log
    }
}
