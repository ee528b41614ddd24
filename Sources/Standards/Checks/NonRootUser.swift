// SPDX-License-Identifier: Apache-2.0

internal import OCI

/// The container does not run as root.
enum NonRootUser: StandardCheck {
    static let id = "non-root-user"
    static let reason = "what breaks out of a process that is not root has less to begin with"

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        let user = image.configuration.user ?? ""
        if image.variant == .dev { return .skipped("a development image may run as root (its user is '\(user)')") }
        if user.isEmpty { return .failed("the configuration names no user, so it runs as root") }
        let name = user.prefix { $0 != ":" }
        if name == "root" || image.uid == 0 { return .failed("it runs as root ('\(user)')") }
        return .passed("it runs as \(user)")
    }
}

/// Kubernetes can see that the user is not root, which it can of a number only (`runAsNonRoot`,
/// kuberuntime's `verifyRunAsNonRoot`).
enum KubernetesUser: StandardCheck {
    static let id = "kubernetes-run-as-non-root"
    static let reason = "runAsNonRoot refuses an image whose user is a name, since a name may be root"

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        if image.variant == .dev { return .skipped("a development image may run as root") }
        guard let uid = image.uid else {
            return .failed("the user '\(image.configuration.user ?? "")' is not a number")
        }
        guard uid > 0, uid <= Int(UInt32.max) - 1 else { return .failed("the user is \(uid)") }
        return .passed("runAsNonRoot accepts \(uid)")
    }
}
