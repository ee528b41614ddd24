// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
internal import Packages

/// A package of an installation: read, and checked against index and signature.
struct InstalledApk {
    let package: Package
    let info: PackageInfo
    /// As the database has it.
    let entry: IndexEntry
    let nodes: [Node]
    let records: [FileRecord]
    /// Install scripts and the trigger, by control member (`.post-install`), in apk's order.
    let scripts: [(member: String, bytes: [UInt8])]
    /// The key whose signature was good.
    let signer: String

    var name: String { package.name }

    static let scriptMembers = [
        ".pre-install", ".post-install", ".pre-deinstall", ".post-deinstall", ".pre-upgrade", ".post-upgrade",
        ".trigger",
    ]

    static func mismatch(_ label: String, found: Checksum, wanted: Checksum) -> AlpineError {
        AlpineError(
            .checksumMismatch,
            label,
            "its control stream has the checksum \(found), and the index says \(wanted)",
            hint: "index and package do not belong together; fetch both again"
        )
    }

    /// - Throws: `checksum-mismatch` when the control stream is not the one of the index, the errors of
    ///   `Keyring.verify`, and `identity-mismatch` when the package calls itself otherwise than the index does.
    init(_ installed: InstalledPackage, keyring: Keyring) throws(AlpineError) {
        let package = installed.package
        let control = installed.contents.control
        let label = "\(package.name)-\(package.version).apk"
        guard let stream = control[FileRecord.controlStream], let text = control[".PKGINFO"] else {
            throw AlpineError(.malformedPackage, label, "it was not read as an APKv2 package")
        }
        guard let wanted = package.checksum.flatMap({ Checksum($0) }) else {
            throw AlpineError(.checksumMismatch, label, "the index has no checksum for it")
        }
        let found = Checksum(.of(stream, wanted.digest.algorithm))
        guard found == wanted else { throw Self.mismatch(label, found: found, wanted: wanted) }
        let signatures = control.keys.sorted().compactMap { member in
            control[member].flatMap { SignedStream.Signature(member: member, bytes: $0) }
        }
        signer = try keyring.verify(signatures, over: stream, of: label)
        info = PackageInfo(text)
        guard var entry = info.entry(checksum: wanted, size: package.size) else {
            throw AlpineError(.malformedPackage, label, "its .PKGINFO has no name or version")
        }
        guard entry.name == package.name, entry.version.description == package.version else {
            throw AlpineError(
                .identityMismatch,
                label,
                "it is the package \(entry.label)",
                hint: "the index names the wrong file"
            )
        }
        entry.architecture = package.architecture
        self.package = package
        self.entry = entry
        nodes = installed.contents.nodes
        records = FileRecord.read(control[FileRecord.member] ?? [])
        guard records.count == nodes.count else {
            throw AlpineError(.malformedPackage, label, "its file records do not match its files")
        }
        scripts = Self.scriptMembers.compactMap { member in control[member].map { (member, $0) } }
    }
}
