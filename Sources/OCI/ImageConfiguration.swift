// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// An image's configuration: how to run it, and the layers it is made of (image-spec 1.1.1, config.md).
package struct ImageConfiguration: Hashable, Sendable {
    package struct History: Hashable, Sendable {
        package var createdBy: String
        package var comment: String?
        package var isEmptyLayer: Bool
        package init(createdBy: String, comment: String? = nil, isEmptyLayer: Bool = false) {
            self.createdBy = createdBy
            self.comment = comment
            self.isEmptyLayer = isEmptyLayer
        }
    }

    /// The most bytes of one that is read; real ones have some kilobytes.
    package static let limit = 16 << 20

    package var platform: ImagePlatform
    /// Seconds since the epoch: a property of the inputs, not of the run.
    package var created: Int
    package var author: String?
    /// `uid:gid`, in numbers so that Kubernetes' runAsNonRoot can see that it is not root.
    package var user: String?
    package var exposedPorts: [String] = []
    /// `NAME=value`, in the order given.
    package var environment: [String] = []
    package var entrypoint: [String]?
    package var command: [String]?
    package var volumes: [String] = []
    package var workingDirectory: String?
    package var stopSignal: String?
    package var labels: [String: String] = [:]
    /// Digests of the uncompressed layers, lowest first.
    package var diffIDs: [Digest]
    package var history: [History] = []

    package init(platform: ImagePlatform, created: Int, diffIDs: [Digest]) {
        self.platform = platform
        self.created = created
        self.diffIDs = diffIDs
    }

    package var json: JSON {
        let time = JSON.string(Timestamp.text(created))
        func set(_ names: [String]) -> JSON? {
            names.isEmpty
                ? nil : .object(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { ($0, .object([])) })
        }
        let config = JSON.members([
            ("User", user.map { .string($0) }),
            ("ExposedPorts", set(exposedPorts)),
            ("Env", environment.isEmpty ? nil : .strings(environment)),
            ("Entrypoint", entrypoint.map { .strings($0) }),
            ("Cmd", command.map { .strings($0) }),
            ("Volumes", set(volumes)),
            ("WorkingDir", workingDirectory.map { .string($0) }),
            ("Labels", labels.isEmpty ? nil : .map(labels)),
            ("StopSignal", stopSignal.map { .string($0) }),
        ])
        return .members([
            ("created", time),
            ("author", author.map { .string($0) }),
            ("architecture", .string(platform.architecture)),
            ("variant", platform.variant.map { .string($0) }),
            ("os", .string(platform.os)),
            ("os.version", platform.osVersion.map { .string($0) }),
            ("config", config),
            ("rootfs", .object([("type", "layers"), ("diff_ids", .strings(diffIDs.map(\.description)))])),
            (
                "history",
                history.isEmpty
                    ? nil
                    : .array(
                        history.map {
                            .members([
                                ("created", time), ("created_by", .string($0.createdBy)),
                                ("comment", $0.comment.map { .string($0) }),
                                ("empty_layer", $0.isEmptyLayer ? true : nil),
                            ])
                        }
                    )
            ),
        ])
    }
}
