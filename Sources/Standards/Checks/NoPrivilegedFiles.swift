// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// No file lends its owner's rights or a capability.
enum NoPrivilegedFiles: StandardCheck {
    static let id = "no-privileged-files"
    static let reason = "setuid, setgid and file capabilities are how an unprivileged process becomes a privileged one"

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        let found = image.nodes.filter { node in
            if node.symlinkTarget != nil { return false }
            // Setgid of a directory only hands down its group.
            let bits: UInt16 = node.isDirectory ? 0o4000 : 0o6000
            return node.mode & bits != 0 || node.xattrs["security.capability"] != nil
        }
        return .judging(found.map(\.path), "no setuid, no setgid, no capability")
    }
}

/// Nothing that everyone may write to, but for directories with the sticky bit, such as /tmp.
enum NoWorldWritable: StandardCheck {
    static let id = "no-world-writable"
    static let reason = "what everyone may write to, one process can plant for another"

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        let found = image.nodes.filter { node in
            if node.symlinkTarget != nil || node.mode & 0o002 == 0 { return false }
            return !(node.isDirectory && node.mode & 0o1000 != 0)
        }
        return .judging(found.map(\.path), "nothing world-writable without the sticky bit")
    }
}

/// No device, FIFO or socket.
enum NoDevices: StandardCheck {
    static let id = "no-devices"
    static let reason = "a runtime makes the devices that a container needs; one in a layer is a door to the host"

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        .judging(image.specials.sorted(), "only files, directories and links")
    }
}
