// SPDX-License-Identifier: Apache-2.0
import Cryptography
import Debian
import FileTree
import Foundation
import Packages
import Testing

@Suite struct CorpusDump {
    static let jobs = (ProcessInfo.processInfo.environment["EFF_JOBS"] ?? "").split(separator: ",").map(String.init)

    @Test(.enabled(if: !jobs.isEmpty), arguments: jobs)
    func dump(job: String) throws {
        let parts = job.split(separator: "/").map(String.init)
        let (suite, set, variant) = (parts[0], parts[1], parts[2])
        let status = try String(contentsOfFile: "/tmp/eff/real/\(suite)/\(set)/var/lib/dpkg/status", encoding: .utf8)
        let names = status.split(separator: "\n").filter { $0.hasPrefix("Package: ") }.map { String($0.dropFirst(9)) }
        let archives = "/tmp/eff/\(suite)/var/cache/apt/archives"
        let files = try FileManager.default.contentsOfDirectory(atPath: archives).filter { $0.hasSuffix(".deb") }
        var chosen: [String] = []
        for name in names {
            let file = files.first { $0.hasPrefix(name + "_") }
            chosen.append(archives + "/" + (try #require(file, "\(name)")))
        }
        let start = Date()
        let installed = try PackageFolder.install(chosen)
        let read = Date()
        let installation = Installation(
            platform: .amd64, distribution: Distribution(id: "debian", versionID: suite == "trixie" ? "13" : "12"),
            packages: installed, contents: InlineContents(), variant: variant == "dev" ? .dev : .runtime,
            epoch: 1_790_000_000)
        do {
            let assembly = try DebianAssembler.assemble(installation)
            print(job, "read", read.timeIntervalSince(start), "assemble", Date().timeIntervalSince(read), assembly.tree.count)
            let base = "/tmp/eff/out/\(suite)-\(set)-\(variant)"
            try FileManager.default.createDirectory(atPath: "/tmp/eff/out", withIntermediateDirectories: true)
            try TreeDump.lines(assembly.tree).joined(separator: "\n").write(toFile: base + ".txt", atomically: false, encoding: .utf8)
            try (assembly.notes + assembly.scripts.map { "\($0.package) \($0.script) \($0.treatment)" }).joined(separator: "\n").write(toFile: base + ".report", atomically: false, encoding: .utf8)
            for node in assembly.tree.unordered {
                if case .effect = node.origin, case .file(let content) = node.kind, case .bytes(let bytes) = content.place {
                    let path = base + "/" + node.path.description
                    try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                    try Data(bytes).write(to: URL(filePath: path))
                }
            }
        } catch let error as AssemblyError {
            print("UNKNOWN \(job): \(error.message)"); Issue.record("failed")
        }
    }
}
