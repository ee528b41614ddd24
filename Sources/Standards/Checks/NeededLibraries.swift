// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Executables
internal import FileTree
internal import OCI

/// Every library that a program or library of the image needs is in the image, where its loader looks.
///
/// The search is that of ld.so(8): DT_RPATH where there is no DT_RUNPATH, DT_RUNPATH, the cache, the default directories;
/// musl's has `/etc/ld-musl-ARCH.path` for the last two. Which libraries a program opens by name while it runs is not known.
enum NeededLibraries: StandardCheck {
    static let id = "needed-libraries"
    static let reason = "a program with a missing library does not start, which an image without a shell shows late"

    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome {
        let search = try LibrarySearch(image)
        var problems: [String] = []
        var count = 0
        for (node, file) in try image.elfFiles where file.isDynamic {
            count += 1
            if let interpreter = file.interpreter, image.file(at: interpreter) == nil {
                problems.append("/\(node.path) needs its loader \(interpreter)")
            }
            for name in file.needed where !search.finds(name, for: file, at: node.path) {
                problems.append("/\(node.path) needs \(name)")
            }
        }
        if count == 0 { return .skipped("the image has no dynamically linked file") }
        return .judging(problems, "\(count) files, and every library that they need")
    }
}

/// The binaries are for the processor that the configuration names.
enum PlatformMatches: StandardCheck {
    static let id = "platform"
    static let reason = "a program for another processor does not start"

    /// `e_machine` by OCI architecture.
    private static let machines: [String: UInt16] = [
        "386": 3, "amd64": 62, "arm": 40, "arm64": 183, "loong64": 258, "ppc64le": 21, "riscv64": 243, "s390x": 22,
    ]
    /// EM_BPF: programs for the kernel's own virtual machine, the same everywhere.
    private static let bpf: UInt16 = 247

    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome {
        let architecture = image.configuration.platform.architecture
        guard let machine = machines[architecture] else { return .skipped("'\(architecture)' is not known here") }
        let files = try image.elfFiles
        if files.isEmpty { return .skipped("the image has no binary") }
        let other = files.filter { $0.file.machine != machine && $0.file.machine != bpf }
        return .judging(other.map(\.node.path), "\(files.count) binaries for \(architecture)")
    }
}

extension TestedImage {
    /// The ELF files; one with several names is there under each, since its `$ORIGIN` differs.
    var elfFiles: [(node: Node, file: ELFFile)] {
        get throws {
            var found: [(node: Node, file: ELFFile)] = []
            for node in nodes {
                guard let content = content(of: node) else { continue }
                if let file = try facts.facts(of: content).executable { found.append((node, file)) }
            }
            return found
        }
    }
}
