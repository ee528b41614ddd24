// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// A definition worked out for one platform: variables substituted, conditions decided, includes merged. What a builder
/// does, in plain values.
package struct Plan: Sendable {
    /// A name and its value; lists of them keep the order of the definition.
    package struct Pair: Sendable, Hashable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The definition's path as it was given, and the root of its repository.
    package var path: String
    package var root: RepositoryRoot
    /// `linux/amd64` or `linux/arm64`.
    package var platform: String

    // Identity.
    package var name: String?
    package var image: String?
    package var variant: Variant = .runtime
    package var flavor: String?
    /// With the suffix, where there is one.
    package var tags: [String] = []
    package var output: OutputForm = .layered
    /// nil when the definition does not say; the language's default is zstd.
    package var compression: Compression?
    package var entitlement: Entitlement?
    package var dates = Dates()
    package var annotations: [Pair] = []
    package var labels: [Pair] = []
    package var isFIPSCompliant = false
    package var isSTIGCertified = false

    // The system.
    /// nil when nothing tells (charts have no system).
    package var distribution: Distribution?
    /// The keys and values of `/etc/os-release`, in its order.
    package var osRelease: [Pair] = []
    package var repositories: [Repository] = []
    /// URLs of keys, or paths in the repository of definitions.
    package var keyring: [String] = []
    /// `name`, `name=version`, `!name`, in order.
    package var packages: [String] = []
    /// Package names to package URLs.
    package var mappings: [Pair] = []
    package var accounts = Accounts()
    package var paths: [Path] = []

    // What needs more than packages.
    package var files: [File] = []
    package var artifacts: [Artifact] = []
    package var stages: [Stage] = []

    // The container.
    package var environment: [Pair] = []
    package var entrypoint: [String]?
    package var cmd: [String]?
    package var workDir: String?
    package var ports: [Port] = []
    package var stopSignal: String?

    /// What keeps this from being built by assembling packages, accounts and paths.
    package var obstacles: [Obstacle] = []
    /// What could not be worked out; with an error among them the plan must not be carried out.
    package var problems: [Diagnostic] = []

    package init(path: String, root: RepositoryRoot, platform: String) {
        self.path = path
        self.root = root
        self.platform = platform
    }

    /// Whether nothing but access to repositories stands in the way.
    package var isBuildable: Bool { !problems.hasErrors && !obstacles.contains { $0.kind.isBlocking } }
}

extension Plan {
    package struct Dates: Sendable, Hashable {
        package var release: String?
        package var endOfLife: String?
        package var endOfSupport: String?
    }

    /// Which distribution's packages the image is made of.
    package struct Distribution: Sendable, Hashable {
        package enum Family: String, Sendable { case debian, alpine, other }
        package var family: Family
        /// `os-release.id` as written.
        package var id: String
        /// `13`, `3.23`.
        package var versionID: String
        /// Debian's name of the release, from the definition or, failing that, from its number.
        package var codename: String?

        /// Debian's releases by number.
        static let debianCodenames = ["11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"]
    }

    package struct Accounts: Sendable, Hashable {
        /// A declared name, or a number.
        package var runAs: String?
        /// Whether the root account stays usable.
        package var root = false
        package var users: [User] = []
        package var groups: [Group] = []

        package struct User: Sendable, Hashable {
            package var name: String
            package var uid: Int
            package var gid: Int
            /// Permission bits of the home directory.
            package var mode: Int?
        }

        package struct Group: Sendable, Hashable {
            package var name: String
            package var gid: Int
            package var members: [String]
        }
    }

    /// A change to the file system, after everything is installed.
    package struct Path: Sendable, Hashable {
        package var kind: PathKind
        /// Absolute, as written; a trailing slash is gone.
        package var path: String
        /// A file's text.
        package var content: String?
        /// For a link its target. For a file or folder what is copied: a path relative to the repository's root.
        package var source: String?
        /// The absolute path of the source of a file or folder, confined to the repository; nil when there is none.
        package var sourceFile: String?
        package var uid: Int?
        package var gid: Int?
        /// Permission bits with set-uid, set-gid and sticky: at most 0o7777.
        package var mode: Int?
        package var isRecursive: Bool
    }

    package struct Port: Sendable, Hashable {
        package var first: Int
        package var last: Int
        /// `tcp`, `udp` or `sctp`.
        package var transport: String
        /// The form of OCI's ExposedPorts: `8080/tcp`, `30000-30100/udp`.
        package var text: String { (first == last ? "\(first)" : "\(first)-\(last)") + "/\(transport)" }
    }

    package struct File: Sendable, Hashable {
        /// Where it is in the definition.
        package var mark: Mark
        package var url: String
        package var checksum: String?
        package var path: String?
        package var includes: [String]
        package var excludes: [String]
        package var uid: Int?
        package var gid: Int?
        package var mode: Int?
        package var secretID: String?
        /// Package URLs that bills of materials name for it.
        package var purls: [String]
    }

    package struct Artifact: Sendable, Hashable {
        package var mark: Mark
        package var name: String
        package var includes: [String]
        package var excludes: [String]
        package var uid: Int?
        package var gid: Int?
    }

    package struct Stage: Sendable, Hashable {
        package var name: String
        package var mark: Mark
        /// The image that it runs in.
        package var base: String?
        package var repositories: [Repository]
        package var packages: [String]
        package var files: [File]
        package var artifacts: [Artifact]
        package var steps: [Step]
        /// Where its outputs go, in the image.
        package var targets: [String]

        package struct Step: Sendable, Hashable {
            package var name: String
            /// The action, or nil for a script.
            package var action: String?
            package var usesNetwork: Bool
            package var secrets: [String]
        }
    }
}
