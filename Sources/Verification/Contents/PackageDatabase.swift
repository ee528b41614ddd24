// SPDX-License-Identifier: Apache-2.0

package import FileTree

/// The packages that an image's own database lists, read as a scanner reads it.
package struct PackageDatabase: Sendable {
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var version: String
        package var architecture: String
    }

    package private(set) var entries: Set<Entry> = []
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

    package init(_ contents: ImageContents) {
        for (path, bytes) in contents.documents.sorted(by: { $0.key < $1.key }) where PackageDatabase.holds(path) {
            place = place ?? "/\(path)"
            let isAlpine = PackageDatabase.installed.contains(path)
            let keys = isAlpine ? ("P", "V", "A") : ("Package", "Version", "Architecture")
            var fields: [String: String] = [:]
            func close(_ fields: inout [String: String], _ entries: inout Set<Entry>) {
                defer { fields = [:] }
                if let status = fields["Status"], !status.hasSuffix(" installed") { return }
                guard let name = fields[keys.0], let version = fields[keys.1] else { return }
                entries.insert(Entry(name: name, version: version, architecture: fields[keys.2] ?? ""))
            }
            for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                if line.isEmpty {
                    close(&fields, &entries)
                } else if let colon = line.firstIndex(of: 0x3A), line.first != 0x20, line.first != 0x09 {
                    let key = String(decoding: line[..<colon], as: UTF8.self)
                    guard [keys.0, keys.1, keys.2, "Status"].contains(key), fields[key] == nil else { continue }
                    var value = line[(colon + 1)...]
                    while value.first == 0x20 { value = value.dropFirst() }
                    fields[key] = String(decoding: value, as: UTF8.self)
                }
            }
            close(&fields, &entries)
        }
    }
}
