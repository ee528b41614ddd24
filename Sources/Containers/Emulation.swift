// SPDX-License-Identifier: Apache-2.0

internal import Fetching
internal import Foundation

/// How programs of a platform can be run on this machine.
enum Emulation: Hashable {
    case native
    /// The kernel hands foreign programs to an emulator that it holds open (binfmt_misc, flag F), so containers see none of it.
    case kernel(String)
    /// The same, but known to the kernel only in the namespace of the runtime.
    case namespace(String)
    /// An emulator for one program: what that program starts is not emulated.
    case program(String)
    case impossible(String)

    private static let machines = ["amd64": "x86_64", "arm64": "aarch64"]

    static func find(_ architecture: String) -> Emulation {
        guard let machine = machines[architecture] else { return .impossible("nothing here runs '\(architecture)'") }
        var name = utsname()
        uname(&name)
        let own = withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if own == machine { return .native }
        let registration = "/proc/sys/fs/binfmt_misc/qemu-\(machine)"
        if let text = try? Files.read(registration, limit: 4096) {
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            let flags = lines.first { $0.hasPrefix("flags:") }?.dropFirst(6) ?? ""
            if lines.contains("enabled") && flags.contains("F") { return .kernel("qemu-\(machine)") }
        }
        if let path = Programs.find("qemu-\(machine)-static") { return .program(path) }
        return .impossible(
            "this machine is \(own), and has neither binfmt_misc nor qemu-\(machine)-static for \(machine)"
        )
    }
}

/// Programs of this machine.
enum Programs {
    /// The path of a program in `PATH` or where administrators' programs lie.
    static func find(_ name: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
