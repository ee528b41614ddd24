// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Registry

package struct PushCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Push an image and its evidence to a registry.",
        discussion: """
            Signatures, attestations and other referrers go along; where the registry has no referrers API they are \
            listed under the fallback tags of the distribution specification. Pushing again changes nothing.

            Credentials are taken from where other registry clients keep them: $REGISTRY_AUTH_FILE, \
            $DOCKER_CONFIG/config.json, ~/.docker/config.json, containers/auth.json, and the helpers named there. \
            Authorities of your own are given with --ca-file, or lie where other clients look for them \
            (certs.d, docs/registries.md).

            Examples:
              basalt push out/debian-base/13:13 registry.example.org/base/debian:13
              basalt push out/debian-base/13:13 localhost:5000/base/debian
              basalt push out/debian-base/13:13 registry.corp.example/base/debian \\
                --ca-file corp-ca.pem
            """
    )

    @Argument(
        help: ArgumentHelp("An OCI layout directory, with a tag if it holds several images.", valueName: "layout[:tag]")
    )
    var layout: String

    @Argument(
        help: ArgumentHelp(
            "Where it goes; without a tag it keeps those that it has.",
            valueName: "host/repository[:tag]"
        )
    )
    var reference: String

    @OptionGroup var options: TransferOptions

    package init() {}

    package func run() async throws {
        // Which is which is known, whatever directories are called here.
        try await options.transfer(
            from: ImageLocation(layout: layout),
            to: ImageLocation(registry: reference),
            verb: "pushed"
        )
    }
}
