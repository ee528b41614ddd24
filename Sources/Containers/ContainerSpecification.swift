// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import FileTree
internal import Glibc
internal import OCI
internal import Standards

/// The `config.json` of a container (OCI runtime-spec 1.0.2): no capability, no new privileges, no network, no file of the host.
struct ContainerSpecification {
    var arguments: [String]
    var environment: [String]
    var directory: String
    var uid: Int
    var gid: Int
    var hasReadOnlyRoot: Bool
    /// A host's emulator that the container gets at `emulatorPath`.
    var emulator: String?

    /// Whose ids there are in the container.
    enum Users {
        /// Everybody's, as on the machine.
        case all
        /// Those of whoever runs this, as the root of a user namespace: an unprivileged user may map no other, and runc wants
        /// the container to have a root.
        case one
        /// The same, but the namespace is there already.
        case outer
    }
    var users = Users.all

    static let emulatorPath = "/.basalt-emulator"

    /// A process in an image.
    init(_ process: ContainerCommand.Process, in image: TestedImage) throws(ContainerError) {
        let configuration = image.configuration
        let command =
            process.arguments.isEmpty && process.entrypoint == nil ? configuration.command ?? [] : process.arguments
        arguments = (process.entrypoint ?? configuration.entrypoint ?? []) + command
        environment = configuration.environment
        for pair in process.environment {
            let name = pair.prefix { $0 != "=" } + "="
            environment.removeAll { $0.hasPrefix(name) }
            environment.append(pair)
        }
        directory = process.directory ?? configuration.workingDirectory ?? "/"
        (uid, gid) = try Self.account(process.user ?? configuration.user ?? "0", in: image)
        hasReadOnlyRoot = false
        if arguments.isEmpty { throw ContainerError("no-command", "the image has no command") }
    }

    /// Numbers for `user`, `user:group`; the group of a user alone is the one of /etc/passwd (image-spec config.md, `User`).
    private static func account(_ text: String, in image: TestedImage) throws(ContainerError) -> (Int, Int) {
        func rows(_ path: String) -> [[Substring]] {
            let text = (try? image.text(at: path, limit: 1 << 20)) ?? nil
            return (text ?? "").split(separator: "\n").map {
                $0.split(separator: ":", omittingEmptySubsequences: false)
            }
        }
        let parts = text.split(separator: ":", maxSplits: 1)
        let user = parts.first ?? "0"
        let users = rows("etc/passwd").filter { $0.count > 3 }
        let row = users.first { $0[0] == user } ?? users.first { $0[2] == user }
        guard let uid = Int(user) ?? row.flatMap({ Int($0[2]) }) else {
            throw ContainerError("unknown-user", "the image has no user '\(user)'")
        }
        guard parts.count > 1 else { return (uid, row.flatMap { Int($0[3]) } ?? 0) }
        let group = rows("etc/group").first { $0.count > 2 && $0[0] == parts[1] }
        guard let gid = Int(parts[1]) ?? group.flatMap({ Int($0[2]) }) else {
            throw ContainerError("unknown-group", "the image has no group '\(parts[1])'")
        }
        return (uid, gid)
    }

    var json: JSON {
        var mounts: [JSON] = [
            Self.mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            Self.mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Self.mount(
                "/dev/pts",
                "devpts",
                "devpts",
                ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
            ),
            Self.mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        ]
        if let emulator {
            mounts.append(Self.mount(Self.emulatorPath, "bind", emulator, ["bind", "ro", "nosuid", "nodev"]))
        }
        var namespaces = ["pid", "ipc", "uts", "mount", "network"]
        var linux: [(String, JSON?)] = []
        if users == .one {
            namespaces.append("user")
            func mapping(_ outside: Int) -> JSON {
                .array([.object([("containerID", 0), ("hostID", .integer(outside)), ("size", 1)])])
            }
            linux.append(("uidMappings", mapping(Int(geteuid()))))
            linux.append(("gidMappings", mapping(Int(getegid()))))
        }
        linux.append(("namespaces", .array(namespaces.map { .object([("type", .string($0))]) })))
        linux.append(("maskedPaths", .strings(["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi"])))
        linux.append(
            ("readonlyPaths", .strings(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]))
        )
        return .object([
            ("ociVersion", "1.0.2"),
            (
                "process",
                .object([
                    ("terminal", false),
                    (
                        "user",
                        .object([
                            ("uid", .integer(users == .all ? uid : 0)), ("gid", .integer(users == .all ? gid : 0)),
                        ])
                    ),
                    ("args", .strings(arguments)), ("env", .strings(environment)), ("cwd", .string(directory)),
                    (
                        "capabilities",
                        .object(
                            ["bounding", "effective", "inheritable", "permitted", "ambient"].map { ($0, .array([])) }
                        )
                    ), ("noNewPrivileges", true),
                ])
            ), ("root", .object([("path", "rootfs"), ("readonly", .bool(hasReadOnlyRoot))])), ("hostname", "test"),
            ("mounts", .array(mounts)), ("linux", .members(linux)),
        ])
    }

    private static func mount(_ place: String, _ type: String, _ source: String, _ options: [String]) -> JSON {
        .object([
            ("destination", .string(place)), ("type", .string(type)), ("source", .string(source)),
            ("options", .strings(options)),
        ])
    }
}
