// SPDX-License-Identifier: Apache-2.0

extension ImagePlatform {
    /// Reads `os/architecture[/variant]`, with a version as `os(version)`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(architecture: parts[1], os: parts[0], variant: parts.count == 3 ? parts[2] : nil)
        if let open = os.firstIndex(of: "("), os.last == ")" {
            osVersion = String(os[os.index(after: open)...].dropLast())
            os = String(os[..<open])
        }
    }

    /// The one of several names for the same platform that containerd uses (platforms/database.go, "normalizeArch" and
    /// "normalizeOS"): indexes say `arm64/v8` where configurations say `arm64`.
    package var normalized: ImagePlatform {
        var out = self
        out.os = os.lowercased()
        if out.os == "macos" { out.os = "darwin" }
        let variant = variant?.lowercased() ?? ""
        switch architecture.lowercased() {
        case "i386": (out.architecture, out.variant) = ("386", nil)
        case "x86_64", "x86-64", "amd64":
            (out.architecture, out.variant) = ("amd64", ["", "v1"].contains(variant) ? nil : variant)
        case "aarch64", "arm64":
            (out.architecture, out.variant) = ("arm64", ["", "8", "v8"].contains(variant) ? nil : variant)
        case "armhf": (out.architecture, out.variant) = ("arm", "v7")
        case "armel": (out.architecture, out.variant) = ("arm", "v6")
        case "arm":
            out.architecture = "arm"
            out.variant =
                ["", "7"].contains(variant) ? "v7" : ["5", "6", "8"].contains(variant) ? "v" + variant : variant
        case let other: (out.architecture, out.variant) = (other, variant.isEmpty ? nil : variant)
        }
        return out
    }

    /// Whether two statements are about one platform; a version of the system that only one of them gives is none that differs.
    package func isSame(as other: ImagePlatform) -> Bool {
        var (a, b) = (normalized, other.normalized)
        if a.osVersion == nil || b.osVersion == nil { (a.osVersion, b.osVersion) = (nil, nil) }
        return a == b
    }
}
