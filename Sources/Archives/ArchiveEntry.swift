// SPDX-License-Identifier: Apache-2.0

/// The header of one archive member, with names as the raw bytes that stand in the archive.
package struct ArchiveEntry: Sendable {
    package enum Kind: Sendable, Equatable {
        case file
        case directory
        case symlink([UInt8])
        case hardLink([UInt8])
        case characterDevice, blockDevice, fifo, socket
    }

    package var path: [UInt8]
    package var kind: Kind
    /// The lower twelve bits of the mode.
    package var mode: UInt16
    package var uid: Int
    package var gid: Int
    /// User and group names as the archive has them; empty where it has none.
    package var userName: String
    package var groupName: String
    /// Seconds since the epoch; fractions are dropped.
    package var mtime: Int
    /// Size in bytes of the data that follows.
    package var size: Int
    package var xattrs: [String: [UInt8]]

    package init(
        path: [UInt8],
        kind: Kind,
        mode: UInt16,
        uid: Int,
        gid: Int,
        userName: String = "",
        groupName: String = "",
        mtime: Int,
        size: Int,
        xattrs: [String: [UInt8]] = [:]
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.userName = userName
        self.groupName = groupName
        self.mtime = mtime
        self.size = size
        self.xattrs = xattrs
    }
}
