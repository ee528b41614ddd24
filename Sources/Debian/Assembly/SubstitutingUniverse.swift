// SPDX-License-Identifier: Apache-2.0

internal import Packages

/// Answers as apt does, and for the few names besides that definitions use and Debian lacks (`Substitution.builtIn`).
///
/// A substitute is the Debian package's file under the other name, without its dependencies: `ca-certificates-bundle` needs
/// neither openssl nor debconf. A repository that has a package of that name goes first.
struct SubstitutingUniverse: Universe {
    private let base: DebianUniverse

    init(_ base: DebianUniverse) { self.base = base }

    var indexes: [SignedIndex] { base.indexes }

    func resolve(_ request: Request) throws -> Resolution {
        let substitutes = request.wants.filter { want in
            Substitution.builtIn[want.name] != nil && !base.offers(want.name)
        }
        if substitutes.isEmpty { return try base.resolve(request) }
        var others = request
        others.wants.removeAll { substitutes.contains($0) }
        let resolution = try base.resolve(others)
        var selected = resolution.selected
        var warnings = resolution.warnings
        for want in substitutes {
            guard let name = Substitution.builtIn[want.name] else { continue }
            let answer = try base.resolve(Request(wants: [Request.Want(name, version: want.version)]))
            guard var package = answer.packages.first(where: { $0.name == name }) else { continue }
            package.name = want.name
            selected.append(Resolution.Selected(package: package, reason: .requested))
            warnings.append("\(want.name) is not in the archive: made from \(name) \(package.version)")
        }
        return Resolution(selected: selected, dropped: resolution.dropped, warnings: warnings)
    }
}
