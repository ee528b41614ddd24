// SPDX-License-Identifier: Apache-2.0

package import Packages
internal import Synchronization

/// An installed package with its control stanza parsed.
package struct DebianPackage: Sendable {
    package var installed: InstalledPackage { didSet { scripts = ParsedScripts() } }
    package var control: ControlStanza { didSet { scripts = ParsedScripts() } }
    private var scripts = ParsedScripts()

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

    /// A maintainer script, taken apart once however many effects ask for it; nil when there is none of that name.
    package func script(_ member: String) -> MaintainerScript? {
        guard let bytes = self.member(member) else { return nil }
        return scripts.script(member) {
            MaintainerScript(package: name, member: member, bytes: bytes, architecture: control.architecture)
        }
    }
}

/// The scripts of one package that were taken apart.
private final class ParsedScripts: Sendable {
    private let known = Mutex<[String: MaintainerScript]>([:])

    func script(_ member: String, parse: () -> MaintainerScript) -> MaintainerScript {
        if let script = known.withLock({ $0[member] }) { return script }
        let script = parse()
        known.withLock { $0[member] = script }
        return script
    }
}
