// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Programs by their names in the directories where programs lie.
private func programs(_ names: Set<String>, in image: TestedImage) -> [TreePath] {
    let directories: Set<TreePath> = [
        "bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "usr/lib/apt", "opt/bin",
    ]
    return image.nodes.filter { node in
        guard !node.isDirectory, let parent = node.path.parent, directories.contains(parent) else { return false }
        return names.contains(String(decoding: node.path.name, as: UTF8.self))
    }.map(\.path)
}

/// A runtime image has no shell that its definition did not ask for.
enum NoShell: StandardCheck {
    static let id = "no-shell"
    static let reason = "an intruder without a shell has to bring one"
    static let names: Set<String> = [
        "ash", "bash", "busybox", "csh", "dash", "elvish", "fish", "ksh", "ksh93", "mksh", "oksh", "rbash", "sh",
        "tcsh",
        "yash", "zsh",
    ]

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        if image.variant == .dev { return .skipped("a development image may have a shell") }
        let found = programs(names, in: image)
        if let intended = image.label("shell"), !intended.isEmpty {
            return .passed("\(found.count) shells, and the definition names \(intended)")
        }
        return .judging(found, "no shell")
    }
}

/// A runtime image has no package manager that its definition did not ask for.
enum NoPackageManager: StandardCheck {
    static let id = "no-package-manager"
    static let reason = "an image is replaced, not changed; a package manager only helps an intruder"
    static let names: Set<String> = [
        "apk", "apt", "apt-get", "aptitude", "dnf", "dpkg", "microdnf", "opkg", "pacman", "rpm", "snap", "yum",
        "zypper",
    ]

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        if image.variant == .dev { return .skipped("a development image may have a package manager") }
        let found = programs(names, in: image)
        if let intended = image.label("package-manager"), !intended.isEmpty {
            return .passed("\(found.count) package managers, and the definition names \(intended)")
        }
        return .judging(found, "no package manager")
    }
}
