// SPDX-License-Identifier: Apache-2.0

package import Packages

/// An installed package with its control stanza parsed.
package struct DebianPackage: Sendable {
    package var installed: InstalledPackage
    package var control: ControlStanza

    package init(_ installed: InstalledPackage) throws(AssemblyError) {
        self.installed = installed
        guard let bytes = installed.contents.control["control"] else {
            throw AssemblyError(.badControl, "the package file of \(installed.package.name) has no control file")
        }
        control = try ControlStanza(parsing: bytes, package: installed.package.name)
    }

    package var name: String { control.name }
    /// The name in the origins of the package's nodes and in dpkg's `info/`.
    package var identity: String {
        let wanted = installed.package.name
        return Substitution.builtIn[wanted] == control.name ? wanted : control.infoName
    }
    package func member(_ name: String) -> [UInt8]? { installed.contents.control[name] }
}
