// SPDX-License-Identifier: Apache-2.0

/// What some maintainer scripts do to an image, done from data and without running them. One type and one file an effect;
/// docs/effects.md says for each which packages it serves and what it leaves.
package protocol Effect: Sendable {
    /// The word in origins, reports and the documentation.
    static var name: String { get }
    /// Applies to the whole image at once; an image without the packages that it serves is left as it is.
    static func apply(to root: inout ImageRoot) throws
}

/// All effects, in the order in which they are applied: accounts before whatever is owned by one, links before what reads
/// through them, the loader cache when every library is in place.
package enum Effects {
    package static var all: [any Effect.Type] {
        [
            Accounts.self, Skeleton.self, Templates.self, VerbatimFiles.self, Locales.self, LocalTime.self, Shells.self,
            PluggableAuthentication.self,
            LocalDirectories.self, PackageFiles.self, PostgreSQL.self, Overrides.self, TemporaryFiles.self,
            CertificateStore.self,
            JavaKeystore.self,
            Alternatives.self, LoaderConfiguration.self,
        ]
    }
}
