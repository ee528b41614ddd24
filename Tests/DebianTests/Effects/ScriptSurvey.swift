// SPDX-License-Identifier: Apache-2.0

import Debian
import Foundation
import TestSupport
import Testing

/// Prints what the judge says of many packages' scripts at once: for whoever extends `KnownScripts`.
///
///     for deb in *.deb; do dpkg-deb --control $deb scripts/${deb%.deb}; done
///     BASALT_SCRIPTS=$PWD/scripts swift test -c release --filter ScriptSurvey
@Suite(
    "Survey of scripts",
    .enabled(
        if: ProcessInfo.processInfo.environment["BASALT_SCRIPTS"] != nil,
        "set BASALT_SCRIPTS to a folder of control folders, NAME_VERSION_ARCHITECTURE each"
    )
)
struct ScriptSurvey {
    /// One line for each script that could run in a fresh image: how it is judged, name, version, architecture, member,
    /// fingerprint, and what nothing accounts for.
    @Test func table() throws {
        let folder = ProcessInfo.processInfo.environment["BASALT_SCRIPTS"] ?? ""
        for entry in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let parts = entry.split(separator: "_").map(String.init)
            guard parts.count == 3 else { continue }
            for member in ["preinst", "postinst"] {
                guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(entry)/\(member)") else { continue }
                let script = MaintainerScript(
                    package: parts[0],
                    member: member,
                    bytes: Array(bytes),
                    architecture: parts[2]
                )
                let (state, rest) =
                    switch ScriptClassifier.judge(script) {
                    case .treated: ("known", "")
                    case .unknown(let commands): ("UNKNOWN", commands.joined(separator: ", "))
                    }
                print("SCRIPT", state, parts.joined(separator: "\t"), member, script.fingerprint, rest, separator: "\t")
            }
        }
    }
}
