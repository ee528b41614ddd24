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

    /// The group `psql.1.gz`: one choice for each installed client, with every other manual page of that version. Before
    /// PostgreSQL 16, whose server has no `postmaster.1.gz` any more, the server's pages are a group of that name.
    static func manualPages(in root: ImageRoot) -> [AlternativeChoice] {
        var out: [AlternativeChoice] = []
        for client in root.packages where client.name.hasPrefix("postgresql-client-") {
            let version = String(client.name.dropFirst("postgresql-client-".count))
            guard Int(version) != nil else { continue }
            let server = ["postgresql-\(version)", "postgresql-contrib-\(version)"].compactMap(root.package)
            let isSplit = server.contains { pages(of: $0, version).contains { $0.name == "postmaster.1.gz" } }
            out += manual("psql.1.gz", isSplit ? [client] : [client] + server, version)
            if isSplit { out += manual("postmaster.1.gz", server, version) }
        }
        return out
    }

    private static func manual(_ name: String, _ packages: [DebianPackage], _ version: String) -> [AlternativeChoice] {
        let all = packages.flatMap { pages(of: $0, version) }
        guard let number = Int(version), let first = all.first(where: { $0.name == name }) else { return [] }
        return [
            AlternativeChoice(
                link: first.link,
                name: name,
                path: first.path,
                priority: number * 10,
                slaves: all.filter { $0.name != name }
            )
        ]
    }

    /// The manual pages that a package ships below the version's own directory, and where they are to be found.
    private static func pages(of package: DebianPackage, _ version: String) -> [AlternativeChoice.Slave] {
        let base = "/usr/share/postgresql/\(version)/man/"
        return package.installed.contents.nodes.compactMap { node in
            let path = "/" + node.path.description
            guard !node.isDirectory, path.hasPrefix(base) else { return nil }
            let name = String(decoding: node.path.name, as: UTF8.self)
            return .init(link: "/usr/share/man/" + path.dropFirst(base.count), name: name, path: path)
        }
    }
}
