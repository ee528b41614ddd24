// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Packages

extension SignedIndex {
    var json: JSON {
        .members([
            ("repository", .string(repository)), ("suite", suite.isEmpty ? nil : .string(suite)),
            ("path", .string(path)), ("sha256", .string(sha256.hex)), ("size", .integer(size)),
            ("signer", .string(signer)), ("date", date.map { .integer($0) }),
            ("validUntil", validUntil.map { .integer($0) }),
        ])
    }

    init?(json: JSON) {
        guard let repository = json["repository"]?.text, let path = json["path"]?.text,
            let sha256 = json["sha256"]?.text.flatMap({ Digest(.sha256, hex: $0) }), let size = json["size"]?.int,
            let signer = json["signer"]?.text
        else { return nil }
        self.init(
            repository: repository,
            suite: json["suite"]?.text ?? "",
            path: path,
            sha256: sha256,
            size: size,
            signer: signer,
            date: json["date"]?.int,
            validUntil: json["validUntil"]?.int
        )
    }
}

extension Resolution.Selected {
    var json: JSON {
        .members([
            ("name", .string(package.name)), ("version", .string(package.version)),
            ("architecture", .string(package.architecture)),
            ("source", ["name": .string(package.source.name), "version": .string(package.source.version)]),
            ("repository", .string(package.repository)), ("path", .string(package.path)),
            ("sha256", package.sha256.map { .string($0.hex) }), ("checksum", package.checksum.map { .string($0) }),
            ("size", .integer(package.size)), ("installedSize", .integer(package.installedSize)),
            ("maintainer", package.about.maintainer.map { .string($0) }),
            ("homepage", package.about.homepage.map { .string($0) }),
            ("summary", package.about.summary.map { .string($0) }),
            ("licence", package.about.licence.map { .string($0) }),
            ("commit", package.about.commit.map { .string($0) }),
            ("buildTime", package.about.buildTime.map { .integer($0) }),
            ("reason", reason.json),
        ])
    }

    init?(json: JSON) {
        guard let name = json["name"]?.text, let version = json["version"]?.text,
            let architecture = json["architecture"]?.text, let source = json["source"]?["name"]?.text,
            let sourceVersion = json["source"]?["version"]?.text, let repository = json["repository"]?.text,
            let path = json["path"]?.text, let size = json["size"]?.int, size >= 0,
            // A lock may come from somebody else: its paths are joined to a mirror's URL or directory.
            !path.hasPrefix("/"), !path.split(separator: "/").contains(".."),
            let reason = json["reason"].flatMap({ Resolution.Reason(json: $0) })
        else { return nil }
        let sha256 = json["sha256"]?.text.flatMap { Digest(.sha256, hex: $0) }
        guard sha256 != nil || json["sha256"] == nil else { return nil }
        self.init(
            package: Package(
                name: name,
                version: version,
                architecture: architecture,
                source: .init(name: source, version: sourceVersion),
                sha256: sha256,
                checksum: json["checksum"]?.text,
                size: size,
                installedSize: json["installedSize"]?.int ?? 0,
                path: path,
                repository: repository,
                about: .init(
                    maintainer: json["maintainer"]?.text,
                    homepage: json["homepage"]?.text,
                    summary: json["summary"]?.text,
                    licence: json["licence"]?.text,
                    commit: json["commit"]?.text,
                    buildTime: json["buildTime"]?.int
                )
            ),
            reason: reason
        )
    }
}

extension Resolution.Reason {
    fileprivate var json: JSON {
        switch self {
        case .requested: "requested"
        case .dependency(let package, let clause): ["package": .string(package), "clause": .string(clause)]
        case .rule(let rule): ["rule": .string(rule)]
        }
    }

    fileprivate init?(json: JSON) {
        if json.text == "requested" {
            self = .requested
        } else if let package = json["package"]?.text, let clause = json["clause"]?.text {
            self = .dependency(of: package, clause: clause)
        } else if let rule = json["rule"]?.text {
            self = .rule(rule)
        } else {
            return nil
        }
    }
}
