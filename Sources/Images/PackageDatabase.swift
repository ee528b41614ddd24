// SPDX-License-Identifier: Apache-2.0

package import FileTree
package import OCI

/// The packages that an image's own database lists, read as a scanner reads it.
package struct PackageDatabase: Sendable {
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var version: String
        package var architecture: String
        package init(name: String, version: String, architecture: String) {
            self.name = name
            self.version = version
            self.architecture = architecture
        }
    }

    package private(set) var entries: Set<Entry> = []
    /// The names of source packages, where a package is not its own.
    package private(set) var sources: [Entry: String] = [:]
    /// The purl type of the packages; empty when the image has no database.
    package private(set) var packageType = ""
    /// The database's place, for messages; nil when the image has none.
    package private(set) var place: String?

    private static let status: TreePath = "var/lib/dpkg/status"
    private static let statusDirectory: TreePath = "var/lib/dpkg/status.d"
    private static let installed: [TreePath] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"]

    /// Whether a file belongs to a database.
    package static func holds(_ path: TreePath) -> Bool {
        path == status || installed.contains(path)
            || path.parent == statusDirectory && !path.name.suffix(8).elementsEqual(".md5sums".utf8)
    }

    /// - Throws: `OCIError` when there is a database that was not read, which is not the same as none: it would look like an
    ///   image without packages.
    package init(_ contents: ImageContents) throws(OCIError) {
        try PackageDatabase.check(contents)
        for (path, bytes) in contents.documents.sorted(by: { $0.key < $1.key }) where PackageDatabase.holds(path) {
            place = place ?? "/\(path)"
            let isAlpine = PackageDatabase.installed.contains(path)
            let keys =
                isAlpine ? ("P", "V", "A", "o") : ("Package", "Version", "Architecture", "Source")
            packageType = isAlpine ? "apk" : "deb"
            var fields: [String: String] = [:]
            func close(
                _ fields: inout [String: String],
                _ entries: inout Set<Entry>,
                _ sources: inout [Entry: String]
            ) {
                defer { fields = [:] }
                if let status = fields["Status"], !status.hasSuffix(" installed") { return }
                guard let name = fields[keys.0], let version = fields[keys.1] else { return }
                let entry = Entry(name: name, version: version, architecture: fields[keys.2] ?? "")
                entries.insert(entry)
                // `openssl (3.5.1-1)` where the version is another one.
                if let source = fields[keys.3] { sources[entry] = String(source.prefix { $0 != " " }) }
            }
            for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                if line.isEmpty {
                    close(&fields, &entries, &sources)
                } else if let colon = line.firstIndex(of: 0x3A), line.first != 0x20, line.first != 0x09 {
                    let key = String(decoding: line[..<colon], as: UTF8.self)
                    guard [keys.0, keys.1, keys.2, keys.3, "Status"].contains(key), fields[key] == nil else { continue }
                    var value = line[(colon + 1)...]
                    while value.first == 0x20 { value = value.dropFirst() }
                    fields[key] = String(decoding: value, as: UTF8.self)
                }
            }
            close(&fields, &entries, &sources)
        }
    }

    /// Whether every file of a database is one whose content is known, at its own place: programs follow links, and would read
    /// what lies where they lead.
    private static func check(_ contents: ImageContents) throws(OCIError) {
        func fail(_ path: TreePath, _ detail: String) -> OCIError {
            OCIError(.malformed, "the package database /\(path)", detail)
        }
        for (path, entry) in contents.entries where holds(path) {
            guard case .file = entry.kind else { throw fail(path, "it is no regular file") }
            guard contents.documents[path] != nil else {
                throw fail(path, "it is another name of a file that is not read")
            }
        }
        let places = [status, statusDirectory] + installed
        for place in places {
            guard let real = contents.resolved(place) else { throw fail(place, "the links on its way lead nowhere") }
            // Where /lib is a link to /usr/lib, one place is the other.
            if places.contains(real) { continue }
            if contents.entries[place] != nil || contents.entries.keys.contains(where: { $0.isWithin(real) }) {
                throw fail(place, "a link leads to it, and it lies at /\(real)")
            }
        }
    }
}
