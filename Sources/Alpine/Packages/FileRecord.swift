// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// What a package's archive says of an entry beyond what a tree's node holds; kept beside the control members as
/// `.files`, one line an entry, since it is needed when the package is installed.
package struct FileRecord: Hashable, Sendable {
    /// SHA-1 of a file's content or of a link's target, as apk's database has it; nil for directories.
    package var checksum: Digest?
    package var userName: String
    package var groupName: String

    /// The control member that holds the records.
    package static let member = ".files"
    /// The control member that holds the control stream as it lies in the package file, compressed.
    package static let controlStream = ".control.gz"

    /// `checksum user group`, blank for what is not there; names hold no blanks.
    var line: String {
        "\(checksum?.hex ?? "-") \(userName.isEmpty ? "-" : userName) \(groupName.isEmpty ? "-" : groupName)\n"
    }

    /// Reads the records, in the order of the package's nodes.
    package static func read(_ bytes: [UInt8]) -> [FileRecord] {
        bytes.split(separator: 0x0A).map { line in
            let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            func word(_ index: Int) -> String { index < words.count && words[index] != "-" ? words[index] : "" }
            return FileRecord(checksum: Digest(.sha1, hex: word(0)), userName: word(1), groupName: word(2))
        }
    }
}
