// SPDX-License-Identifier: Apache-2.0

/// The built-in actions that a step may use. Their names complete in editors; any other string is legal, too (an image).
package enum Action {
    package static let builtIn: [StringRule.Suggestion] = [
        action("go/hermetic@v1", "Go modules", "Fetches Go modules ahead of a build without network."),
        action("go/bump@v1", "Go dependencies", "Raises the versions of Go modules."),
        action("go/bump@v2", "Go dependencies", "Raises the versions of Go modules."),
        action("go/build@v1", "Go build", "Compiles a Go program."),
        action("git/checkout@v1", "Git checkout", "Checks out a commit and compares its hash."),
        action("git/patch@v1", "Git patch", "Applies patches to a Git working tree."),
        action("cosign/verify-blob@v1", "Cosign verification", "Verifies a file's signature with cosign."),
        action("deb/build@v1", "Debian package", "Makes a Debian package of files."),
        action("deb/install@v1", "Debian installation", "Installs Debian packages from files."),
        action("gpg/verify@v1", "OpenPGP verification", "Verifies a file's OpenPGP signature."),
        action("mvn/patch@v1", "Maven patch", "Changes dependencies and properties of a Maven project."),
        action("mvn/mirror@v1", "Maven mirror", "Makes Maven use a mirror."),
        action("gradle/mirror@v1", "Gradle mirror", "Makes Gradle use a mirror."),
        action("strip@v1", "Strip", "Removes debugging symbols from binaries."),
        action("npm/patch@v1", "npm patch", "Changes dependencies of an npm project."),
        action("npm/bump@v1", "npm dependencies", "Raises the versions of an npm project's dependencies."),
        action("yarn/patch@v1", "Yarn patch", "Changes dependencies of a Yarn project."),
        action("yarn/bump@v1", "Yarn dependencies", "Raises the versions of a Yarn project's dependencies."),
        action("yarn/bump@v2", "Yarn dependencies", "Raises the versions of a Yarn project's dependencies."),
        action("patch@v1", "Patch", "Applies patches to files."),
        action("sbom@v1", "SBOM", "Makes a bill of materials of a directory."),
        action("spdx@v1", "SPDX", "Writes an SPDX document for a component."),
        action("yq/patch@v1", "yq patch", "Changes a YAML file with yq."),
        action("helm/package@v1", "Helm package", "Packs a Helm chart."),
        action("helm/rudder@v1", "Helm rewriting", "Rewrites a Helm chart for packaging."),
        action("helm/cmd@v1", "Helm command", "Runs a Helm command."),
        action("helm/login@v1", "Helm login", "Logs in to a registry of charts."),
        action("helm/logout@v1", "Helm logout", "Logs out of a registry of charts."),
        action("helm/annotations@v1", "Helm annotations", "Adds annotations to a Helm chart."),
        action("abuild/setup@v1", "abuild setup", "Prepares building Alpine packages."),
        action("abuild/build@v1", "abuild", "Builds an Alpine package."),
        action("abuild/upload@v1", "abuild upload", "Uploads an Alpine package."),
        action("abuild/apk@v1", "New Alpine package", "Writes and builds an Alpine package."),
        action("abuild/disable@v1", "abuild functions", "Switches a function of an Alpine package off."),
        action("abuild/bump@v1", "Alpine version", "Changes version and fields of an Alpine package."),
        action("abuild/source@v1", "Alpine source", "Adds a source to an Alpine package."),
        action("dpkg/patch@v1", "Debian patches", "Adds patches to a Debian source package."),
        action("dpkg/build@v1", "dpkg build", "Builds a Debian source package."),
        action("dpkg/bump@v1", "Debian version", "Adds a version to a Debian source package's changelog."),
        action("dpkg/upload@v1", "dpkg upload", "Uploads a Debian package."),
        action("dpkg/extract@v1", "dpkg extraction", "Unpacks a Debian package."),
        action("dpkg/source@v1", "Debian source", "Unpacks a Debian source package."),
    ]

    private static func action(_ value: String, _ title: String, _ description: String) -> StringRule.Suggestion {
        .init(value: value, title: title, description: description)
    }
}
