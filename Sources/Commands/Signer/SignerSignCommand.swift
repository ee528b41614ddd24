// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import Foundation
internal import SignerService

package struct SignerSignCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Answer one request: read from standard input, answered on standard output.",
        discussion: """
            For 'exec:' signers, by way of whatever gets to the key: another machine, another user.

            Examples:
              basalt build image.yaml --signer 'exec:ssh signer@keys basalt signer sign --key release.key --policy policy.json'
              basalt build image.yaml --signer 'exec:sudo -n -u signer basalt signer sign --key /k --policy /p'
            """
    )

    @OptionGroup var options: ServiceOptions

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            _ = basalt_seal_memory()
            let service = try await options.service()
            var request: [UInt8] = []
            // One byte more than is allowed shows that there is more.
            while request.count <= SignerRequest.limit,
                let data = try FileHandle.standardInput.read(upToCount: 1 << 20), !data.isEmpty
            {
                request += data
            }
            let response = await service.answer(request, peer: nil)
            Terminal.out(String(decoding: response.bytes, as: UTF8.self))
        }
    }
}
