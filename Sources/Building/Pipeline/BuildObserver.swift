// SPDX-License-Identifier: Apache-2.0

package import Fetching

/// What a build tells while it runs, for progress bars and logs. Events come from any thread.
package enum BuildEvent: Sendable {
    /// The stages, in their order.
    package enum Stage: String, Sendable, CaseIterable {
        case plan, resolve, fetch, unpack, assemble, layers, image, check, evidence, write

        /// What a person reads.
        package var title: String {
            switch self {
            case .plan: "Reading the definition"
            case .resolve: "Resolving packages"
            case .fetch: "Fetching packages"
            case .unpack: "Unpacking packages"
            case .assemble: "Assembling the file tree"
            case .layers: "Writing layers"
            case .image: "Writing the image"
            case .check: "Checking the standards"
            case .evidence: "Writing evidence"
            case .write: "Finishing"
            }
        }
    }

    /// A stage began, for one platform or (nil) for all.
    case began(Stage, definition: String, platform: String?)
    /// `done` of `total` parts of a stage are finished.
    case advanced(Stage, definition: String, platform: String?, done: Int, total: Int)
    case fetch(FetchProgress)
    /// Something that the user should know, and that does not stop the build.
    case warning(String)
}

package typealias BuildObserver = @Sendable (BuildEvent) -> Void
