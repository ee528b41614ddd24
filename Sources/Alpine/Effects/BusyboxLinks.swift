// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// `busybox --install -s`: a symbolic link for every applet where nothing stands yet.
///
/// The list is the package's own: `/etc/busybox-paths.d` where it ships one, else the table that is compiled into the
/// program.
enum BusyboxLinks {
    static let name = KnownScripts.Effect.busyboxLinks.rawValue
    private static let programs = ["busybox", "busybox-extras"]

    static func apply(to root: inout ImageRoot) throws {
        for program in programs {
            // With a merged /usr the program is there; /bin is a link to it.
            guard
                let path = try ["usr/bin/", "bin/"].map({ try TreePath($0 + program) })
                    .first(where: { root.tree[$0]?.content != nil })
            else { continue }
            for applet in try applets(of: program, at: path, in: root) {
                // What a package ships stays, and so does the first program's link.
                if root.tree[applet] != nil || (try? root.tree.resolve(applet)) != nil { continue }
                try root.link(applet, to: "/\(path)", by: name)
            }
        }
    }

    static func applets(of program: String, at path: TreePath, in root: ImageRoot) throws -> [TreePath] {
        let lines: [String]
        if let list = try root.text(try TreePath("etc/busybox-paths.d/" + program)) {
            lines = list.split(separator: "\n").map(String.init)
        } else if let bytes = try root.bytes(path, limit: 64 << 20), let table = AppletTable(program: bytes) {
            lines = table.paths
        } else {
            throw AlpineError(
                .malformedPackage,
                "/\(path)",
                "neither its package nor the program itself says which applets it has"
            )
        }
        return try lines.map { try TreePath($0) }.filter { !$0.isRoot }
    }
}

/// The applet table in a busybox program: names, each behind the other, and a nibble for each that says where its link
/// belongs (busybox's applet_tables.c). There are no symbols to find it by, so it is told by what it must hold.
struct AppletTable {
    let paths: [String]

    private static let places = ["", "bin/", "sbin/", "usr/bin/", "usr/sbin/"]
    /// Where a few applets have been in every version.
    private static let anchors: [String: UInt8] = [
        "[": 3, "awk": 3, "cat": 1, "chroot": 4, "ifconfig": 2, "ls": 1, "mount": 1, "sh": 1, "wc": 3,
    ]

    /// nil where there is no table, or more than one place could be it.
    init?(program: [UInt8]) {
        guard let names = Self.names(in: program), names.count > 20 else { return nil }
        let count = (names.count + 1) / 2
        let known = names.enumerated().compactMap { index, name in Self.anchors[name].map { (index, $0) } }
        guard known.count >= 4, program.count > count else { return nil }
        func place(_ index: Int, _ start: Int) -> UInt8 {
            let byte = program[start + index / 2]
            return index % 2 == 0 ? byte & 15 : byte >> 4
        }
        var found: [Int] = []
        for start in 0...(program.count - count) {
            guard known.allSatisfy({ place($0.0, start) == $0.1 }),
                program[start..<(start + count)].allSatisfy({ $0 & 15 <= 4 && $0 >> 4 <= 4 })
            else { continue }
            found.append(start)
        }
        guard found.count == 1, let start = found.first else { return nil }
        paths = names.enumerated().map { index, name in Self.places[Int(place(index, start))] + name }
    }

    /// The names, sorted, each ended by a zero byte, and an empty one at the end; the first are always `[` and `[[`.
    private static func names(in program: [UInt8]) -> [String]? {
        let head: [UInt8] = [0x5B, 0, 0x5B, 0x5B, 0]
        var start = 0
        while let bracket = program[start...].firstIndex(of: 0x5B) {
            start = bracket + 1
            guard program[bracket...].starts(with: head) else { continue }
            var names: [String] = []
            var index = bracket
            while index < program.count, program[index] != 0, names.count < 2000 {
                guard let end = program[index...].firstIndex(of: 0), end - index < 64 else { break }
                names.append(String(decoding: program[index..<end], as: UTF8.self))
                index = end + 1
            }
            if names.count > 20 { return names }
        }
        return nil
    }
}
