// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Signing

/// Which logs and authorities to use (protobuf-specs, sigstore_trustroot.proto, SigningConfig 0.2), as
/// `cosign signing-config create` writes it.
package struct SigningConfiguration: Hashable, Sendable {
    package var logs: [String] = []
    package var timestampAuthorities: [String] = []

    /// - Parameter now: seconds since the epoch; services that are not in use then are left out.
    package init(parsing bytes: [UInt8], now: Int) throws(TransparencyError) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 32)
        } catch {
            throw TransparencyError(.signingConfiguration, "the signing configuration is not JSON: \(error)")
        }
        guard json["mediaType"]?.text == "application/vnd.dev.sigstore.signingconfig.v0.2+json" else {
            throw TransparencyError(
                .signingConfiguration,
                "the signing configuration has the media type '\(json["mediaType"]?.text ?? "")'",
                hint: "version 0.2 is read: application/vnd.dev.sigstore.signingconfig.v0.2+json"
            )
        }
        logs = try Self.select("rekorTlogUrls", by: "rekorTlogConfig", version: 2, json, now)
        timestampAuthorities = try Self.select("tsaUrls", by: "tsaConfig", version: 1, json, now)
    }

    /// The services of a list that its selector takes: any one, all, or an exact number, of different operators.
    private static func select(
        _ list: String,
        by selector: String,
        version: Int,
        _ json: JSON,
        _ now: Int
    ) throws(TransparencyError) -> [String] {
        let entries = json.present(list)?.elements ?? []
        guard entries.count <= 64 else {
            throw TransparencyError(.signingConfiguration, "'\(list)' has more than 64 services")
        }
        var services: [(url: String, operator: String)] = []
        for entry in entries where entry["majorApiVersion"]?.int == version {
            guard let url = entry["url"]?.text else {
                throw TransparencyError(.signingConfiguration, "a service of '\(list)' has no URL")
            }
            guard try ValidityPeriod(entry.present("validFor"), of: "the service '\(url)'").contains(now) else {
                continue
            }
            let name = entry["operator"]?.text ?? ""
            if !services.contains(where: { $0.operator == name && !name.isEmpty }) { services.append((url, name)) }
        }
        let count: Int
        switch json.present(selector)?["selector"]?.text {
        case nil: count = entries.isEmpty ? 0 : 1
        case "ANY": count = 1
        case "ALL": count = services.count
        case "EXACT": count = json[selector]?["count"]?.int ?? 1
        case let other?:
            throw TransparencyError(.signingConfiguration, "'\(selector)' has the unknown selector '\(other)'")
        }
        guard count >= 0, services.count >= count, entries.isEmpty || count > 0 else {
            throw TransparencyError(
                .signingConfiguration,
                "'\(list)' has \(services.count) services of API version \(version) that are in use, and \(count) are asked for"
            )
        }
        return services.prefix(count).map(\.url)
    }
}
