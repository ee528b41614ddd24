// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import Definitions
internal import Packages

extension VEXImage {
    /// A definition's image with the packages that its lock names.
    package init(_ planned: PlannedDefinition, lock: Lock, branding: Branding) throws {
        guard let plan = planned.plans.first?.plan else {
            throw BuildError("no-platform", "\(planned.path) is for no platform")
        }
        let distribution = try planned.distribution(of: plan)
        let ecosystem = try Ecosystems.serving(distribution)
        self.init(
            repository: plan.image.map { branding.image($0) } ?? "image",
            tags: plan.tags,
            distribution: distribution,
            platforms: lock.platforms.map { ($0.platform, $0.resolution.packages) },
            compare: { ecosystem.compare($0, $1) }
        )
    }
}
