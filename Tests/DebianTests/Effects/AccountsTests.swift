// SPDX-License-Identifier: Apache-2.0

import Debian
import FileTree
import Packages
import Testing

@Suite struct AccountsTests {
    private let base = FakePackage(
        name: "base-passwd",
        files: [
            (
                "usr/share/base-passwd/passwd.master",
                "root:*:0:0:root:/root:/bin/bash\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
            ),
            ("usr/share/base-passwd/group.master", "root:*:0:\nadm:*:4:\nshadow:*:42:\nnogroup:*:65534:\n"),
        ]
    )
    private let redis = FakePackage(
        name: "some-tools",
        members: [
            "postinst": FakePackage.script(
                "USER=\"redis\"\nadduser \\\n --system --home /var/lib/redis --quiet --group ${USER} || true"
            )
        ]
    )
    private let web = FakePackage(
        name: "web",
        members: [
            "postinst": FakePackage.script(
                "addgroup --system webadmin\nuseradd -r -M -d /srv -s /bin/false -c Web -G adm,webadmin web"
            )
        ]
    )

    @Test func accountsAreTheMastersAndThoseOfScriptsWithFixedIDs() throws {
        let assembly = try [base, redis].assemble()
        #expect(
            assembly.tree.text("etc/passwd")
                == "root:*:0:0:root:/root:/bin/bash\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nredis:!:104:104::/var/lib/redis:/usr/sbin/nologin\n"
        )
        #expect(assembly.tree.text("etc/group")?.hasSuffix("nogroup:*:65534:\nredis:!:104:\n") == true)
        let home = assembly.tree["var/lib/redis"]
        #expect(home?.uid == 104)
        #expect(home?.gid == 104)
        #expect(home?.mode == 0o755)
        #expect(assembly.notes.contains { $0.contains("account redis: uid 104, gid 104") })
        #expect(assembly.tree["etc/shadow"] == nil)
    }

    /// The lines are those of a real `shadowconfig on` and adduser, the day is that of the epoch: 1700000000 / 86400.
    @Test func passwordsAreShadowedWherePasswdIsInstalled() throws {
        let tree = try [base, redis, FakePackage(name: "passwd")].assemble().tree
        #expect(tree.text("etc/passwd")?.hasPrefix("root:x:0:0:root:/root:/bin/bash\n") == true)
        #expect(
            tree.text("etc/shadow") == "root:*:19675:0:99999:7:::\nnobody:*:19675:0:99999:7:::\nredis:!:19675::::::\n"
        )
        #expect(tree.text("etc/gshadow") == "root:*::\nadm:*::\nshadow:*::\nnogroup:*::\nredis:!::\n")
        for file in ["etc/shadow", "etc/gshadow"] as [TreePath] {
            #expect(tree[file]?.mode == 0o640)
            #expect(tree[file]?.gid == 42)
        }
    }

    @Test func idsDoNotDependOnWhatElseIsInstalled() throws {
        func id(_ packages: [FakePackage]) throws -> Substring? {
            try packages.assemble().tree.text("etc/passwd")?.split(separator: "\n").first { $0.hasPrefix("web:") }
        }
        let alone = try #require(try id([base, web]))
        #expect(try id([redis, web, base]) == alone)
        #expect(try id([web, base, redis]) == alone)
        #expect(alone.hasSuffix(":Web:/srv:/bin/false"))
        let group = try [base, web].assemble().tree.text("etc/group")
        #expect(group?.contains("adm:*:4:web\n") == true)
        #expect(group?.contains("webadmin:!:") == true)
    }

    @Test func sysusersFilesCountWhereAScriptNamesTheProgram() throws {
        let files = [("usr/lib/sysusers.d/x.conf", "# c\nu x 150 \"X Y\" /var/lib/x\ng y 160\nm x y\nu z -:nogroup\n")]
        let script = """
            # Automatically added by dh_installsysusers/13.24.2
            if [ "$1" = "configure" ]; then
               systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} x.conf
            fi
            # End automatically added section
            """
        let with = try [base, FakePackage(name: "x", files: files, members: ["postinst": FakePackage.script(script)])]
            .assemble()
        let passwd = with.tree.text("etc/passwd")
        #expect(passwd?.contains("\nx:!:150:150:X Y:/var/lib/x:/usr/sbin/nologin\n") == true)
        #expect(with.tree.text("etc/group")?.contains("\ny:!:160:x\n") == true)
        #expect(with.scripts.first?.treatment == .emulated(by: ["accounts"]))
        let without = try [base, FakePackage(name: "x", files: files)].assemble()
        #expect(without.tree.text("etc/group")?.contains("\ny:") == false)
    }

    /// Files that a script hands to an account belong to the id that the definition gives it.
    @Test func theDefinitionsIDsGoBeforeTheMap() throws {
        let service = FakePackage(
            name: "service",
            members: [
                "postinst": FakePackage.script(
                    """
                    adduser --system --home /var/lib/redis --quiet --group redis
                    dpkg-statoverride --update --add redis redis 2750 /var/lib/redis
                    """
                )
            ]
        )
        let assembly = try [base, service].assemble(users: ["redis": (uid: 999, gid: 998)], groups: ["redis": 998])
        #expect(assembly.tree.text("etc/passwd")?.contains("\nredis:!:999:998:") == true)
        #expect(assembly.tree.text("etc/group")?.hasSuffix("\nredis:!:998:\n") == true)
        let home = assembly.tree["var/lib/redis"]
        #expect(home?.uid == 999 && home?.gid == 998)
        #expect(!assembly.notes.contains { $0.contains("redis") })
        // Without a word about the group, it is the user's.
        let group = try [base, service].assemble(users: ["redis": (uid: 999, gid: 997)]).tree.text("etc/group")
        #expect(group?.hasSuffix("\nredis:!:997:\n") == true)
    }

    /// `find -nogroup` finds nothing: /var/mail is the group mail's (Debian Policy 9.2.2: 8), base-passwd or not.
    @Test func everyStaticOwnerIsNamed() throws {
        let files = FakePackage(
            name: "base-files",
            members: [
                "postinst": FakePackage.script("install_directory() { :; }\ninstall_directory var/mail 2775 mail")
            ]
        )
        let tree = try [files].assemble(.runtime).tree
        #expect(tree["var/mail"]?.gid == 8)
        #expect(tree.text("etc/group") == "mail:*:8:\n")
        #expect(tree.text("etc/passwd") == "")
    }

    /// Scripts of packages that apt installs later count on adm, www-data and the like.
    @Test func anImageWithDpkgHasTheStaticAccounts() throws {
        let dev = try [FakePackage(name: "dpkg"), redis].assemble().tree
        #expect(dev.text("etc/group")?.contains("\nadm:*:4:\n") == true)
        #expect(dev.text("etc/passwd")?.contains("\nwww-data:*:33:33:") == true)
        #expect(dev.text("etc/passwd")?.hasSuffix("\nredis:!:104:104::/var/lib/redis:/usr/sbin/nologin\n") == true)
        #expect(try [FakePackage(name: "dpkg")].assemble(.runtime).tree["etc/passwd"] == nil)
    }

    @Test(arguments: [
        "adduser --system --uid-range 1 x", "adduser $(name)", "useradd -r -k /etc/skel x", "adduser plainuser",
    ])
    func aCallThatIsNotUnderstoodMakesTheScriptUnknown(_ call: String) {
        let script = MaintainerScript(package: "p", member: "postinst", bytes: Array(FakePackage.script(call).utf8))
        guard case .unknown = ScriptClassifier.judge(script) else {
            Issue.record("\(call) counts as understood")
            return
        }
    }
}
