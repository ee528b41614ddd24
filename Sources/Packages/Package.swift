// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// One version of one package for one architecture, as a signed index describes it.
package struct Package: Hashable, Sendable {
    package var name: String
    package var version: String
    /// As the index says: `amd64`, `all`, `x86_64`, `noarch`.
    package var architecture: String
    /// The source package: `Source:` on Debian (its own name and version where absent), `o:` on Alpine.
    package var source: Source
    /// SHA-256 of the package file; nil where the index has none (Alpine's has only `checksum`), and then taken when the
    /// file is first fetched and kept in the lock.
    package var sha256: Digest?
    /// The index's own checksum in its own notation (`Q1…` on Alpine); nil where `sha256` does the work.
    package var checksum: String?
    /// Size of the package file in bytes.
    package var size: Int
    /// Installed size in bytes, as the index claims.
    package var installedSize: Int
    /// Path of the file below `repository`'s base, such as `pool/main/b/bash/bash_5.2.37-2+b5_amd64.deb`.
    package var path: String
    /// The repository that it comes from, by `Repository.id`.
    package var repository: String
    /// Fields that evidence wants and resolution does not; empty strings are left out.
    package var about: About

    package struct Source: Hashable, Sendable {
        package var name: String
        package var version: String
        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    package struct About: Hashable, Sendable {
        package var maintainer: String?
        package var homepage: String?
        package var summary: String?
        /// The licence as the index states it (Alpine); Debian's is found in the package's copyright file.
        package var licence: String?
        /// The packaging commit (Alpine's `c:`).
        package var commit: String?
        /// Build time in seconds since the epoch (Alpine's `t:`).
        package var buildTime: Int?
        package init(
            maintainer: String? = nil,
            homepage: String? = nil,
            summary: String? = nil,
            licence: String? = nil,
            commit: String? = nil,
            buildTime: Int? = nil
        ) {
            self.maintainer = maintainer
            self.homepage = homepage
            self.summary = summary
            self.licence = licence
            self.commit = commit
            self.buildTime = buildTime
        }
    }

    package init(
        name: String,
        version: String,
        architecture: String,
        source: Source,
        sha256: Digest?,
        checksum: String? = nil,
        size: Int,
        installedSize: Int,
        path: String,
        repository: String,
        about: About = About()
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.source = source
        self.sha256 = sha256
        self.checksum = checksum
        self.size = size
        self.installedSize = installedSize
        self.path = path
        self.repository = repository
        self.about = about
    }
}
