// SPDX-License-Identifier: Apache-2.0

/// One package as an index, an installed database or a `.PKGINFO` describes it.
///
/// The letters are those of APKINDEX (apk-index(8)) and of `lib/apk/db/installed`.
package struct IndexEntry: Hashable, Sendable {
    /// `C`
    package var checksum: Checksum
    /// `P`
    package var name: String
    /// `V`
    package var version: Version
    /// `A`; nil where the entry has none.
    package var architecture: String?
    /// `S`: size of the package file in bytes.
    package var size = 0
    /// `I`: installed size in bytes.
    package var installedSize = 0
    /// `T`
    package var summary = ""
    /// `U`
    package var homepage = ""
    /// `L`
    package var licence = ""
    /// `o`: the source package.
    package var origin = ""
    /// `m`
    package var maintainer = ""
    /// `t`: build time, seconds since the epoch.
    package var buildTime = 0
    /// `c`: the commit of the packaging.
    package var commit = ""
    /// `k`: provider priority.
    package var priority = 0
    /// `D`
    package var depends: [Dependency] = []
    /// `p`
    package var provides: [Dependency] = []
    /// `i`
    package var installIf: [Dependency] = []
    /// Why the package can't be installed, whoever asks: a dependency that can't be read, a field that is not known.
    package var defects: [String] = []

    package init(checksum: Checksum, name: String, version: Version) {
        self.checksum = checksum
        self.name = name
        self.version = version
    }

    /// `name-version`, as apk prints it.
    package var label: String { "\(name)-\(version)" }
}
