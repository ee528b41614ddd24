// SPDX-License-Identifier: Apache-2.0

package import Packages

extension Package {
    /// The package URL that scanners match advisories with (purl types `deb` and `apk`).
    package func purl(of distribution: Distribution) -> PackageURL {
        let isAlpine = checksum != nil || distribution.id == "alpine"
        var qualifiers = [
            "arch": architecture, "distro": "\(distribution.id)-\(distribution.versionID)",
        ]
        if isAlpine {
            if source.name != name { qualifiers["upstream"] = source.name }
        } else if source.name != name || source.version != version {
            qualifiers["upstream"] = source.version == version ? source.name : "\(source.name)@\(source.version)"
        }
        return PackageURL(
            type: isAlpine ? "apk" : "deb",
            namespace: [distribution.id],
            name: name,
            version: version,
            qualifiers: qualifiers
        )
    }
}
