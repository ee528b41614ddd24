// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// postgresql-common and its kin without a cluster: the defaults for `pg_createcluster`, and the manual pages of the newest
/// client under `/usr/share/man` (an alternatives group in dev images).
package enum PostgreSQL: Effect {
    package static let name = "postgresql"

    package static func apply(to root: inout ImageRoot) throws {
        guard root.has("postgresql-common"),
            let template = try root.text("usr/share/postgresql-common/createcluster.conf")
        else { return }
        // debconf's default for postgresql-common/ssl is true.
        let lines = template.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("ssl =") ? "ssl = on" : String($0) }
        try root.write("etc/postgresql-common/createcluster.conf", lines.joined(separator: "\n"), by: name)
    }

    /// The group `psql.1.gz`: one choice for each installed client, with every other manual page of that version.
    static func manualPages(in root: ImageRoot) -> [AlternativeChoice] {
        var out: [AlternativeChoice] = []
        for client in root.packages where client.name.hasPrefix("postgresql-client-") {
            let version = client.name.dropFirst("postgresql-client-".count)
            guard let number = Int(version) else { continue }
            let base = "/usr/share/postgresql/\(version)/man"
            var slaves: [AlternativeChoice.Slave] = []
            for package in root.packages
            where [client.name, "postgresql-\(version)", "postgresql-contrib-\(version)"].contains(package.name) {
                for node in package.installed.contents.nodes where !node.isDirectory {
                    let path = "/" + node.path.description
                    let name = String(decoding: node.path.name, as: UTF8.self)
                    guard path.hasPrefix(base + "/"), name != "psql.1.gz" else { continue }
                    slaves.append(.init(link: "/usr/share/man" + path.dropFirst(base.count), name: name, path: path))
                }
            }
            out.append(
                AlternativeChoice(
                    link: "/usr/share/man/man1/psql.1.gz",
                    name: "psql.1.gz",
                    path: base + "/man1/psql.1.gz",
                    priority: number * 10,
                    slaves: slaves
                )
            )
        }
        return out
    }
}
