// SPDX-License-Identifier: Apache-2.0

import Attestations
import CanonicalJSON
import Cryptography
import OCI
import SignerService
import Signing
import Transparency

/// libFuzzer's entry: a byte that says what the rest is, and any bytes as a document that lies beside an image, or that a signer
/// is sent. Reading must end; what was read and is written again must read the same; nothing may be believed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEvidence(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard count > 0 else { return 0 }
    let input = UnsafeBufferPointer(start: start, count: count)
    let bytes = Array(input.dropFirst())
    switch input[0] {
    case UInt8(ascii: "b"): readBundle(bytes)
    case UInt8(ascii: "m"):
        guard let manifest = try? Manifest(parsing: bytes, name: "x") else { break }
        for layer in manifest.layers { read(layer.annotations, over: bytes) }
    case UInt8(ascii: "i"):
        guard let index = try? Index(parsing: bytes, name: "x") else { break }
        precondition(index.images.count <= index.manifests.count)
    case UInt8(ascii: "c"): _ = try? ImageConfiguration(parsing: bytes, name: "x")
    case UInt8(ascii: "s"):
        guard let document = try? SimpleSigning(parsing: bytes, name: "x") else { break }
        precondition((try? SimpleSigning(parsing: document.bytes, name: "x")) == document)
    case UInt8(ascii: "a"):
        guard case .object(let members)? = try? JSON(parsing: bytes, depth: 4) else { break }
        read(Dictionary(members.map { ($0.0, $0.1.text ?? "") }) { $1 }, over: bytes)
    case UInt8(ascii: "e"):
        guard let bundle = try? Bundle(storedEnvelope: bytes, [:], name: "x") else { break }
        judge(bundle, nil)
    case UInt8(ascii: "q"):
        guard let request = try? SignerRequest(parsing: bytes) else { break }
        precondition((try? SignerRequest(parsing: request.bytes)) == request)
    case UInt8(ascii: "r"): _ = try? SignerResponse(parsing: bytes, name: "x")
    case UInt8(ascii: "t"): _ = try? TrustedRoot(parsing: bytes)
    case UInt8(ascii: "g"): _ = try? SigningConfiguration(parsing: bytes, now: 1_700_000_000)
    default: break
    }
    return 0
}

/// A key that has signed nothing, and a root that trusts nobody.
private enum Trust {
    static let key: PublicKey = {
        guard let key = try? PrivateKey(scalar: [UInt8](repeating: 7, count: 32)) else { fatalError("no key") }
        return key.publicKey
    }()
    static let verifier: BundleVerifier = {
        var requirements = BundleVerifier.Requirements()
        requirements.needsLog = false
        return BundleVerifier(root: TrustedRoot(), requirements: requirements)
    }()
}

private func judge(_ bundle: Bundle, _ artifact: Artifact?) {
    let outcome = try? Trust.verifier.verify(bundle, by: .key(Trust.key), about: artifact)
    precondition(outcome == nil, "nobody has signed this")
    let anyone = CertificateIdentity(name: "https://git.example.org/ci", issuer: "https://issuer.example.org")
    precondition((try? Trust.verifier.verify(bundle, by: .certificate(anyone), about: artifact)) == nil)
    if case .envelope(let envelope) = bundle.content { _ = try? Statement(parsing: envelope.payload, name: "x") }
}

private func readBundle(_ bytes: [UInt8]) {
    guard let bundle = try? Bundle(parsing: bytes, name: "x") else { return }
    judge(bundle, Artifact(bytes))
    guard bundle.version == .v03 else { return }
    guard let again = try? Bundle(parsing: bundle.json.compact, name: "x") else {
        preconditionFailure("what was written cannot be read")
    }
    precondition(again.signature == bundle.signature && again.timestamps == bundle.timestamps)
}

private func read(_ annotations: [String: String], over payload: [UInt8]) {
    if let bundle = try? Bundle(signedPayload: annotations, name: "x") { judge(bundle, Artifact(payload)) }
}
