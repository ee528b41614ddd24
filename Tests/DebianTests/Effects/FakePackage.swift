// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Packages

/// A package made by a test: its control file and what it ships.
struct FakePackage {
    var name: String
    var version = "1.0-1"
    var architecture = "all"
    /// Further lines of the control file.
    var fields: [String] = []
    /// Paths to contents; a path that ends in a slash is a directory, `-> target` as content a link.
    var files: [(String, String)] = []
    var members: [String: String] = [:]
    /// The name under which it is asked for, when that is another.
    var wanted: String?

    func installed() throws -> InstalledPackage {
        var nodes: [Node] = []
        for (path, content) in files {
            let node: Node
            if path.hasSuffix("/") {
                node = Node(try TreePath(path), .directory, mode: 0o755, origin: .package(""))
            } else if content.hasPrefix("-> ") {
                node = Node(
                    try TreePath(path),
                    .symlink(Array(content.dropFirst(3).utf8)),
                    mode: 0o777,
                    origin: .package("")
                )
            } else if content.hasPrefix("=> ") {
                node = Node(
                    try TreePath(path),
                    .hardLink(try TreePath(String(content.dropFirst(3)))),
                    mode: 0o644,
                    origin: .package("")
                )
            } else {
                node = Node(try TreePath(path), .file(FileContent(content)), mode: 0o644, origin: .package(""))
            }
            nodes.append(node)
        }
        let control =
            (["Package: \(name)", "Version: \(version)", "Architecture: \(architecture)"] + fields)
            .joined(separator: "\n") + "\n"
        var parts = members.mapValues { Array($0.utf8) }
        parts["control"] = Array(control.utf8)
        return InstalledPackage(
            package: Package(
                name: wanted ?? name,
                version: version,
                architecture: architecture,
                source: .init(name: name, version: version),
                sha256: nil,
                size: 0,
                installedSize: 0,
                path: "",
                repository: "debian"
            ),
            contents: UnpackedPackage(archive: .of(name), nodes: nodes, control: parts)
        )
    }

    /// A postinst of Debian's usual form around these lines.
    static func script(_ lines: String) -> String { "#!/bin/sh\nset -e\n\(lines)\nexit 0\n" }
}

extension [FakePackage] {
    func assemble(
        _ variant: Installation.Variant = .dev,
        platform: Platform = .amd64,
        acknowledged: Set<Digest> = [],
        requested: [String]? = nil,
        users: [String: (uid: Int, gid: Int)] = [:],
        groups: [String: Int] = [:]
    ) throws -> Assembly {
        try DebianAssembler.assemble(
            Installation(
                platform: platform,
                distribution: Distribution(id: "debian", versionID: "13", codename: "trixie"),
                packages: try map { try $0.installed() },
                contents: InlineContents(),
                variant: variant,
                epoch: 1_700_000_000,
                acknowledgedScripts: acknowledged,
                requested: requested,
                declaredUsers: users,
                declaredGroups: groups
            )
        )
    }
}

extension Tree {
    /// The text of a file in memory; nil where there is none.
    func text(_ path: TreePath) -> String? {
        guard case .bytes(let bytes)? = self[path]?.content?.place else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    func target(_ path: TreePath) -> String? {
        self[path]?.symlinkTarget.map { String(decoding: $0, as: UTF8.self) }
    }
}
