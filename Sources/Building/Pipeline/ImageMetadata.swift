// SPDX-License-Identifier: Apache-2.0

internal import Definitions
internal import Layers
internal import OCI
internal import Packages

/// The image config, labels and annotations of a plan (OCI image-spec 1.1, config.md and annotations.md).
struct ImageMetadata {
    let plan: Plan
    let branding: Branding
    let created: Int
    let version: String

    /// What programs expect to find when a definition does not set it.
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    func configuration(_ built: PlatformBuild.Built) -> ImageConfiguration {
        let platform = ImagePlatform(architecture: built.platform.architecture, variant: built.platform.variant)
        var configuration = ImageConfiguration(
            platform: platform,
            created: created,
            diffIDs: built.layers.map(\.diffID)
        )
        configuration.user = built.user
        var environment = plan.environment
        if !environment.contains(where: { $0.name == "PATH" }) { environment.insert(.init("PATH", Self.path), at: 0) }
        configuration.environment = environment.map { "\($0.name)=\($0.value)" }
        configuration.entrypoint = plan.entrypoint
        configuration.command = plan.cmd
        configuration.workingDirectory = plan.workDir ?? "/"
        configuration.exposedPorts = plan.ports.map(\.text)
        configuration.stopSignal = plan.stopSignal
        configuration.labels = labels
        configuration.history = built.layers.map {
            ImageConfiguration.History(createdBy: "basalt", comment: $0.title)
        }
        return configuration
    }

    /// Annotations of the manifests and the index.
    var annotations: [String: String] {
        var out: [String: String] = [:]
        for pair in plan.annotations {
            if let value = branding.text(pair.value) { out[branding.key(pair.name)] = value }
        }
        for (key, value) in described { out[key] = value }
        return out
    }

    /// Labels of the config: the definition's own, and what the annotations say, since some tools show labels only.
    private var labels: [String: String] {
        var out = annotations
        for pair in plan.labels {
            if let value = branding.text(pair.value) { out[branding.key(pair.name)] = value }
        }
        return out
    }

    /// Packages whose purpose is to be a shell, or to install others.
    private static let shells: Set<String> = [
        "bash", "busybox", "csh", "dash", "fish", "ksh93u+m", "mksh", "tcsh", "yash", "zsh",
    ]
    private static let packageManagers: Set<String> = ["apk-tools", "apt", "aptitude", "dpkg"]

    /// Those that the definition names itself, in its order.
    private func requested(_ names: Set<String>) -> String? {
        let found = plan.packages.map { String($0.prefix { $0 != "=" }) }.filter { names.contains($0) }
        return found.isEmpty ? nil : found.joined(separator: " ")
    }

    /// What we know of the image, under the specification's keys and our own prefix.
    private var described: [(String, String)] {
        let prefix = branding.labelPrefix
        var out: [(String, String)] = [
            ("org.opencontainers.image.created", Timestamp.text(created)),
            ("org.opencontainers.image.vendor", branding.vendor),
            ("\(prefix).variant", plan.variant.rawValue),
        ]
        func add(_ key: String, _ value: String?) {
            if let value, !value.isEmpty, let text = branding.text(value) { out.append((key, text)) }
        }
        add("org.opencontainers.image.title", plan.name ?? plan.image?.split(separator: "/").last.map(String.init))
        add("org.opencontainers.image.version", plan.tags.max { $0.utf8.count < $1.utf8.count } ?? "latest")
        add("org.opencontainers.image.url", branding.url)
        add("\(prefix).flavor", plan.flavor)
        add("\(prefix).date.release", plan.dates.release)
        add("\(prefix).date.end-of-life", plan.dates.endOfLife)
        // As the catalog's images say what they have on purpose, so that what came along unasked can be told from it.
        add("\(prefix).shell", requested(Self.shells))
        add("\(prefix).package-manager", requested(Self.packageManagers))
        if let distribution = plan.distribution {
            add("\(prefix).distribution", "\(distribution.id)-\(distribution.versionID)")
        }
        return out
    }
}
