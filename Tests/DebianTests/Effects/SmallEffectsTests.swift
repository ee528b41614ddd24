// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Packages
import Testing

/// Effects of one package or one call, each with what its manual or its script says. Whole trees are compared with dpkg's in
/// `DifferentialTests`.
@Suite struct SmallEffectsTests {
    /// What effects make, whatever the judge of scripts thinks of these short ones.
    private func assemble(_ packages: [FakePackage], _ variant: Installation.Variant = .dev) throws -> Tree {
        let scripts = packages.compactMap { $0.members["postinst"] }.map { Digest.of($0) }
        return try packages.assemble(variant, acknowledged: Set(scripts)).tree
    }

    /// base-files calls functions of its own with literal arguments; so does this script, as Debian's does.
    @Test func baseFilesMakesWhatItsScriptNames() throws {
        let script = """
            install_directory() { :; }
            install_directory srv 755 root
            install_directory var/mail 2775 mail
            install_local_dir usr/local/lib
            install_from_default motd etc/motd
            ensure_file_owner_mode var/log/wtmp root:utmp 664
            """
        let package = FakePackage(
            name: "base-files",
            files: [("usr/share/base-files/motd", "welcome\n"), ("etc/dpkg/origins/debian", "Vendor: Debian\n")],
            members: ["postinst": FakePackage.script(script)]
        )
        let dev = try assemble([package])
        #expect(dev["var/mail"]?.mode == 0o2775)
        // Debian Policy 9.2.2: mail is 8, utmp 43.
        #expect(dev["var/mail"]?.gid == 8)
        #expect(dev["usr/local/lib"]?.isDirectory == true)
        #expect(dev.text("etc/motd") == "welcome\n")
        #expect(dev.target("etc/dpkg/origins/default") == "debian")
        #expect(dev.target("var/run") == "/run" && dev.target("var/lock") == "/run/lock")
        #expect(dev.target("var/spool/mail") == "../mail")
        #expect(dev["run/lock"]?.mode == 0o1777)
        #expect(dev["var/log/wtmp"]?.mode == 0o664 && dev["var/log/wtmp"]?.gid == 43)
        // Logs are a system's own: a runtime image has no logins to record.
        #expect(try assemble([package], .runtime)["var/log/wtmp"] == nil)
    }

    @Test func aTemplateIsCopiedWhereThereIsNoFile() throws {
        let libc = FakePackage(name: "libc-bin", files: [("usr/share/libc-bin/nsswitch.conf", "passwd: files\n")])
        #expect(try [libc].assemble(.runtime).tree.text("etc/nsswitch.conf") == "passwd: files\n")
        let own = FakePackage(name: "other", files: [("etc/nsswitch.conf", "passwd: db\n")])
        #expect(try [libc, own].assemble().tree.text("etc/nsswitch.conf") == "passwd: db\n")
    }

    @Test func aHereDocumentBecomesItsFile() throws {
        let script = "cat > /etc/networks <<EOF\ndefault 0.0.0.0\n\nloopback 127.0.0.0\nEOF"
        let package = FakePackage(name: "netbase", members: ["postinst": FakePackage.script(script)])
        #expect(try assemble([package]).text("etc/networks") == "default 0.0.0.0\n\nloopback 127.0.0.0\n")
    }

    /// Debian 12's tzdata writes /etc/timezone, Debian 13's only where it is already.
    @Test func theTimeZoneIsUTC() throws {
        func tree(_ script: String) throws -> Tree {
            try assemble([FakePackage(name: "tzdata", members: ["postinst": FakePackage.script(script)])])
        }
        let old = try tree("echo Etc/UTC > $DPKG_ROOT/etc/timezone")
        #expect(old.target("etc/localtime") == "/usr/share/zoneinfo/Etc/UTC")
        #expect(old.text("etc/timezone") == "Etc/UTC\n")
        let new = try tree("test -f \"$DPKG_ROOT/etc/timezone\" && echo Etc/UTC > \"$DPKG_ROOT/etc/timezone\"")
        #expect(new.target("etc/localtime") == "/usr/share/zoneinfo/Etc/UTC")
        #expect(new["etc/timezone"] == nil)
    }

    /// update-shells(8): the template, then what packages list, each also under the real name of its directory.
    @Test func shellsAreThoseOfTheTemplateAndOfPackages() throws {
        let packages = [
            FakePackage(name: "debianutils", files: [("usr/share/debianutils/shells", "# valid shells\n/bin/sh\n")]),
            FakePackage(
                name: "zsh",
                files: [("usr/share/debianutils/shells.d/zsh", "/usr/bin/zsh\n"), ("usr/bin/zsh", "")]
            ),
        ]
        let dev = try packages.assemble().tree
        #expect(dev.text("etc/shells") == "# valid shells\n/bin/sh\n/usr/bin/sh\n/usr/bin/zsh\n")
        #expect(dev.text("var/lib/shells.state") == "/bin/sh\n/usr/bin/sh\n/usr/bin/zsh\n")
        let runtime = try packages.assemble(.runtime).tree
        #expect(runtime["etc/shells"] != nil && runtime["var/lib/shells.state"] == nil)
    }

    /// pam-auth-update(8) with the profile `unix` of Debian 13 alone: the primary block jumps over pam_deny.
    @Test func pamStacksTheDefaultProfiles() throws {
        let template = """
            # here are the per-package modules (the "Primary" block)
            $auth_primary
            # here's the fallback if no module succeeds
            auth\trequisite\t\t\tpam_deny.so
            # and here are more per-package modules (the "Additional" block)
            $auth_additional
            # end of pam-auth-update config

            """
        let unix = """
            Name: Unix authentication
            Default: yes
            Priority: 256
            Auth-Type: Primary
            Auth:
            \t[success=end default=ignore]\tpam_unix.so nullok try_first_pass
            Auth-Initial:
            \t[success=end default=ignore]\tpam_unix.so nullok

            """
        let off = "Name: Other\nDefault: no\nPriority: 300\nAuth-Type: Primary\nAuth:\n\t[success=end]\tpam_other.so\n"
        let tree = try [
            FakePackage(
                name: "libpam-runtime",
                files: [
                    ("usr/share/pam/common-auth", template), ("usr/share/pam-configs/unix", unix),
                    ("usr/share/pam-configs/other", off),
                ]
            )
        ].assemble().tree
        let text = tree.text("etc/pam.d/common-auth")
        #expect(text?.contains("\nauth\t[success=1 default=ignore]\tpam_unix.so nullok\n# here's the fallback") == true)
        #expect(text?.contains("pam_other") == false && text?.contains("$auth_") == false)
        #expect(tree.text("var/lib/pam/seen") == "other\nunix\n")
    }

    /// dpkg-statoverride(1): the record is `USER GROUP MODE PATH`.
    @Test func overridesChangeOwnerAndModeAndAreRecorded() throws {
        let script = "dpkg-statoverride --update --add root mail 2755 /usr/bin/x"
        let package = FakePackage(
            name: "x",
            files: [("usr/bin/x", "#!/bin/sh\n")],
            members: ["postinst": FakePackage.script(script)]
        )
        let tree = try assemble([package])
        #expect(tree["usr/bin/x"]?.mode == 0o2755)
        #expect(tree["usr/bin/x"]?.gid == 8)
        #expect(tree["usr/bin/x"]?.origin == .package("x"))
        #expect(tree.text("var/lib/dpkg/statoverride") == "root mail 2755 /usr/bin/x\n")
    }

    /// tmpfiles.d(5): `d` makes a directory, `L` a link; specifiers and lines that only a running system needs are left.
    @Test func tmpfilesThatAScriptNamesAreMade() throws {
        let lines = """
            # comment
            d /run/x 2775 root mail -
            D /var/lib/y
            L /run/z - - - - /run/x
            d /run/user/%U 0700 - - -
            r! /run/x/old
            f /run/x/file 0644 root root - text

            """
        let script = """
            # Automatically added by dh_installtmpfiles/13.24.2
            if [ "$1" = "configure" ]; then
               systemd-tmpfiles ${DPKG_ROOT:+--root="$DPKG_ROOT"} --create x.conf || true
            fi
            # End automatically added section
            """
        let package = FakePackage(
            name: "x",
            files: [("usr/lib/tmpfiles.d/x.conf", lines), ("usr/lib/tmpfiles.d/unnamed.conf", "d /run/unnamed\n")],
            members: ["postinst": FakePackage.script(script)]
        )
        let tree = try assemble([package], .runtime)
        #expect(tree["run/x"]?.mode == 0o2775 && tree["run/x"]?.gid == 8)
        #expect(tree["var/lib/y"]?.mode == 0o755)
        #expect(tree.target("run/z") == "/run/x")
        #expect(tree.children(of: "run").map(\.path.description) == ["run/x", "run/z"])
    }

    @Test func tablesOfFilesServeTheirPackages() throws {
        let names = ["libpam-modules", "python3.13-minimal", "java-common"]
        let tree = try names.map { FakePackage(name: $0) }.assemble().tree
        #expect(tree["etc/security/opasswd"]?.mode == 0o600)
        #expect(tree["etc/environment"]?.mode == 0o644)
        #expect(tree["usr/local/lib/python3.13/dist-packages"]?.isDirectory == true)
        #expect(tree["etc/.java/.systemPrefs/.system.lock"] != nil)
        // bash links /bin/sh to itself only where nobody else ships it.
        #expect(try [FakePackage(name: "bash")].assemble().tree.target("usr/bin/sh") == "bash")
        let dash = FakePackage(name: "dash", files: [("usr/bin/sh", "-> dash")])
        #expect(try [FakePackage(name: "bash"), dash].assemble().tree.target("usr/bin/sh") == "dash")
    }

    /// debconf's default generates no locale: every one is listed, commented out (locale.gen(5)).
    @Test func noLocaleIsGenerated() throws {
        let script = "LG=/etc/locale.gen\nEE=/etc/locale.conf\ncat > $LG <<EOF\n# Locales.\n#\n\nEOF"
        let package = FakePackage(
            name: "locales",
            files: [("usr/share/i18n/SUPPORTED", "# all\nde_DE.UTF-8 UTF-8\naa_DJ.UTF-8 UTF-8\n")],
            members: ["postinst": FakePackage.script(script)]
        )
        let tree = try assemble([package])
        #expect(tree.text("etc/locale.gen") == "# Locales.\n\n\n# aa_DJ.UTF-8 UTF-8\n# de_DE.UTF-8 UTF-8\n")
        #expect(tree.target("etc/default/locale") == "../locale.conf")
        #expect(try assemble([package], .runtime)["etc/locale.gen"] == nil)
    }

    /// postgresql-common's maintscripts-functions: version 15 has a page of the server's old name and with it a group of
    /// its own for the server, version 17 has one group for all.
    @Test(arguments: [("15", true), ("17", false)])
    func manualPagesOfPostgreSQLAreAlternatives(_ version: String, _ isSplit: Bool) throws {
        let base = "usr/share/postgresql/\(version)/man/man1/"
        let client = ["psql.1.gz", "pg_dump.1.gz"].map { (base + $0, "") } + [("usr/share/man/man1/", "")]
        let server = ((isSplit ? ["postmaster.1.gz"] : []) + ["postgres.1.gz"]).map { (base + $0, "") }
        let tree = try assemble([
            FakePackage(name: "postgresql-client-\(version)", files: client),
            FakePackage(name: "postgresql-\(version)", files: server),
        ])
        #expect(tree.target("etc/alternatives/psql.1.gz") == "/\(base)psql.1.gz")
        #expect(tree.target("usr/share/man/man1/postgres.1.gz") == "/etc/alternatives/postgres.1.gz")
        #expect(tree.text("var/lib/dpkg/alternatives/psql.1.gz")?.contains("/\(base)psql.1.gz\n\(version)0\n") == true)
        let group = tree.text("var/lib/dpkg/alternatives/postmaster.1.gz")
        #expect((group != nil) == isSplit)
        if let group { #expect(group.contains("\npostgres.1.gz\n/usr/share/man/man1/postgres.1.gz\n")) }
    }

    /// What is not made is named: GLib's schemas, pixbuf loaders and the MIME cache, by whose trigger waits for them.
    @Test(arguments: [
        ("interest-noawait /usr/share/glib-2.0/schemas", "gsettings-schemas"),
        ("interest-noawait /usr/share/mime/packages", "mime-cache"),
        ("interest-noawait /usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/2.10.0/loaders", "pixbuf-loaders"),
        ("interest-noawait /usr/lib/x86_64-linux-gnu/gio/modules", "gio-modules"),
    ])
    func cachesThatAreNotMadeAreNamed(_ trigger: String, _ cache: String) throws {
        let notes = try [FakePackage(name: "x", members: ["triggers": trigger + "\n"])].assemble().notes
        #expect(notes == ["\(cache): not supported, programs go without it"])
    }
}
