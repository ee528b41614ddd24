// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// One target per concern; imports point only downwards. docs/architecture.md draws the picture and gives the reasons.
let package = Package(
    name: "basalt",
    products: [
        .executable(name: "basalt", targets: ["basalt"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // System libraries: a module map and a shim each, imported by exactly one Swift target.
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Foundations: no knowledge of packages or images.
        .target(name: "Diagnostics", dependencies: ["CanonicalJSON"]),
        .target(name: "CanonicalJSON"),
        .target(name: "Cryptography", dependencies: ["CCrypto", "Diagnostics"]),
        .target(name: "Archives", dependencies: ["CArchive", "CZlib", "Cryptography", "Diagnostics"]),
        .target(name: "ChildProcesses"),
        .target(name: "Executables"),
        .target(name: "FileTree", dependencies: ["Cryptography", "Diagnostics"]),
        .target(
            name: "Fetching",
            dependencies: [
                "Cryptography", "Diagnostics",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // The definition language.
        .target(name: "Definitions", dependencies: ["Diagnostics", "CanonicalJSON", "Yams"]),

        // Packages: what the ecosystems have in common, and each of them.
        .target(name: "Packages", dependencies: ["Cryptography", "Diagnostics", "Fetching", "FileTree"]),
        .target(name: "Resolver", dependencies: ["Packages", "Diagnostics"]),
        .target(
            name: "Debian",
            dependencies: [
                "Archives", "Cryptography", "Diagnostics", "Executables", "Fetching", "FileTree", "Packages",
                "Resolver",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "Alpine",
            dependencies: [
                "Archives", "Cryptography", "Diagnostics", "Fetching", "FileTree", "Packages", "Resolver",
            ]
        ),

        // Images and what is said about them.
        .target(name: "Layers", dependencies: ["Archives", "Cryptography", "Diagnostics", "FileTree"]),
        .target(name: "OCI", dependencies: ["CLinux", "CanonicalJSON", "Cryptography", "Diagnostics"]),
        .target(
            name: "Images",
            dependencies: ["Archives", "CanonicalJSON", "Cryptography", "Fetching", "FileTree", "OCI"]
        ),
        .target(
            name: "Comparison",
            dependencies: [
                "Archives", "Attestations", "CanonicalJSON", "Cryptography", "Diagnostics", "FileTree", "Images", "OCI",
                "Packages",
            ]
        ),
        .target(
            name: "Attestations",
            dependencies: ["CanonicalJSON", "Cryptography", "Diagnostics", "FileTree", "OCI", "Packages"]
        ),
        .target(
            name: "Registry",
            dependencies: [
                "CanonicalJSON", "ChildProcesses", "Cryptography", "Diagnostics", "Fetching", "OCI",
            ]
        ),
        .target(
            name: "Standards",
            dependencies: [
                "Attestations", "CanonicalJSON", "Cryptography", "Diagnostics", "Executables", "FileTree", "OCI",
            ]
        ),
        .target(name: "Signing", dependencies: ["CanonicalJSON", "Cryptography", "Diagnostics", "OCI"]),
        .target(
            name: "SignerService",
            dependencies: [
                "Attestations", "CLinux", "CanonicalJSON", "ChildProcesses", "Cryptography", "Diagnostics", "OCI",
                "Signing",
            ]
        ),

        .target(name: "RegularExpressions"),
        .target(
            name: "Transparency",
            dependencies: [
                "CanonicalJSON", "Cryptography", "Diagnostics", "Fetching", "OCI", "RegularExpressions", "Signing",
            ]
        ),

        // The pipeline, what checks its results, and the command line.
        .target(
            name: "Building",
            dependencies: [
                "Alpine", "Archives", "Attestations", "CanonicalJSON", "ChildProcesses", "Cryptography", "Debian",
                "Definitions", "Diagnostics", "Fetching", "FileTree", "Layers", "OCI", "Packages", "Resolver",
                "Signing",
                "Standards",
            ]
        ),
        .target(
            name: "Verification",
            dependencies: [
                "Attestations", "CanonicalJSON", "Cryptography", "Diagnostics", "FileTree", "Images", "OCI", "Signing",
                "Standards", "Transparency",
            ]
        ),
        .target(
            name: "Reproduction",
            dependencies: [
                "Attestations", "Building", "CanonicalJSON", "Comparison", "Cryptography", "Definitions", "Diagnostics",
                "Fetching", "FileTree", "Images", "Layers", "OCI", "Packages", "Verification",
            ]
        ),
        .target(
            name: "Containers",
            dependencies: [
                "CanonicalJSON", "Definitions", "Diagnostics", "Fetching", "FileTree", "OCI", "Standards",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "Commands",
            dependencies: [
                "Attestations", "Building", "CanonicalJSON", "Comparison", "Containers", "Cryptography", "Definitions",
                "Diagnostics", "Fetching", "FileTree", "Images", "OCI", "Packages", "Registry", "Reproduction",
                "SignerService", "Signing", "Standards", "Transparency", "Verification",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(name: "basalt", dependencies: ["Commands"]),

        // Tests: one target per concern; TestSupport is what they share.
        .target(
            name: "TestSupport",
            dependencies: [
                "Archives", "CanonicalJSON", "Cryptography", "Diagnostics", "Fetching", "FileTree", "OCI", "Packages",
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(
            name: "FoundationsTests",
            dependencies: [
                "Archives", "CanonicalJSON", "Cryptography", "Diagnostics", "FileTree", "Layers", "TestSupport",
            ]
        ),
        .testTarget(
            name: "DefinitionsTests",
            dependencies: ["Definitions", "Diagnostics", "CanonicalJSON", "TestSupport"]
        ),
        .testTarget(name: "FetchingTests", dependencies: ["Fetching", "Cryptography", "Diagnostics", "TestSupport"]),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "CanonicalJSON", "Cryptography", "Diagnostics", "Fetching", "OCI", "Registry", "TestSupport",
            ]
        ),
        .testTarget(
            name: "DebianTests",
            dependencies: [
                "Debian", "Archives", "Cryptography", "Fetching", "FileTree", "Packages", "Resolver", "TestSupport",
            ]
        ),
        .testTarget(
            name: "AlpineTests",
            dependencies: [
                "Alpine", "Archives", "Cryptography", "Diagnostics", "Fetching", "FileTree", "Packages", "Resolver",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "EvidenceTests",
            dependencies: [
                "Attestations", "Building", "CanonicalJSON", "Cryptography", "Diagnostics", "Fetching", "FileTree",
                "OCI",
                "Packages", "Registry", "RegularExpressions", "SignerService", "Signing", "TestSupport", "Transparency",
                "Verification",
                "basalt",
            ]
        ),
        .testTarget(
            name: "TransparencyTests",
            dependencies: [
                "CanonicalJSON", "Cryptography", "Diagnostics", "Fetching", "OCI", "RegularExpressions", "Signing",
                "TestSupport", "Transparency",
                "basalt",
            ]
        ),
        .testTarget(
            name: "ComparisonTests",
            dependencies: [
                "Archives", "Building", "CanonicalJSON", "Comparison", "Cryptography", "FileTree", "Images", "OCI",
                "Packages", "TestSupport",
            ]
        ),
        .testTarget(
            name: "StandardsTests",
            dependencies: [
                "Attestations", "CanonicalJSON", "Containers", "Cryptography", "FileTree", "OCI", "Standards",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "BuildingTests",
            dependencies: [
                "Building", "Commands", "Cryptography", "Debian", "Definitions", "Diagnostics", "Executables",
                "Fetching",
                "FileTree", "OCI", "Standards",
                "CanonicalJSON", "Packages", "TestSupport", "Verification", "basalt",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzzers link against libFuzzer's own main, so they are targets only for Fuzz/run, which sets this.
if Context.environment["BASALT_FUZZ"] != nil {
    let fuzzers: [(String, [Target.Dependency])] = [
        ("FuzzDefinition", ["Definitions", "Diagnostics"]),
        ("FuzzExpression", ["Definitions", "Diagnostics"]),
        (
            "FuzzEvidence",
            [
                "Attestations", "CanonicalJSON", "Cryptography", "OCI", "SignerService", "Signing", "Transparency",
            ]
        ),
        ("FuzzKeys", ["CanonicalJSON", "Cryptography", "RegularExpressions", "Signing"]),
        ("FuzzLog", ["CanonicalJSON", "Cryptography", "Fetching", "Signing", "Transparency"]),
    ]
    for (name, dependencies) in fuzzers {
        package.targets.append(.executableTarget(name: name, dependencies: dependencies, path: "Fuzz/\(name)"))
        package.products.append(.executable(name: name, targets: [name]))
    }
}

// Every Swift target gets the same settings, so that none can forget them. Warnings become errors in CI
// (`-Xswiftc -warnings-as-errors` would also hit dependencies; the per-target setting does not).
for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .treatAllWarnings(as: .error),
        ]
}
