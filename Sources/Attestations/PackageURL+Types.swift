// SPDX-License-Identifier: Apache-2.0

extension PackageURL {
    /// What the purl specification's type definitions demand of one type; a type that is not here has no rules of its own.
    private struct TypeRules {
        enum Presence { case required, prohibited, optional }
        var namespace = Presence.optional
        var lowersNamespace = false
        var lowersName = false
        var lowersVersion = false
        var requiredQualifier: String?

        static func owned(lower: Bool = false, name: Bool? = nil, version: Bool = false) -> TypeRules {
            TypeRules(
                namespace: .required,
                lowersNamespace: lower,
                lowersName: name ?? lower,
                lowersVersion: version
            )
        }

        static func flat(lower: Bool = false, version: Bool = false, qualifier: String? = nil) -> TypeRules {
            TypeRules(namespace: .prohibited, lowersName: lower, lowersVersion: version, requiredQualifier: qualifier)
        }
    }

    private static let rules: [String: TypeRules] = [
        "alpm": .owned(lower: true), "apk": .owned(lower: true), "bazel": .flat(), "bitbucket": .owned(lower: true),
        "bitnami": .flat(lower: true), "brew": TypeRules(lowersNamespace: true, lowersName: true), "cargo": .flat(),
        "chrome-extension": .flat(lower: true), "cocoapods": .flat(), "composer": .owned(lower: true),
        "conda": .flat(), "cran": .flat(), "deb": .owned(lower: true), "gem": .flat(), "git": .owned(),
        "github": .owned(lower: true), "golang": .owned(), "hackage": .flat(),
        "hex": TypeRules(lowersNamespace: true, lowersName: true), "huggingface": .owned(version: true),
        "julia": .flat(qualifier: "uuid"), "luarocks": TypeRules(lowersNamespace: true, lowersName: true),
        "maven": .owned(), "mlflow": .flat(), "nuget": .flat(), "oci": .flat(lower: true, version: true),
        "opam": .flat(), "otp": .flat(lower: true), "pub": .flat(lower: true),
        "pypi": .flat(lower: true, version: true),
        "qpkg": .owned(lower: true, name: false), "rpm": .owned(lower: true, name: false),
        "swid": TypeRules(requiredQualifier: "tag_id"), "swift": .owned(), "vcpkg": .flat(),
        "vscode-extension": .owned(lower: true, version: true), "yocto": TypeRules(lowersNamespace: true),
    ]

    /// A purl of parts that come from outside, in canonical form; nil for parts that the specification forbids.
    package init?(
        checking type: String,
        namespace: [String] = [],
        name: String,
        version: String? = nil,
        qualifiers: [String: String] = [:],
        subpath: [String] = []
    ) {
        var lowered: [String: String] = [:]
        for (key, value) in qualifiers {
            let key = key.lowercased()
            guard Self.isKey(key), lowered.updateValue(value, forKey: key) == nil else { return nil }
        }
        self.init(
            type: type.lowercased(),
            namespace: namespace,
            name: name,
            version: version,
            qualifiers: lowered,
            subpath: subpath.filter { $0 != "." && $0 != ".." }
        )
        guard Self.isKey(self.type) else { return nil }
        normalise()
        if problem != nil { return nil }
    }

    /// The canonical spelling of a type's parts.
    mutating func normalise() {
        guard let rules = Self.rules[type] else { return }
        if rules.lowersNamespace { namespace = namespace.map { $0.lowercased() } }
        if rules.lowersName { name = name.lowercased() }
        if rules.lowersVersion { version = version?.lowercased() }
        switch type {
        case "pypi": name = name.replacing("_", with: "-")
        case "pub":
            name = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        // Databricks' registry does not tell cases apart; others of the kind do.
        case "mlflow" where qualifiers["repository_url"]?.contains("azuredatabricks.net") == true:
            name = name.lowercased()
        default: break
        }
    }

    /// Why the specification forbids it, or nil.
    package var problem: String? {
        if type.isEmpty { return "it has no type" }
        if name.isEmpty { return "it has no name" }
        if type == "cpan" && name.contains("::") { return "a distribution of CPAN is not named like a module" }
        guard let rules = Self.rules[type] else { return nil }
        if rules.namespace == .required && namespace.isEmpty { return "a purl of type '\(type)' has a namespace" }
        if rules.namespace == .prohibited && !namespace.isEmpty { return "a purl of type '\(type)' has no namespace" }
        if type == "chrome-extension" {
            if name.utf8.count != 32 || !name.utf8.allSatisfy({ (0x61...0x70).contains($0) }) {
                return "an extension's name is 32 letters from a to p"
            }
            let segments = version?.split(separator: ".", omittingEmptySubsequences: false) ?? ["0"]
            if segments.count > 4 || segments.contains(where: { UInt16($0) == nil }) {
                return "an extension's version is at most four numbers"
            }
        }
        if let key = rules.requiredQualifier, qualifiers[key] == nil {
            return "a purl of type '\(type)' has the qualifier '\(key)'"
        }
        return nil
    }
}
