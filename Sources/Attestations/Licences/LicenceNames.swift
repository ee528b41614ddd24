// SPDX-License-Identifier: Apache-2.0

/// What the distributions' names of licences are in SPDX's list.
///
/// A name that is not here becomes a `LicenseRef` with its text: saying less than SPDX could is right, saying more is not.
enum LicenceNames {
    /// The SPDX identifier, or `X WITH Y`, of a name; nil when there is none that surely means the same.
    static func spdx(_ name: String) -> String? {
        let key = name.lowercased()
        if let known = identifiers[key] { return known }
        if let range = key.firstRange(of: " with ") {
            guard let base = spdx(String(name[..<range.lowerBound])), !base.contains(" ") else { return nil }
            var exception = String(key[range.upperBound...])
            for suffix in ["-exception", " exception", " exceptions"] where exception.hasSuffix(suffix) {
                exception.removeLast(suffix.count)
            }
            return exceptions[exception].map { "\(base) WITH \($0)" }
        }
        return gnu(key)
    }

    /// GNU licences: `GPL-2+`, `GPLv3+`, `LGPL-2.1`, `GFDL-NIV-1.3+`, `AGPL-3.0-or-later`.
    private static func gnu(_ key: String) -> String? {
        for (prefix, id) in [
            ("lgpl", "LGPL"), ("agpl", "AGPL"), ("gpl", "GPL"), ("gfdl-niv", "GFDL"), ("gfdl", "GFDL"),
        ] {
            guard key.hasPrefix(prefix) else { continue }
            var rest = key.dropFirst(prefix.count)
            if rest.first == "-" { rest.removeFirst() }
            if rest.first == "v" { rest.removeFirst() }
            var later = false
            if rest.hasSuffix("+") {
                later = true
                rest.removeLast()
            } else if rest.hasSuffix("-or-later") {
                later = true
                rest.removeLast(9)
            } else if rest.hasSuffix("-only") {
                rest.removeLast(5)
            }
            let version = rest.contains(".") ? String(rest) : rest + ".0"
            let known: [String: [String]] = [
                "LGPL": ["2.0", "2.1", "3.0"], "AGPL": ["1.0", "3.0"], "GPL": ["1.0", "2.0", "3.0"],
                "GFDL": ["1.1", "1.2", "1.3"],
            ]
            guard known[id]?.contains(version) == true else { return nil }
            let middle = prefix == "gfdl-niv" ? "-no-invariants" : ""
            return "\(id)-\(version)\(middle)-\(later ? "or-later" : "only")"
        }
        return nil
    }

    private static let exceptions: [String: String] = [
        "bison": "Bison-exception-2.2", "bison-2.2": "Bison-exception-2.2", "linux-syscall-note": "Linux-syscall-note",
        "classpath": "Classpath-exception-2.0", "classpath-2.0": "Classpath-exception-2.0",
        "gcc": "GCC-exception-3.1", "gcc-3.1": "GCC-exception-3.1", "llvm": "LLVM-exception",
        "autoconf-2.0": "Autoconf-exception-2.0", "autoconf-3.0": "Autoconf-exception-3.0",
        "font-2.0": "Font-exception-2.0", "libtool": "Libtool-exception", "gcc-2.0": "GCC-exception-2.0",
        "openvpn-openssl": "openvpn-openssl-exception",
    ]

    /// By lower-case name: SPDX's own identifiers, and the short names of Debian's copyright-format that differ from them.
    private static let identifiers: [String: String] = {
        let spdx = """
            0BSD AFL-2.0 AFL-2.1 AFL-3.0 AML APSL-2.0 Apache-1.0 Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl
            Artistic-1.0-cl8 Artistic-2.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause
            BSD-3-Clause-Attribution BSD-3-Clause-Clear BSD-3-Clause-LBNL BSD-3-Clause-Modification BSD-4-Clause
            BSD-4-Clause-UC BSD-Protection BSD-Source-Code BSL-1.0 BitTorrent-1.1 BlueOak-1.0.0 CC-BY-1.0 CC-BY-2.0
            CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-ND-4.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0
            CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 CDDL-1.0 CDDL-1.1 CECILL-2.0 CECILL-2.1 CECILL-B
            CECILL-C CNRI-Python CPL-1.0 ClArtistic Cube EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 Entessa FSFAP FSFUL FSFULLR
            FSFULLRWD FTL GD HPND HPND-sell-variant ICU IJG ISC ImageMagick Info-ZIP Intel JSON JasPer-2.0 LPL-1.02
            LPPL-1.0 LPPL-1.2 LPPL-1.3a LPPL-1.3c Latex2e Libpng MIT MIT-0 MIT-CMU MIT-Modern-Variant MIT-advertising
            MIT-feh MITNFA MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NAIST-2003
            NCSA NTP Naumen Net-SNMP NetCDF OFL-1.0 OFL-1.1 OGC-1.0 OLDAP-2.0 OLDAP-2.1 OLDAP-2.2 OLDAP-2.7 OLDAP-2.8
            OML OpenSSL PHP-3.0 PHP-3.01 PSF-2.0 PostgreSQL Python-2.0 Python-2.0.1 QPL-1.0 RSA-MD RPSL-1.0 Ruby
            SAX-PD SGI-B-1.0 SGI-B-1.1 SGI-B-2.0 SISSL SMLNJ SSH-OpenSSH SSH-short SWL Sleepycat Spencer-86 Spencer-94
            Spencer-99 SunPro TCL TCP-wrappers TMate TU-Berlin-1.0 TU-Berlin-2.0 UPL-1.0 Unicode-3.0 Unicode-DFS-2015
            Unicode-DFS-2016 Unlicense Vim W3C W3C-19980720 W3C-20150513 WTFPL X11 XFree86-1.1 Xnet ZPL-1.1 ZPL-2.0
            ZPL-2.1 Zend-2.0 Zlib blessing bzip2-1.0.6 curl libtiff mpich2 psutils snprintf zlib-acknowledgement
            """
        var table: [String: String] = [:]
        for id in spdx.split(whereSeparator: { $0 == " " || $0 == "\n" }) { table[id.lowercased()] = String(id) }
        let debian = [
            "expat": "MIT", "artistic": "Artistic-1.0", "apache-2": "Apache-2.0", "apache2": "Apache-2.0",
            "openldap-2.8": "OLDAP-2.8", "libpng": "Libpng", "boost-1.0": "BSL-1.0", "w3c": "W3C",
            "bzip2": "bzip2-1.0.6", "vim": "Vim", "psf-2": "PSF-2.0", "mpl-2": "MPL-2.0", "cc0": "CC0-1.0",
            "sil-1.1": "OFL-1.1", "lppl-1.3c+": "LPPL-1.3c", "postgresql": "PostgreSQL",
        ]
        table.merge(debian) { $1 }
        return table
    }()
}
