// SPDX-License-Identifier: Apache-2.0

/// One thing that keeps a definition from being built here: an input that is missing, or a feature.
package struct Obstacle: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A repository on the registry that the image itself belongs to, which is not open to everyone.
        case privateRepository = "private-repository"
        case artifact = "oci-artifact"
        case remoteFile = "remote-file"
        case buildStage = "build-stage"
        case stageImage = "stage-image"
        case script
        case action = "pipeline-action"
        case network = "network-step"
        case secret
        case missingSource = "missing-source"
        case chart
        case package
        case distribution
        case certification

        /// Whether it stops a build here. A repository does not: with access, or a mirror, it is like any other.
        package var isBlocking: Bool { self != .privateRepository }

        /// What it is, for totals and the reference page.
        package var summary: String {
            switch self {
            case .privateRepository: "a repository of the vendor's own, which needs access or a mirror"
            case .artifact: "a part of another image"
            case .remoteFile: "a file that is downloaded by URL"
            case .buildStage: "a stage that builds from source"
            case .stageImage: "a stage that runs in another image"
            case .script: "a script"
            case .action: "a built-in action"
            case .network: "a step that uses the network"
            case .secret: "a secret"
            case .missingSource: "a file of the repository that is not there"
            case .chart: "a Helm chart"
            case .package: "a package build, which makes no image"
            case .distribution: "a distribution that is not supported"
            case .certification: "a certification (FIPS, STIG) that cannot be given here"
            }
        }
    }

    package var kind: Kind
    /// What it is in this definition: a URL, a name, a path.
    package var subject: String
    package var mark: Mark

    package init(_ kind: Kind, _ subject: String, at mark: Mark) {
        self.kind = kind
        self.subject = subject
        self.mark = mark
    }

    /// One line for people.
    package var description: String {
        switch kind {
        case .privateRepository: "the repository \(subject) needs access or a mirror"
        case .artifact: "needs a part of the image \(subject)"
        case .remoteFile: "needs the file \(subject)"
        case .buildStage: "needs the build stage \(subject)"
        case .stageImage: "needs the image \(subject) to run a stage in"
        case .script: "runs the script \(subject)"
        case .action: "uses the action \(subject)"
        case .network: "uses the network in the step \(subject)"
        case .secret: "needs the secret \(subject)"
        case .missingSource: "needs the file \(subject), which is not in the repository"
        case .chart: "makes a Helm chart (\(subject)), not an image"
        case .package: "makes a package (\(subject)), not an image"
        case .distribution: "is made for the distribution \(subject), which is not supported"
        case .certification: "claims to be \(subject), which cannot be certified here"
        }
    }
}
