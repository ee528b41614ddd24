// SPDX-License-Identifier: Apache-2.0

package import Packages

/// Where the answers for two platforms differ in the version of a package. That is legal and happens: a rebuild for one
/// platform alone (Debian's binNMU, `+b1`) changes its version there only, and a port may lag behind for some hours.
package enum PlatformDifferences {
    /// One remark a package, in byte order of the names.
    package static func warnings(_ resolutions: [Platform: Resolution]) -> [String] {
        var found: [String: [(platform: Platform, package: Package)]] = [:]
        for platform in resolutions.keys.sorted() {
            for package in resolutions[platform]?.packages ?? [] { found[package.name, default: []].append((platform, package)) }
        }
        return found.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap { name in
            let entries = found[name] ?? []
            guard let first = entries.first, entries.contains(where: { $0.package.version != first.package.version }) else { return nil }
            let versions = entries.map { "\($0.package.version) on \($0.platform.rawValue)" }.joined(separator: ", ")
            let isRebuild = entries.allSatisfy { $0.package.source == first.package.source }
            let sources = entries.map { "\($0.package.source.name) \($0.package.source.version)" }
            let reason =
                isRebuild
                ? "built from the same source, \(sources[0])" : "built from different sources, \(sources.joined(separator: " and "))"
            return "\(name) is \(versions): \(reason)"
        }
    }
}
