// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Images

/// Compares an SBOM with the image itself: files with files, packages with the package database.
struct BillOfMaterialsCheck {
    /// What a document lists, whichever its format.
    private var packages: Set<PackageDatabase.Entry> = []
    /// By the bytes of the name: two names that Unicode calls equal are two files.
    private var files: [[UInt8]: String] = [:]

    init(spdx document: JSON) {
        for package in document["packages"]?.elements ?? [] {
            for reference in package["externalRefs"]?.elements ?? [] where reference["referenceType"]?.text == "purl" {
                add(reference["referenceLocator"]?.text)
            }
        }
        for file in document["files"]?.elements ?? [] {
            let digest = file["checksums"]?.elements?.first { $0["algorithm"]?.text == "SHA256" }?["checksumValue"]?
                .text
            if let name = file["fileName"]?.text {
                files[Array(name.utf8.dropFirst(name.hasPrefix("./") ? 2 : 0))] = digest ?? ""
            }
        }
    }

    init(cycloneDX document: JSON) {
        var pending = document["components"]?.elements ?? []
        while let component = pending.popLast() {
            pending += component["components"]?.elements ?? []
            add(component["purl"]?.text)
            guard component["type"]?.text == "file", let name = component["name"]?.text else { continue }
            let digest = component["hashes"]?.elements?.first { $0["alg"]?.text == "SHA-256" }?["content"]?.text
            files[Array(name.utf8.dropFirst(name.hasPrefix("/") ? 1 : 0))] = digest ?? ""
        }
    }

    /// Whether the document is about files at all.
    var listsFiles: Bool { !files.isEmpty }

    private mutating func add(_ purl: String?) {
        guard let purl, let package = PackageURL(purl), package.type == "deb" || package.type == "apk" else { return }
        packages.insert(
            .init(name: package.name, version: package.version ?? "", architecture: package.qualifiers["arch"] ?? "")
        )
    }

    /// The reasons why it does not agree with the image.
    ///
    /// - Parameter needsFiles: whether a document that lists no files is one that leaves them out; otherwise its packages are
    ///   compared alone, as most tools list nothing else.
    func problems(_ contents: ImageContents, _ database: PackageDatabase, needsFiles: Bool) -> [String] {
        var problems: [String] = []
        func list(_ names: [String], _ what: String) {
            if names.isEmpty { return }
            let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let more = sorted.count > 3 ? " and \(sorted.count - 3) more" : ""
            problems.append("\(what): \(sorted.prefix(3).joined(separator: ", "))\(more)")
        }
        func name(_ entry: PackageDatabase.Entry) -> String { "\(entry.name) \(entry.version) \(entry.architecture)" }
        // purls are in lower case, database names are too in both ecosystems.
        list(database.entries.subtracting(packages).map(name), "installed and not listed")
        if database.place != nil {
            list(packages.subtracting(database.entries).map(name), "listed and not installed")
        }
        guard listsFiles || needsFiles else { return problems }
        func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
        var actual: [[UInt8]: String] = [:]
        for (path, entry) in contents.entries {
            if case .file(let sha256, _) = entry.kind { actual[Array(path.evidenceText.utf8)] = sha256.hex }
        }
        list(actual.keys.filter { files[$0] == nil }.map(text), "files in the image and not in the document")
        list(files.keys.filter { actual[$0] == nil }.map(text), "files in the document and not in the image")
        let changed = actual.filter { files[$0.key] != nil && files[$0.key] != $0.value }
        list(changed.map { text($0.key) }, "files with another digest")
        return problems
    }
}
