// SPDX-License-Identifier: Apache-2.0

/// The answer of a resolver: what is installed, why, and what was left out on purpose.
package struct Resolution: Sendable {
    /// Why a package was chosen.
    package enum Reason: Hashable, Sendable {
        /// The definition names it.
        case requested
        /// A chosen package depends on it; `clause` is the relation as written (`libc6 (>= 2.38)`).
        case dependency(of: String, clause: String)
        /// A rule of the ecosystem brought it in (Alpine's `install_if`).
        case rule(String)
    }

    package struct Selected: Sendable {
        package var package: Package
        package var reason: Reason
        package init(package: Package, reason: Reason) {
            self.package = package
            self.reason = reason
        }
    }

    /// A dependency that was dropped since every candidate is vetoed.
    package struct Dropped: Hashable, Sendable {
        package var package: String
        package var clause: String
        package init(package: String, clause: String) {
            self.package = package
            self.clause = clause
        }
    }

    /// Sorted by name, then architecture, in byte order.
    package var selected: [Selected]
    /// In the order in which they were met, without repetition.
    package var dropped: [Dropped]
    /// Remarks for people: a veto that matched nothing, a binNMU that differs between platforms.
    package var warnings: [String]

    package init(selected: [Selected], dropped: [Dropped] = [], warnings: [String] = []) {
        self.selected = selected.sorted {
            $0.package.name == $1.package.name
                ? $0.package.architecture < $1.package.architecture : $0.package.name < $1.package.name
        }
        self.dropped = dropped
        self.warnings = warnings
    }

    package var packages: [Package] { selected.map(\.package) }
}
