// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
internal import FileTree
internal import OCI
internal import Packages

/// A CycloneDX 1.6 document (ECMA-424) about an image: the same facts as the SPDX one.
package enum CycloneDXDocument {
    package static func image(_ image: PlatformImage, identity: ImageIdentity) -> JSON {
        document(
            image.digest,
            architecture: image.inventory.platform.architecture,
            images: [image],
            identity: identity,
            withFiles: true
        )
    }

    /// The document of a whole index: a component for each of its images, and their packages without the files.
    package static func index(_ digest: Digest, images: [PlatformImage], identity: ImageIdentity) -> JSON {
        document(digest, architecture: nil, images: images, identity: identity, withFiles: false)
    }

    private static func document(
        _ digest: Digest,
        architecture: String?,
        images: [PlatformImage],
        identity: ImageIdentity,
        withFiles: Bool
    ) -> JSON {
        let root = identity.purl(digest, architecture: architecture).description
        let isIndex = architecture == nil
        var components: [JSON] = []
        var dependencies: [(String, [String])] = []
        var contained: [String] = []
        var seen: Set<String> = []
        for image in images {
            let inventory = image.inventory
            /// What the image has: of an index, the images stand between it and them.
            var own: [String] = []
            let distribution = inventory.distribution
            let system = "os:\(distribution.id)@\(distribution.versionID)"
            if seen.insert(system).inserted {
                components.append(
                    .object([
                        ("type", "operating-system"), ("bom-ref", .string(system)), ("name", .string(distribution.id)),
                        ("version", .string(distribution.versionID)),
                    ])
                )
                dependencies.append((system, []))
            }
            own.append(system)
            let owners = PackageNames(inventory.packages.map(\.package))
            var owned: [Int: [JSON]] = [:]
            if withFiles {
                for file in inventory.files {
                    if case .package(let name) = file.origin, let owner = owners.index(of: name) {
                        owned[owner, default: []].append(component(of: file))
                    } else {
                        components.append(component(of: file))
                    }
                }
            }
            let purls = inventory.packages.map { $0.package.purl(of: distribution).description }
            own += purls
            for (index, entry) in inventory.packages.enumerated() where seen.insert(purls[index]).inserted {
                components.append(
                    component(of: entry, purl: purls[index], in: distribution, files: owned[index] ?? [])
                )
                dependencies.append(
                    (purls[index], entry.dependencies.compactMap { owners.index(of: $0) }.map { purls[$0] })
                )
            }
            if isIndex {
                let purl = identity.purl(image.digest, architecture: inventory.platform.architecture).description
                components.append(
                    container(image.digest, purl: purl, layers: layerProperties(of: image), identity: identity)
                )
                dependencies.append((purl, own))
                contained.append(purl)
            } else {
                contained += own
            }
        }
        dependencies.insert((root, contained), at: 0)
        let layers = isIndex ? [] : images.flatMap { layerProperties(of: $0) }
        return .members([
            ("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"), ("bomFormat", "CycloneDX"),
            ("specVersion", "1.6"),
            ("serialNumber", .string("urn:uuid:" + Namespace.uuid(identity.namespace.document("cyclonedx", digest)))),
            ("version", 1),
            (
                "metadata",
                .members([
                    ("timestamp", .string(identity.time)), ("lifecycles", .array([.object([("phase", "build")])])),
                    (
                        "tools",
                        .object([
                            (
                                "components",
                                .array([
                                    .object([
                                        ("type", "application"), ("name", "basalt"),
                                        ("version", .string(identity.toolVersion)),
                                    ])
                                ])
                            )
                        ])
                    ),
                    ("component", container(digest, purl: root, layers: layers, identity: identity)),
                ])
            ),
            ("components", .array(components)),
            (
                "dependencies",
                .array(
                    dependencies.map { name, others in
                        .members([
                            ("ref", .string(name)),
                            ("dependsOn", others.isEmpty ? nil : .strings(unique(others))),
                        ])
                    }
                )
            ),
        ])
    }

    /// An image, or an index of images.
    private static func container(_ digest: Digest, purl: String, layers: [JSON], identity: ImageIdentity) -> JSON {
        .members([
            ("type", "container"), ("bom-ref", .string(purl)), ("name", .string(identity.repository)),
            ("version", .string(digest.description)), ("hashes", hashes([digest])), ("purl", .string(purl)),
            ("properties", layers.isEmpty ? nil : .array(layers)),
        ])
    }

    private static func layerProperties(of image: PlatformImage) -> [JSON] {
        image.inventory.layers.map { layer in
            property("layer:\(image.inventory.platform.rawValue)", "\(layer.descriptor.digest) \(layer.comment)")
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private static func hashes(_ digests: [Digest]) -> JSON {
        .array(
            digests.map {
                let name = "SHA-" + $0.algorithm.rawValue.dropFirst(3)
                return .object([("alg", .string(name)), ("content", .string($0.hex))])
            }
        )
    }

    private static func property(_ name: String, _ value: String) -> JSON {
        .object([("name", .string("basalt:\(name)")), ("value", .string(value))])
    }

    private static func component(of file: InventoryFile) -> JSON {
        var properties = [property("size", String(file.size)), property("mode", "0" + String(file.mode, radix: 8))]
        if case .package = file.origin {} else { properties.append(property("origin", file.origin.description)) }
        return .object([
            ("type", "file"), ("name", .string("/" + file.path.evidenceText)), ("hashes", hashes([file.sha256])),
            ("properties", .array(properties)),
        ])
    }

    private static func component(
        of entry: InventoryPackage,
        purl: String,
        in distribution: Distribution,
        files: [JSON]
    ) -> JSON {
        let item = entry.package
        return .members([
            ("type", "library"), ("bom-ref", .string(purl)),
            ("supplier", .object([("name", .string(distribution.name))])),
            (
                "publisher",
                item.about.maintainer.map { Originator.split($0).name }.flatMap { $0.isEmpty ? nil : .string($0) }
            ),
            ("name", .string(item.name)), ("version", .string(item.version)),
            ("description", item.about.summary.map { .string($0) }),
            ("hashes", item.sha256.map { hashes([$0]) }),
            (
                "licenses",
                entry.licence.map {
                    .array([.object([("expression", .string($0.expression)), ("acknowledgement", "declared")])])
                }
            ),
            ("purl", .string(purl)),
            (
                "externalReferences",
                item.about.homepage.flatMap { $0.contains("://") ? $0 : nil }.map {
                    .array([.object([("type", "website"), ("url", .string($0))])])
                }
            ),
            (
                "properties",
                .array(
                    [
                        item.about.commit.map { property("commit", $0) },
                        property("source", "\(item.source.name) \(item.source.version)"),
                        property("requested", entry.isRequested ? "true" : "false"),
                    ].compactMap { $0 } + entry.scripts.map { property("script", $0.text) }
                )
            ),
            ("components", files.isEmpty ? nil : .array(files)),
        ])
    }
}
