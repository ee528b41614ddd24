// SPDX-License-Identifier: Apache-2.0

import Debian
import Diagnostics
import Packages
import Resolver
import TestSupport
import Testing

/// Small archives in which one rule decides; what is expected follows from Debian Policy chapter 7, apt_preferences(5) and
/// the Multi-Arch specification.
@Suite(
    "The solver",
    .enabled(if: FakeSigningKey.isAvailable, "gpg or gpgv is not installed (Debian packages gnupg and gpgv)")
)
struct SolverTests {
    private typealias Fake = FakeDebianPackage

    private static func universe(
        _ packages: [FakeDebianPackage],
        _ further: [FakeDebianRepository] = [],
        platform: Platform = .amd64
    ) async throws -> DebianUniverse {
        let directory = try TemporaryDirectory()
        let key = try FakeSigningKey.shared()
        var repositories = [Repository(id: "debian", url: nil, suite: "trixie", components: ["main"])]
        try FakeDebianRepository(suite: "trixie", packages: packages).write(to: directory.path, signedBy: [key])
        for suite in further {
            try suite.write(to: directory.path, signedBy: [key])
            repositories.append(Repository(id: "debian", url: nil, suite: suite.codename, components: ["main"]))
        }
        let access = try DirectoryAccess(
            bases: ["debian": directory.path],
            keys: ["debian": key.publicKey],
            now: FakeDebianPackage.time
        )
        return try await DebianIndexes.universe(of: repositories, for: platform, access: access)
    }

    private static func answer(_ packages: [FakeDebianPackage], _ entries: [String], isStrict: Bool = true) async throws
        -> [String]
    {
        try await universe(packages).resolve(Request(entries: entries, isStrict: isStrict)).packages.map {
            "\($0.name)=\($0.version)"
        }
    }

    private static func failure(_ packages: [FakeDebianPackage], _ entries: [String], isStrict: Bool = true)
        async throws -> Unsatisfiable
    {
        let universe = try await universe(packages)
        let error = #expect(throws: (any Error).self) {
            try universe.resolve(Request(entries: entries, isStrict: isStrict))
        }
        return try #require(error as? Unsatisfiable)
    }

    // MARK: Alternatives and providers

    @Test func takesTheFirstAlternative() async throws {
        let packages = [Fake("app", "1", depends: "one | two"), Fake("one", "1"), Fake("two", "1")]
        #expect(try await Self.answer(packages, ["app"]) == ["app=1", "one=1"])
    }

    @Test func takesAnAlternativeThatIsThereAlready() async throws {
        let packages = [Fake("app", "1", depends: "one | two"), Fake("one", "1"), Fake("two", "1")]
        #expect(try await Self.answer(packages, ["app", "two"]) == ["app=1", "two=1"])
    }

    @Test func prefersTheRealPackageToItsProviders() async throws {
        let packages = [
            Fake("app", "1", depends: "mailer"), Fake("mailer", "1"),
            Fake("a-mailer", "1", fields: [("Provides", "mailer")]),
        ]
        #expect(try await Self.answer(packages, ["app"]) == ["app=1", "mailer=1"])
    }

    @Test func prefersEssentialThenPriorityThenTheName() async throws {
        func provider(_ name: String, _ fields: [(name: String, value: String)] = []) -> Fake {
            Fake(name, "1", fields: [("Provides", "thing")] + fields)
        }
        let app = Fake("app", "1", depends: "thing")
        #expect(try await Self.answer([app, provider("b"), provider("a")], ["app"]) == ["a=1", "app=1"])
        #expect(
            try await Self.answer([app, provider("a"), provider("b", [("Priority", "required")])], ["app"]) == [
                "app=1", "b=1",
            ]
        )
        #expect(
            try await Self.answer(
                [app, provider("a", [("Priority", "required")]), provider("b", [("Essential", "yes")])],
                ["app"]
            )
                == ["app=1", "b=1"]
        )
    }

    @Test func versionedProvidesSatisfyVersionedDependencies() async throws {
        let app = Fake("app", "1", depends: "thing (>= 2)")
        let bare = Fake("bare", "9", fields: [("Provides", "thing")])
        let old = Fake("old", "9", fields: [("Provides", "thing (= 1)")])
        let new = Fake("new", "0", fields: [("Provides", "thing (= 2)")])
        #expect(try await Self.answer([app, bare, old, new], ["app"]) == ["app=1", "new=0"])
        #expect(try await Self.failure([app, bare, old], ["app"]).message.contains("thing (>= 2)"))
    }

    @Test func takesTheOneProviderOfARequestedName() async throws {
        let packages = [
            Fake("one", "1", fields: [("Provides", "thing")]), Fake("two", "1", fields: [("Provides", "stuff")]),
            Fake("three", "1", fields: [("Provides", "stuff")]),
        ]
        #expect(try await Self.answer(packages, ["thing"]) == ["one=1"])
        let failure = try await Self.failure(packages, ["stuff"])
        #expect(failure.message.contains("three, two"))
    }

    @Test(
        "compares as relations say",
        arguments: [
            ("<< 2", false), ("<= 2", true), ("= 2", true), (">= 2", true), (">> 2", false), ("< 2", true),
            ("> 2", true),
            (">= 1:0", false), ("= 2.0~", false),
        ]
    )
    func relation(_ relation: String, _ isSatisfied: Bool) async throws {
        let packages = [Fake("app", "1", depends: "lib (\(relation))"), Fake("lib", "2")]
        if isSatisfied {
            #expect(try await Self.answer(packages, ["app"]) == ["app=1", "lib=2"])
        } else {
            _ = try await Self.failure(packages, ["app"])
        }
    }

    // MARK: Conflicts

    @Test("goes back on a choice that leads to a conflict")
    func backtracking() async throws {
        let packages = [
            Fake("app", "1", depends: "one | two"), Fake("one", "1", depends: "deep"), Fake("two", "1"),
            Fake("deep", "1", depends: "deeper"), Fake("deeper", "1", fields: [("Conflicts", "other")]),
            Fake("other", "1"),
        ]
        #expect(try await Self.answer(packages, ["app", "other"]) == ["app=1", "other=1", "two=1"])
        // Whichever is asked for first.
        #expect(try await Self.answer(packages.reversed(), ["other", "app"]) == ["app=1", "other=1", "two=1"])
    }

    @Test("finds an answer that needs two choices changed")
    func deepBacktracking() async throws {
        let packages = [
            Fake("app", "1", depends: "a1 | a2, b1 | b2, c1 | c2"), Fake("a1", "1", fields: [("Breaks", "b2, c2")]),
            Fake("a2", "1"), Fake("b1", "1", fields: [("Conflicts", "a1, c1")]), Fake("b2", "1"),
            Fake("c1", "1", fields: [("Conflicts", "b2")]), Fake("c2", "1"),
        ]
        let answer = Set(try await Self.answer(packages, ["app"]))
        // By hand: a1 leaves b1 only, which excludes a1; so a2; b1 excludes c1, so c2; b2 would exclude c1, so c2 again.
        #expect(answer == ["app=1", "a2=1", "b1=1", "c2=1"])
    }

    @Test func honoursConflictsBothWaysAndThroughProvides() async throws {
        let packages = [
            Fake("one", "1", fields: [("Provides", "thing"), ("Conflicts", "thing")]),
            Fake("two", "1", fields: [("Provides", "thing")]), Fake("three", "1", fields: [("Breaks", "two (<< 2)")]),
        ]
        let failure = try await Self.failure(packages, ["one", "two"])
        #expect(failure.message.contains("one 1 conflicts with thing, which two 1 provides"))
        #expect(failure.hint?.contains("one") == true && failure.hint?.contains("two") == true)
        #expect(try await Self.failure(packages, ["three", "two"]).message.contains("three 1 breaks two (<< 2)"))
        // A package does not conflict with itself.
        #expect(try await Self.answer(packages, ["one"]) == ["one=1"])
    }

    // MARK: Versions

    @Test func takesTheNewestVersionOfAllSuites() async throws {
        let security = FakeDebianRepository(suite: "trixie-security", packages: [Fake("lib", "1.0-1+deb13u1")])
        let universe = try await Self.universe([Fake("lib", "1.0-1"), Fake("app", "1", depends: "lib")], [security])
        #expect(try universe.resolve(Request(entries: ["app"])).packages.map(\.version) == ["1", "1.0-1+deb13u1"])
        // A pin takes the older one; what needs the newer one fails then.
        #expect(try universe.resolve(Request(entries: ["lib=1.0-1"])).packages.map(\.version) == ["1.0-1"])
    }

    @Test func leavesSuitesAloneThatAreNotAutomatic() async throws {
        var experimental = FakeDebianRepository(suite: "experimental", packages: [Fake("lib", "9"), Fake("only", "9")])
        experimental.extraFields = ["NotAutomatic: yes"]
        let universe = try await Self.universe([Fake("lib", "1")], [experimental])
        #expect(try universe.resolve(Request(entries: ["lib", "only"])).packages.map(\.version) == ["1", "9"])
        #expect(try universe.resolve(Request(entries: ["lib=9"])).packages.map(\.version) == ["9"])
    }

    @Test func namesTheVersionsThatThereAre() async throws {
        let failure = try await Self.failure([Fake("lib", "1.0-1")], ["lib=2.0-1"])
        #expect(failure.message.contains("lib=2.0-1") && failure.message.contains("1.0-1"))
        #expect(try await Self.failure([Fake("lib", "1")], ["lib=1", "lib=2"]).code == "unsatisfiable")
    }

    @Test func dependenciesOnAnOlderVersionFail() async throws {
        let security = FakeDebianRepository(suite: "trixie-security", packages: [Fake("lib", "2")])
        let universe = try await Self.universe([Fake("lib", "1"), Fake("app", "1", depends: "lib (= 1)")], [security])
        #expect(throws: Unsatisfiable.self) { try universe.resolve(Request(entries: ["app"], isStrict: true)) }
        #expect(try universe.resolve(Request(entries: ["app", "lib=1"])).packages.map(\.version) == ["1", "1"])
    }

    // MARK: Multi-Arch

    @Test(
        "lets `name:any` mean packages that are Multi-Arch: allowed",
        arguments: [("allowed", true), ("foreign", false), ("same", false)]
    )
    func multiArch(_ kind: String, _ isSatisfied: Bool) async throws {
        let packages = [Fake("app", "1", depends: "python:any"), Fake("python", "3", fields: [("Multi-Arch", kind)])]
        if isSatisfied {
            #expect(try await Self.answer(packages, ["app"]) == ["app=1", "python=3"])
        } else {
            _ = try await Self.failure(packages, ["app"])
        }
    }

    @Test func understandsArchitectureQualifiers() async throws {
        let packages = [Fake("app", "1", depends: "lib:amd64, tool:native"), Fake("lib", "1"), Fake("tool", "1")]
        #expect(try await Self.answer(packages, ["app"]) == ["app=1", "lib=1", "tool=1"])
        #expect(try await Self.answer(packages, ["lib:amd64"]) == ["lib=1"])
        let universe = try await Self.universe(packages, platform: .arm64)
        #expect(throws: Unsatisfiable.self) { try universe.resolve(Request(entries: ["app"])) }
    }

    @Test func takesPackagesOfArchitectureAll() async throws {
        let packages = [Fake("app", "1", architecture: "all", depends: "lib"), Fake("lib", "1")]
        let universe = try await Self.universe(packages, platform: .arm64)
        #expect(try universe.resolve(Request(entries: ["app"])).packages.map(\.architecture) == ["all", "arm64"])
    }

    // MARK: Vetoes

    @Test func dropsADependencyWhoseEveryCandidateIsVetoed() async throws {
        let packages = [
            Fake("app", "1", depends: "lib, one | two"), Fake("lib", "1", depends: "one"), Fake("one", "1"),
            Fake("two", "1"),
        ]
        let universe = try await Self.universe(packages)
        let resolution = try universe.resolve(Request(entries: ["app", "!one"]))
        #expect(resolution.packages.map(\.name) == ["app", "lib", "two"])
        #expect(resolution.dropped == [Resolution.Dropped(package: "lib", clause: "one")])
        let both = try universe.resolve(Request(entries: ["app", "!one", "!two"]))
        #expect(
            Set(both.dropped) == [.init(package: "app", clause: "one | two"), .init(package: "lib", clause: "one")]
        )
        #expect(throws: Unsatisfiable.self) { try universe.resolve(Request(entries: ["app", "!one"], isStrict: true)) }
    }

    @Test func anIncludeWinsOverAVeto() async throws {
        let universe = try await Self.universe([Fake("app", "1", depends: "one"), Fake("one", "1")])
        let resolution = try universe.resolve(Request(entries: ["app", "one", "!one"], isStrict: true))
        #expect(resolution.packages.map(\.name) == ["app", "one"])
        #expect(resolution.warnings.isEmpty)
    }

    @Test func aVetoThatMatchesNothingIsAWarning() async throws {
        let universe = try await Self.universe([Fake("app", "1")])
        let resolution = try universe.resolve(Request(entries: ["app", "!glibc"]))
        #expect(resolution.warnings.count == 1 && resolution.warnings[0].contains("!glibc"))
    }

    @Test func aDependencyThatNothingOffersFailsInEitherMode() async throws {
        for isStrict in [true, false] {
            let failure = try await Self.failure(
                [Fake("app", "1", depends: "absent (>= 2)")],
                ["app", "!other"],
                isStrict: isStrict
            )
            #expect(failure.message.contains("app 1 depends on absent (>= 2)"))
        }
    }

    // MARK: Explanations

    @Test func explainsAFailureStepByStep() async throws {
        let packages = [
            Fake("app", "1", depends: "middle"), Fake("middle", "2", fields: [("Pre-Depends", "low (>= 1)")]),
            Fake("low", "3"),
        ]
        let failure = try await Self.failure(packages, ["app", "!low"])
        let order = ["definition asks for app", "app 1 depends on middle", "middle 2 pre-depends on low (>= 1)"]
        let places = order.map { step in failure.reasons.firstIndex { $0.contains(step) } }
        #expect(
            !places.contains(nil) && places.compactMap { $0 } == places.compactMap { $0 }.sorted(),
            "\(failure.message)"
        )
        #expect(failure.reasons.contains { $0.contains("low is vetoed") })
        #expect(failure.hint?.contains("!low") == true)
    }

    @Test func saysWhoAskedForAPackage() async throws {
        let packages = [
            Fake("app", "1", depends: "middle"), Fake("middle", "2", depends: "low (>= 1) | else"), Fake("low", "3"),
            Fake("else", "1"),
        ]
        let resolution = try await Self.universe(packages).resolve(Request(entries: ["app"]))
        #expect(
            resolution.why("low") == [
                "The definition asks for app; app 1 is chosen.", "app 1 depends on middle.",
                "middle 2 depends on low (>= 1) | else; low 3 is chosen.",
            ]
        )
        #expect(resolution.why("else") == nil)
        #expect(resolution.dependents(of: "app") == ["middle"])
    }

    @Test func suggestsNamesForAMisspeltOne() async throws {
        let failure = try await Self.failure([Fake("openssl", "1"), Fake("bash", "1")], ["opensll"])
        #expect(failure.hint?.contains("openssl") == true)
        #expect(failure.message.contains("opensll"))
    }

    @Test func recordsWhatTheLockNeeds() async throws {
        let packages = [
            Fake(
                "lib",
                "2:1.0-1+b2",
                fields: [
                    ("Source", "library (2:1.0-1)"), ("Homepage", "https://example.org"), ("Installed-Size", "12"),
                ]
            )
        ]
        let package = try #require(try await Self.universe(packages).resolve(Request(entries: ["lib"])).packages.first)
        #expect(package.source == .init(name: "library", version: "2:1.0-1"))
        #expect(package.installedSize == 12 * 1024)
        #expect(package.path == "pool/main/l/lib/lib_1.0-1+b2_amd64.deb")
        #expect(package.repository == "debian")
        #expect(package.about.homepage == "https://example.org")
        #expect(package.about.summary == "made by a test")
    }

    @Test func refusesAPathThatLeadsOutOfThePool() async throws {
        let universe = try await Self.universe([Fake("bad", "1", fields: [("Filename", "../../etc/passwd")])])
        let error = #expect(throws: DebianError.self) { try universe.resolve(Request(entries: ["bad"])) }
        #expect(error?.code == "unsafe-path")
    }
}
