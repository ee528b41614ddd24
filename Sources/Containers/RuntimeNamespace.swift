// SPDX-License-Identifier: Apache-2.0

internal import Subprocess

/// Namespaces around a runtime, for what it needs from the machine and does not find: a mount is made, or an emulator named
/// to the kernel, where nobody else sees it, and gone with the process.
struct RuntimeNamespace: Hashable, Sendable {
    /// crun takes no machine where both versions of cgroups are mounted, which some still are, and asks helper programs for
    /// ids that an unprivileged user may not have. A test's container has no cgroup, so that an empty tree is as good.
    var hasOwnControlGroups = false
    /// An emulator for a platform's programs, by binfmt_misc's entry for it; user namespaces have entries of their own
    /// since Linux 6.7.
    var emulator: Registration?

    struct Registration: Hashable, Sendable {
        var program: String
        /// What is written to `register` (the kernel's Documentation/admin-guide/binfmt-misc.rst).
        var entry: String

        /// `F`: the kernel opens the program now, so that it is there inside of every root; `P`: the program's own name is kept.
        init?(program: String, architecture: String) {
            guard let machine = ["amd64": "3e", "arm64": "b7"][architecture], !program.contains(":") else { return nil }
            let magic = #"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x"# + machine + #"\x00"#
            // EI_OSABI is left open, and ET_EXEC is as good as ET_DYN.
            let mask =
                #"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"#
            self.program = program
            entry = ":basalt-\(architecture):M::\(magic):\(mask):\(program):FP"
        }
    }

    var isNeeded: Bool { hasOwnControlGroups || emulator != nil }
    /// Only in a namespace of its own can an entry of binfmt_misc be made that does not count for the whole machine.
    private var hasUsers: Bool { Privilege.current != .everyUser || emulator != nil }

    /// The words that start a program in the namespaces.
    func command(_ words: [String]) -> [String] {
        guard isNeeded else { return words }
        var unshare = ["unshare", "--mount", "--propagation", "private", "--cgroup"]
        if hasUsers { unshare.append("--user") }
        if hasUsers && Privilege.current != .everyUser { unshare.append("--map-root-user") }
        let inner =
            unshare + ["sh", "-ec", Self.prepare, "sh", hasOwnControlGroups ? "yes" : "", emulator?.entry ?? ""]
        guard hasUsers && Privilege.current == .everyUser else { return inner + words }
        return ["sh", "-ec", Self.mapEveryUser, "sh"] + inner + words
    }

    /// `sh WITH-CGROUPS ENTRY COMMAND…`, inside.
    private static let prepare = """
        tries=0
        until read -r line </proc/self/gid_map; do
            tries=$((tries + 1))
            [ $tries -lt 500 ] || { echo 'no user is mapped' >&2; exit 1; }
            sleep 0.01
        done
        cgroups=$1 entry=$2
        shift 2
        if [ -n "$cgroups" ]; then mount -t cgroup2 none /sys/fs/cgroup; fi
        if [ -n "$entry" ]; then
            mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
            printf %s "$entry" >/proc/sys/fs/binfmt_misc/register
        fi
        exec "$@"
        """

    /// `sh COMMAND…`, as root: becomes the command, whose user namespace gets every user and group as itself, but for the last
    /// number, since runc takes a namespace with all of them for the machine's own. The kernel lets only the outside do that.
    private static let mapEveryUser = """
        target=$$
        map() {
            while read -r inside outside count; do
                [ "$count" != 4294967295 ] || count=4294967294
                echo "$inside $inside $count"
            done <"/proc/self/$1"
        }
        (
            until [ "$(readlink "/proc/$target/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do
                kill -0 "$target" 2>/dev/null || exit 0
                sleep 0.01
            done
            map uid_map >"/proc/$target/uid_map"
            map gid_map >"/proc/$target/gid_map"
        ) &
        exec "$@"
        """

    /// Why the namespaces cannot be made here; nil when they can.
    func problem() async -> String? {
        guard isNeeded else { return nil }
        do {
            let words = command(["true"])
            let result = try await Subprocess.run(
                .name(words[0]),
                arguments: .init(Array(words.dropFirst())),
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            if case .exited(0) = result.terminationStatus { return nil }
            let said = result.standardError.split(separator: "\n").first.map(String.init) ?? ""
            return said.isEmpty ? "unshare ended with \(result.terminationStatus)" : said
        } catch {
            return "\(error)"
        }
    }
}
