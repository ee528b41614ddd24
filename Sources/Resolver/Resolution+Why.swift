// SPDX-License-Identifier: Apache-2.0

package import Packages

extension Resolution {
    /// Why a package is in the answer: from what the definition names, dependency by dependency, to the package itself.
    ///
    /// - Returns: whole sentences; nil when no package of that name was chosen.
    package func why(_ name: String) -> [String]? {
        guard let found = selected.first(where: { $0.package.name == name }) else { return nil }
        var chain: [String] = []
        var seen: Set<String> = []
        var current: Selected? = found
        while let step = current {
            guard seen.insert(step.package.name).inserted else { break }
            let subject = "\(step.package.name) \(step.package.version)"
            switch step.reason {
            case .requested:
                chain.append("The definition asks for \(step.package.name); \(subject) is chosen.")
                current = nil
            case .dependency(let parent, let clause):
                let version = selected.first { $0.package.name == parent }.map { " \($0.package.version)" } ?? ""
                let choice = clause == step.package.name ? "" : "; \(subject) is chosen"
                chain.append("\(parent)\(version) depends on \(clause)\(choice).")
                current = selected.first { $0.package.name == parent }
            case .rule(let rule):
                chain.append("\(subject) is chosen since \(rule).")
                current = nil
            }
        }
        return chain.reversed()
    }

    /// The chosen packages that name this one as the reason why they are there, in byte order.
    package func dependents(of name: String) -> [String] {
        selected.compactMap { entry in
            if case .dependency(let parent, _) = entry.reason, parent == name { entry.package.name } else { nil }
        }
    }
}
