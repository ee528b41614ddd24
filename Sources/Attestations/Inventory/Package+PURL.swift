// SPDX-License-Identifier: Apache-2.0

package import Packages

extension Package {
    /// The package URL that scanners match advisories with, with the source package as `upstream` where it is another.
    package func purl(of distribution: Distribution) -> PackageURL {
        var qualifiers = [
            "arch": architecture, "distro": "\(distribution.id)-\(distribution.versionID)",
        ]
        if source.version != version {
            qualifiers["upstream"] = "\(source.name)@\(source.version)"
        } else if source.name != name {
            qualifiers["upstream"] = source.name
        }
        return PackageURL(
            type: distribution.packageType,
            namespace: [distribution.id],
            name: name,
            version: version,
            qualifiers: qualifiers
        )
    }
}
