// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// A maintainer script, taken apart: the snippets that debhelper generated, and what its authors wrote.
package struct MaintainerScript: Sendable {
    /// Code between debhelper's `# Automatically added by` and `# End automatically added section`.
    package struct Snippet: Sendable {
        /// `dh_installsystemd`, without the version.
        package var tool: String
        package var script: ShellScript
    }

    package let package: String
    /// The control member: `postinst`.
    package let member: String
    package let sha256: Digest
    package let snippets: [Snippet]
    /// What is left without the snippets; nil when it is not a shell script.
    package let own: ShellScript?
    /// The interpreter when it is no shell.
    package let interpreter: String
    /// What tells whether it is one that was read; see `ScriptFingerprint`.
    package let fingerprint: String

    /// - Parameter architecture: the package's, for the fingerprint; nil or `all` when none stands in its scripts.
    package init(package: String, member: String, bytes: [UInt8], architecture: String? = nil) {
        self.package = package
        self.member = member
        sha256 = .of(bytes)
        fingerprint = ScriptFingerprint.of(bytes, architecture: architecture)
        let firstLine = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        let words = firstLine.hasPrefix("#!") ? firstLine.dropFirst(2).split(separator: " ") : []
        let program = words.first.map(String.init) ?? ""
        let name = program.split(separator: "/").last.map(String.init) ?? ""
        interpreter = name.isEmpty ? "unknown" : name
        guard ["sh", "dash", "bash"].contains(name) else {
            snippets = []
            own = nil
            return
        }
        var snippets: [Snippet] = []
        var rest: [UInt8] = []
        var open: (tool: String, body: [UInt8])?
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let text = String(decoding: line, as: UTF8.self)
            if open == nil, text.hasPrefix("# Automatically added by ") {
                let tool = text.dropFirst("# Automatically added by ".count).prefix { $0 != "/" && $0 != " " }
                open = (String(tool), [])
            } else if let snippet = open {
                if text.hasPrefix("# End automatically added section") {
                    snippets.append(Snippet(tool: snippet.tool, script: ShellScript(snippet.body)))
                    open = nil
                } else {
                    open?.body += line
                    open?.body.append(0x0A)
                }
            } else {
                rest += line
                rest.append(0x0A)
            }
        }
        // An unclosed section is the author's own: nothing vouches for where it ends.
        if let open { rest += open.body }
        self.snippets = snippets
        own = ShellScript(rest)
    }

    /// Own code and snippets.
    package var scripts: [ShellScript] { (own.map { [$0] } ?? []) + snippets.map(\.script) }
}
