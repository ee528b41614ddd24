// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency

/// Bundles with a timestamp: by a key, whose log has a time then, and by a certificate.
@Suite(.enabled(if: CertificateLab.exists, Comment(rawValue: CertificateLab.reason)))
struct TimedBundleTests {
    private let lab: CertificateLab
    private let log: LogFixture
    private let key: PrivateKey
    private let content = Array("something\n".utf8)
    private let signature: [UInt8]

    init() throws {
        (lab, log) = (try CertificateLab.shared.get(), try LogFixture())
        key = try PrivateKey(scalar: [UInt8](repeating: 9, count: 32))
        signature = try key.sign(content)
    }

    private func bundle(certificate: [UInt8]? = nil, entries: [JSON] = [], stamps: [[UInt8]]) throws -> Signing.Bundle {
        let signer: (String, JSON) =
            certificate.map { ("certificate", ["rawBytes": .string(Base64.encode($0))]) } ?? ("publicKey", ["hint": ""])
        let times = stamps.map { JSON.object([("signedTimestamp", .string(Base64.encode($0)))]) }
        let json: JSON = [
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": .object([
                signer, ("tlogEntries", .array(entries)),
                ("timestampVerificationData", ["rfc3161Timestamps": .array(times)]),
            ]),
            "messageSignature": ["signature": .string(Base64.encode(signature))],
        ]
        return try Signing.Bundle(parsing: json.compact, name: "bundle")
    }

    private func verify(
        _ bundle: Signing.Bundle,
        by signer: BundleVerifier.Signer,
        root: JSON,
        needsLog: Bool = true
    ) throws {
        var requirements = BundleVerifier.Requirements()
        requirements.needsLog = needsLog
        requirements.needsTimestamp = true
        requirements.needsCertificateLog = false
        _ = try BundleVerifier(root: TrustedRoot(parsing: root.compact), requirements: requirements)
            .verify(bundle, by: signer, about: Artifact(content))
    }

    @Test func logsKeyIsInUseAtTheTimeOfTheTimestamp() throws {
        let entry = try log.entry(LogFixture.hashedRekord2(content, signature: signature, key: key.publicKey))
        let bundle = try bundle(entries: [entry], stamps: [try lab.stamp(signature)])
        let signer = BundleVerifier.Signer.key(key.publicKey)
        try verify(bundle, by: signer, root: lab.trustedRoot(logs: [log.trusted()]))
        let past = log.trusted(until: "2021-01-01T00:00:00Z")
        for logs in [[past], [log.trusted(from: "2999-01-01T00:00:00Z")]] {
            #expect(throws: TransparencyError.self) {
                try verify(bundle, by: signer, root: lab.trustedRoot(logs: logs))
            }
        }
        // The same log by two periods, as a root names one whose URL or operator changed.
        let both = [past, log.trusted(from: "2021-01-02T00:00:00Z")]
        try verify(bundle, by: signer, root: lab.trustedRoot(logs: both))
    }

    @Test func timestampIsByAnAuthorityOfThatTimeAndOverTheSignature() throws {
        let signer = BundleVerifier.Signer.key(key.publicKey)
        let stamp = try lab.stamp(signature)
        func isAccepted(_ stamps: [[UInt8]], _ root: JSON) -> Bool {
            guard let bundle = try? bundle(stamps: stamps) else { return false }
            let done: Void? = try? verify(bundle, by: signer, root: root, needsLog: false)
            return done != nil
        }
        #expect(isAccepted([stamp], try lab.trustedRoot()))
        #expect(!isAccepted([], try lab.trustedRoot()))
        #expect(!isAccepted([stamp, stamp], try lab.trustedRoot()))
        #expect(!isAccepted([try lab.stamp(content)], try lab.trustedRoot()))
        #expect(!isAccepted([stamp], try lab.trustedRoot(since: "2999-01-01T00:00:00Z")))
        #expect(!isAccepted([stamp], try CertificateLab().trustedRoot()))
        // One by somebody unknown beside a good one takes nothing away.
        #expect(isAccepted([try CertificateLab().stamp(signature), stamp], try lab.trustedRoot()))
        // Another authority's period is its own.
        var root = try lab.trustedRoot()
        let own = root["timestampAuthorities"]?.elements?[0] ?? .null
        var ended = own
        ended.change(["validFor", "end"]) { $0 = "2021-01-01T00:00:00Z" }
        var other = try CertificateLab().trustedRoot()["timestampAuthorities"]?.elements?[0] ?? .null
        other.change(["validFor", "start"]) { $0 = "2020-01-01T00:00:00Z" }
        root.change(["timestampAuthorities"]) { $0 = .array([ended, other]) }
        #expect(!isAccepted([stamp], root))
        root.change(["timestampAuthorities"]) { $0 = .array([ended, other, own]) }
        #expect(isAccepted([stamp], root))
    }

    @Test func certificateOfSeveralNamesIsForEachOfThem() throws {
        let names = [
            "URI:https://a.example.org/x", "URI:https://b.example.org/x", "email:c@example.org", "DNS:d.example.org",
        ]
        let leaf = try lab.certificate(for: key, .init { $0.names = names + [names[0]] })
        let bundle = try bundle(certificate: leaf, stamps: [try lab.stamp(signature)])
        func isAccepted(_ name: String) throws -> Bool {
            let identity = CertificateIdentity(name: name, issuer: "https://issuer.example.org")
            let done: Void? = try? verify(
                bundle,
                by: .certificate(identity),
                root: try lab.trustedRoot(),
                needsLog: false
            )
            return done != nil
        }
        for name in names {
            #expect(try isAccepted(String(name.drop { $0 != ":" }.dropFirst())))
        }
        for name in ["", "https://a.example.org/", "https://A.example.org/x", "example.org", "*"] {
            #expect(try !isAccepted(name))
        }
    }

    /// Whether a signature is believed by a certificate of one lab, stamped by another.
    private func isAccepted(
        _ certificates: CertificateLab,
        _ stamps: CertificateLab,
        _ request: CertificateLab.Request = .init(),
        name: String = "https://git.example.org/ci@refs/heads/main"
    ) throws -> Bool {
        let leaf = try certificates.certificate(for: key, request)
        let bundle = try bundle(certificate: leaf, stamps: [try stamps.stamp(signature)])
        var root = try certificates.trustedRoot()
        let authorities = try stamps.trustedRoot()["timestampAuthorities"] ?? .null
        root.change(["timestampAuthorities"]) { $0 = authorities }
        let identity = CertificateIdentity(name: name, issuer: "https://issuer.example.org")
        let done: Void? = try? verify(bundle, by: .certificate(identity), root: root, needsLog: false)
        return done != nil
    }

    /// An authority whose certificate says that it is for something else issues nothing that counts, whatever the leaf says.
    @Test func usageHoldsForTheWholeChain() throws {
        for (usage, isRight) in [
            ("codeSigning", true), ("", true), ("anyExtendedKeyUsage", true), ("serverAuth,codeSigning", true),
            ("serverAuth", false), ("timeStamping", false),
        ] {
            let authority = try CertificateLab(.init { $0.codeSigning = usage })
            #expect(try isAccepted(authority, lab) == isRight, "\(usage)")
        }
        for (usage, isRight) in [
            ("timeStamping", true), ("", true), ("anyExtendedKeyUsage", true), ("codeSigning", false),
        ] {
            let authority = try CertificateLab(.init { $0.timeStamping = usage })
            #expect(try isAccepted(lab, authority) == isRight, "\(usage)")
        }
    }

    /// SHA-1 has 80 bits at most against collisions, and less since 2017 (NIST SP 800-131A forbids it).
    @Test func chainOfAWeakHashIsRefused() throws {
        let weak = try CertificateLab(.init { $0.digest = "sha1" })
        #expect(try !isAccepted(weak, lab))
        #expect(try !isAccepted(lab, weak))
        #expect(try isAccepted(lab, lab))
    }

    /// Fulcio's docs/oid-info.md: names that are no URI and no address are of this type.
    @Test func otherNamesAreOfTheTypeThatIsKnown() throws {
        for (type, isRight) in [("1.3.6.1.4.1.57264.1.7", true), ("1.3.6.1.4.1.57264.1.8", false), ("1.2.3.4", false)] {
            let request = CertificateLab.Request { $0.names = ["otherName:\(type);UTF8:someone"] }
            #expect(try isAccepted(lab, lab, request, name: "someone") == isRight, "\(type)")
        }
    }

    @Test func certificateBorrowsNoAuthority() throws {
        let leaf = try lab.certificate(for: key)
        let bundle = try bundle(certificate: leaf, stamps: [try lab.stamp(signature)])
        let signer = BundleVerifier.Signer.certificate(
            CertificateIdentity(
                name: "https://git.example.org/ci@refs/heads/main",
                issuer: "https://issuer.example.org"
            )
        )
        var root = try lab.trustedRoot()
        try verify(bundle, by: signer, root: root, needsLog: false)
        // The authority has ended; one that has not is another.
        root.change(["certificateAuthorities", "0", "validFor", "end"]) { $0 = "2021-01-01T00:00:00Z" }
        let other = try CertificateLab().trustedRoot()["certificateAuthorities"]?.elements?[0] ?? .null
        root.change(["certificateAuthorities"]) { $0 = .array(($0.elements ?? []) + [other]) }
        #expect(throws: TransparencyError.self) { try verify(bundle, by: signer, root: root, needsLog: false) }
    }
}
