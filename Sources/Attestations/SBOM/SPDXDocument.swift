// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
internal import FileTree
internal import OCI
internal import Packages

/// An SPDX 2.3 document (ISO/IEC 5962's successor, JSON form) about an image.
package enum SPDXDocument {
    /// The document of one platform's image: packages, files with their owners, layers.
    package static func image(_ image: PlatformImage, identity: ImageIdentity) -> JSON {
        var builder = SPDXBuilder(identity: identity)
        let root = builder.addImage(
            image.digest,
            id: "SPDXRef-Image",
            architecture: image.inventory.platform.architecture
        )
        builder.relate("SPDXRef-DOCUMENT", "DESCRIBES", root)
        builder.addContents(of: image.inventory, root: root, withFiles: true)
        return builder.document(about: image.digest)
    }

    /// The document of a whole index: its images as variants, and their packages without the files.
    package static func index(_ digest: Digest, images: [PlatformImage], identity: ImageIdentity) -> JSON {
        var builder = SPDXBuilder(identity: identity)
        let root = builder.addImage(digest, id: "SPDXRef-Index", architecture: nil)
        builder.relate("SPDXRef-DOCUMENT", "DESCRIBES", root)
        for image in images {
            let architecture = image.inventory.platform.architecture
            let variant = builder.addImage(
                image.digest,
                id: "SPDXRef-Image-\(architecture)",
                architecture: architecture
            )
            builder.relate(variant, "VARIANT_OF", root)
            builder.addContents(of: image.inventory, root: variant, withFiles: false)
        }
        return builder.document(about: digest)
    }
}

/// Collects elements and relationships; elements that several images share are added once.
private struct SPDXBuilder {
    let identity: ImageIdentity
    private var packages: [JSON] = []
    private var files: [JSON] = []
    private var relationships: [JSON] = []
    private var extracted: [String: Licence.Extracted] = [:]
    private var seen: Set<String> = []

    init(identity: ImageIdentity) { self.identity = identity }

    mutating func relate(_ element: String, _ type: String, _ other: String) {
        relationships.append(
            .object([
                ("spdxElementId", .string(element)), ("relationshipType", .string(type)),
                ("relatedSpdxElement", .string(other)),
            ])
        )
    }

    private func checksum(_ digest: Digest) -> JSON {
        .object([
            ("algorithm", .string(digest.algorithm.rawValue.uppercased())), ("checksumValue", .string(digest.hex)),
        ])
    }

    private func reference(_ purl: PackageURL) -> JSON {
        .array([
            .object([
                ("referenceCategory", "PACKAGE-MANAGER"), ("referenceType", "purl"),
                ("referenceLocator", .string(purl.description)),
            ])
        ])
    }

    /// A package element with the members that SPDX requires and we know nothing about.
    private func package(_ id: String, name: String, _ members: [(String, JSON?)]) -> JSON {
        var all: [(String, JSON?)] = [
            ("SPDXID", .string(id)), ("name", .string(name)), ("downloadLocation", "NOASSERTION"),
            ("filesAnalyzed", false), ("licenseConcluded", "NOASSERTION"), ("licenseDeclared", "NOASSERTION"),
            ("copyrightText", "NOASSERTION"),
        ]
        for (key, value) in members {
            if let index = all.firstIndex(where: { $0.0 == key }) {
                all[index].1 = value
            } else {
                all.append((key, value))
            }
        }
        return .members(all)
    }

    mutating func addImage(_ digest: Digest, id: String, architecture: String?) -> String {
        packages.append(
            package(
                id,
                name: identity.repository,
                [
                    ("versionInfo", .string(digest.description)), ("primaryPackagePurpose", "CONTAINER"),
                    ("checksums", .array([checksum(digest)])),
                    ("externalRefs", reference(identity.purl(digest, architecture: architecture))),
                ]
            )
        )
        return id
    }

    mutating func addContents(of inventory: ImageInventory, root: String, withFiles: Bool) {
        let distribution = inventory.distribution
        let system = "SPDXRef-OS-\(slug("\(distribution.id)-\(distribution.versionID)"))"
        if seen.insert(system).inserted {
            packages.append(
                package(
                    system,
                    name: distribution.id,
                    [
                        ("versionInfo", .string(distribution.versionID)), ("primaryPackagePurpose", "OPERATING_SYSTEM"),
                    ]
                )
            )
        }
        relate(root, "CONTAINS", system)
        for layer in inventory.layers {
            let digest = layer.descriptor.digest
            let id = "SPDXRef-Layer-\(digest.hex)"
            if seen.insert(id).inserted {
                packages.append(
                    package(
                        id,
                        name: digest.description,
                        [
                            ("primaryPackagePurpose", "ARCHIVE"), ("checksums", .array([checksum(digest)])),
                            ("comment", .string("layer: \(layer.comment); uncompressed \(layer.diffID)")),
                        ]
                    )
                )
            }
            relate(root, "CONTAINS", id)
        }
        let owners = PackageNames(inventory.packages.map(\.package))
        var owned: [Int: [InventoryFile]] = [:]
        var generated: [InventoryFile] = []
        if withFiles {
            for file in inventory.files {
                if case .package(let name) = file.origin, let owner = owners.index(of: name) {
                    owned[owner, default: []].append(file)
                } else {
                    generated.append(file)
                }
            }
        }
        let ids = inventory.packages.map { elementID(of: $0.package) }
        for (index, entry) in inventory.packages.enumerated() {
            if seen.insert(ids[index]).inserted {
                packages.append(element(of: entry, id: ids[index], in: distribution, files: owned[index] ?? []))
            }
            relate(root, "CONTAINS", ids[index])
            for file in owned[index] ?? [] { add(file, to: ids[index]) }
            for name in entry.dependencies {
                if let other = owners.index(of: name) { relate(ids[index], "DEPENDS_ON", ids[other]) }
            }
        }
        if !generated.isEmpty {
            let id = "SPDXRef-Generated"
            packages.append(
                package(
                    id,
                    name: "generated files",
                    [
                        ("primaryPackagePurpose", "FILE"),
                        (
                            "comment",
                            "Files that no package ships: made by the definition, or in the place of maintainer scripts."
                        ),
                        ("filesAnalyzed", true), ("licenseInfoFromFiles", ["NOASSERTION"]),
                        ("packageVerificationCode", verificationCode(generated)),
                    ]
                )
            )
            relate(root, "CONTAINS", id)
            for file in generated { add(file, to: id) }
        }
    }

    private mutating func element(
        of entry: InventoryPackage,
        id: String,
        in distribution: Distribution,
        files: [InventoryFile]
    ) -> JSON {
        for text in entry.licence?.extracted ?? [] { extracted[text.identifier] = text }
        let item = entry.package
        let hasFiles = !files.isEmpty
        // Where the packaging itself comes from, as a package's own record has it.
        let commit = item.about.commit.map { ", commit \($0)" } ?? ""
        return package(
            id,
            name: item.name,
            [
                ("versionInfo", .string(item.version)),
                ("supplier", .string("Organization: \(distribution.name)")),
                ("originator", item.about.maintainer.flatMap { Originator.text($0) }.map { .string($0) }),
                ("homepage", item.about.homepage.flatMap { $0.contains("://") ? .string($0) : nil }),
                ("summary", item.about.summary.map { .string($0) }),
                (
                    "sourceInfo",
                    .string("built from source package \(item.source.name) \(item.source.version)\(commit)")
                ),
                ("licenseDeclared", .string(entry.licence?.expression ?? "NOASSERTION")),
                ("checksums", item.sha256.map { .array([checksum($0)]) }),
                ("externalRefs", reference(item.purl(of: distribution))),
                ("filesAnalyzed", .bool(hasFiles)),
                ("licenseInfoFromFiles", hasFiles ? ["NOASSERTION"] : nil),
                ("packageVerificationCode", hasFiles ? verificationCode(files) : nil),
                ("comment", entry.isRequested ? "named by the definition" : nil),
                ("annotations", entry.scripts.isEmpty ? nil : .array(entry.scripts.map(annotation))),
            ]
        )
    }

    /// SPDX 2.3 section 12.
    private func annotation(_ script: ScriptReport) -> JSON {
        .object([
            ("annotationDate", .string(identity.time)), ("annotationType", "OTHER"),
            ("annotator", .string("Tool: basalt-\(identity.toolVersion)")), ("comment", .string(script.text)),
        ])
    }

    /// SPDX 2.3 section 7.9: SHA-1 over the sorted SHA-1s of the files.
    private func verificationCode(_ files: [InventoryFile]) -> JSON {
        let joined = files.map(\.sha1.hex).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined()
        return .object([("packageVerificationCodeValue", .string(Digest.of(joined, .sha1).hex))])
    }

    private mutating func add(_ file: InventoryFile, to owner: String) {
        let id = "SPDXRef-File-\(Digest.of(file.path.bytes).hex.prefix(24))"
        var comment: String?
        if case .package = file.origin {} else { comment = "from \(file.origin)" }
        files.append(
            .members([
                ("SPDXID", .string(id)), ("fileName", .string("./" + file.path.evidenceText)),
                ("checksums", .array([checksum(file.sha1), checksum(file.sha256)])),
                ("licenseConcluded", "NOASSERTION"), ("licenseInfoInFiles", ["NOASSERTION"]),
                ("copyrightText", "NOASSERTION"), ("comment", comment.map { .string($0) }),
            ])
        )
        relate(owner, "CONTAINS", id)
    }

    func document(about digest: Digest) -> JSON {
        let texts = extracted.values.sorted { $0.identifier.utf8.lexicographicallyPrecedes($1.identifier.utf8) }
        return .members([
            ("spdxVersion", "SPDX-2.3"), ("dataLicense", "CC0-1.0"), ("SPDXID", "SPDXRef-DOCUMENT"),
            ("name", .string(identity.repository)),
            ("documentNamespace", .string(identity.namespace.document("spdx", digest))),
            (
                "creationInfo",
                .object([
                    ("created", .string(identity.time)),
                    ("creators", .array([.string("Tool: basalt-\(identity.toolVersion)")])),
                ])
            ),
            ("packages", .array(packages)),
            ("files", files.isEmpty ? nil : .array(files)),
            (
                "hasExtractedLicensingInfos",
                texts.isEmpty
                    ? nil
                    : .array(
                        texts.map {
                            .object([
                                ("licenseId", .string($0.identifier)), ("name", .string($0.name)),
                                ("extractedText", .string($0.text)),
                            ])
                        }
                    )
            ),
            ("relationships", .array(relationships)),
        ])
    }

    private func elementID(of package: Package) -> String {
        "SPDXRef-Package-\(slug(package.name))-\(slug(package.architecture))"
    }

    /// SPDX identifiers have letters, digits, `.` and `-`; a name that loses something gets a part of its digest.
    private func slug(_ name: String) -> String {
        let plain = name.utf8.map { byte -> UInt8 in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2E || byte == 0x2D
            return isPlain ? byte : 0x2D
        }
        let text = String(decoding: plain, as: UTF8.self)
        return text == name ? text : "\(text)-\(Digest.of(name).hex.prefix(8))"
    }
}
