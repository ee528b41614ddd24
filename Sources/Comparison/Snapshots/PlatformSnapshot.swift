// SPDX-License-Identifier: Apache-2.0

internal import FileTree
package import Images
internal import OCI

/// What is known of one platform: of an image everything, of a lock or a bill of materials its packages.
package struct PlatformSnapshot: Sendable {
    /// `linux/amd64`; empty where a document does not tell platforms apart.
    package var name: String
    package var packages: [PackageSnapshot]
    package var image: OpenedImage?

    package init(name: String, packages: [PackageSnapshot], image: OpenedImage? = nil) {
        // An index may say linux/arm64/v8 where another says linux/arm64, which is the same.
        self.name = name == "linux/arm64/v8" ? "linux/arm64" : name
        self.packages = packages
        self.image = image
    }

    /// Compressed bytes of all layers.
    var size: Int? { image.map { $0.manifest.layers.reduce(0) { $0 + $1.size } } }

    /// How the image is run, a value for each name.
    var settings: [String: String] {
        guard let configuration = image?.configuration else { return [:] }
        var out: [String: String] = ["created": Timestamp.text(configuration.created)]
        out["user"] = configuration.user
        out["author"] = configuration.author
        out["working directory"] = configuration.workingDirectory
        out["stop signal"] = configuration.stopSignal
        func words(_ list: [String]) -> String { list.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ") }
        out["entry point"] = configuration.entrypoint.map(words)
        out["command"] = configuration.command.map(words)
        for entry in configuration.environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            out["environment \(parts[0])"] = parts.count > 1 ? String(parts[1]) : ""
        }
        for (key, value) in configuration.labels { out["label \(key)"] = value }
        for port in configuration.exposedPorts { out["port \(port)"] = "exposed" }
        for volume in configuration.volumes { out["volume \(volume)"] = "declared" }
        for (key, value) in image?.manifest.annotations ?? [:] where configuration.labels[key] != value {
            out["annotation \(key)"] = value
        }
        return out
    }

    /// The accounts of /etc/passwd and /etc/group, as `uid:gid, home, shell` and `gid, members`.
    var accounts: [String: String] {
        guard let documents = image?.contents.documents else { return [:] }
        var out: [String: String] = [:]
        func lines(_ bytes: [UInt8]?) -> [[String]] {
            (bytes ?? []).split(separator: 0x0A).map { line in
                line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
            }
        }
        for fields in lines(documents["etc/passwd"]) where fields.count == 7 {
            out["user \(fields[0])"] = "\(fields[2]):\(fields[3]), \(fields[5]), \(fields[6])"
        }
        for fields in lines(documents["etc/group"]) where fields.count == 4 {
            out["group \(fields[0])"] = fields[2] + (fields[3].isEmpty ? "" : ", " + fields[3])
        }
        return out
    }
}
