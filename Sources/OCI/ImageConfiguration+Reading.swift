// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography

extension ImageConfiguration {
    package init(parsing bytes: [UInt8], name: String) throws(OCIError) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 32)
        } catch {
            throw OCIError(.malformed, name, "\(error)")
        }
        guard let architecture = json["architecture"]?.text, let os = json["os"]?.text else {
            throw OCIError(.malformed, name, "it has no architecture or os")
        }
        guard json["rootfs"]?["type"]?.text == "layers", let texts = json["rootfs"]?["diff_ids"]?.elements else {
            throw OCIError(.malformed, name, "its rootfs has no diff_ids")
        }
        var diffIDs: [Digest] = []
        for text in texts {
            guard let digest = Digest(text.text ?? "") else {
                throw OCIError(.malformed, name, "a diff_id is no digest")
            }
            diffIDs.append(digest)
        }
        var created = 0
        if let text = json["created"]?.text {
            guard let seconds = Timestamp.seconds(text) else {
                throw OCIError(.malformed, name, "'created' is no RFC 3339 time: \(text)")
            }
            created = seconds
        }
        self.init(
            platform: ImagePlatform(
                architecture: architecture,
                os: os,
                variant: json["variant"]?.text,
                osVersion: json["os.version"]?.text
            ),
            created: created,
            diffIDs: diffIDs
        )
        author = json["author"]?.text
        let config = json["config"]
        try ImageConfiguration.checkTypes(json, name: name)
        func list(_ key: String) -> [String]? { config?[key]?.elements?.compactMap(\.text) }
        user = config?["User"]?.text
        exposedPorts = config?["ExposedPorts"]?.members?.map(\.0) ?? []
        environment = list("Env") ?? []
        entrypoint = list("Entrypoint")
        command = list("Cmd")
        volumes = config?["Volumes"]?.members?.map(\.0) ?? []
        workingDirectory = config?["WorkingDir"]?.text
        stopSignal = config?["StopSignal"]?.text
        labels = try Descriptor.annotations(config?["Labels"], place: name)
        history = (json["history"]?.elements ?? []).map {
            History(
                createdBy: $0["created_by"]?.text ?? "",
                comment: $0["comment"]?.text,
                isEmptyLayer: $0["empty_layer"]?.boolean ?? false
            )
        }
    }

    /// What has another type than config.md says is an error and not simply absent.
    private static func checkTypes(_ json: JSON, name: String) throws(OCIError) {
        func present(_ value: JSON?) -> JSON? { if case .null = value { nil } else { value } }
        let config = json["config"]
        for (key, value) in [
            ("variant", json["variant"]), ("os.version", json["os.version"]), ("author", json["author"]),
            ("User", config?["User"]),
            ("WorkingDir", config?["WorkingDir"]), ("StopSignal", config?["StopSignal"]),
        ] {
            if let value = present(value), value.text == nil {
                throw OCIError(.malformed, name, "'\(key)' is no string")
            }
        }
        for key in ["Env", "Entrypoint", "Cmd"] {
            guard let value = present(config?[key]) else { continue }
            guard let elements = value.elements, elements.allSatisfy({ $0.text != nil }) else {
                throw OCIError(.malformed, name, "'\(key)' is no list of strings")
            }
            if key == "Env",
                let odd = elements.first(where: { $0.text?.contains("=") != true || $0.text?.first == "=" })
            {
                throw OCIError(.malformed, name, "'Env' has '\(odd.text ?? "")', which is no NAME=value")
            }
        }
        for key in ["Volumes", "ExposedPorts"] {
            if let value = present(config?[key]), value.members == nil {
                throw OCIError(.malformed, name, "'\(key)' is no object")
            }
        }
        if let history = present(json["history"]), history.elements == nil {
            throw OCIError(.malformed, name, "'history' is no list")
        }
    }
}
