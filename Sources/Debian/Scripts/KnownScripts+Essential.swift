// SPDX-License-Identifier: Apache-2.0

/// Base system and tools.
extension KnownScripts {
    static let essential: [KnownScript] = [
        KnownScript("adduser", "preinst", ["a7220d7a1f21f91a"], upgrade),
        KnownScript("apt", "postinst", ["4dac7d2a2e7f6ef6"], by: [Accounts.name], upgrade),
        KnownScript(
            "base-files",
            "postinst",
            ["76b8fe533eddc264", "ce791aa56a347daf", "d82916655965511d"],
            by: [Skeleton.name, "usr-merge"]
        ),
        KnownScript(
            "base-files",
            "preinst",
            ["0cea8b34a3fde039", "372af74c55155bf0"],
            by: ["diversions"],
            "checks that /usr is merged"
        ),
        KnownScript("base-passwd", "postinst", ["d9a9cc09cace0ad9", "e4f6c0a5ed166465"], by: [Accounts.name]),
        KnownScript("base-passwd", "preinst", ["df5035902caa8ce1"], by: [Accounts.name]),
        KnownScript("bash", "postinst", ["2101078ad0fc4487"], by: [PackageFiles.name]),
        KnownScript("binutils", "preinst", ["8ff772080dc92ed0"], upgrade),
        KnownScript(
            "ca-certificates",
            "postinst",
            ["2decd656be1d87b0"],
            by: [CertificateStore.name, PackageFiles.name]
        ),
        KnownScript("coreutils", "postinst", ["24feeaef17ebc3dd"], "/bin/touch is /usr/bin/touch in a merged /usr"),
        KnownScript("dash", "postinst", ["d68e2e281abc93ec", "e7cdde0c0bb39886"], by: ["diversions"]),
        KnownScript("debian-archive-keyring", "postinst", ["77eb3f98c9fe9539", "8cf0c79eb72233fd"], upgrade),
        KnownScript("debianutils", "postinst", ["16af2febb9a256c6", "ab701897b1ed1e66"], by: [Shells.name]),
        KnownScript("devscripts", "postinst", ["4bf064dfc74cbfe8"], by: [Templates.name]),
        KnownScript("dpkg", "postinst", ["212d581af9308f2e", "790db8c56924d21f"], by: [DpkgDatabase.name]),
        KnownScript("gawk", "postinst", ["bd2c049deabddb57"], upgrade),
        KnownScript("gcc", "postinst", ["2918848c5ba664a5"], upgrade),
        KnownScript("git", "preinst", ["6a81c87a376af7f4"], upgrade),
        KnownScript("init-system-helpers", "postinst", ["b7864a1e645c0a0c"], upgrade),
        KnownScript(
            "iproute2",
            "postinst",
            ["3d389c34e8f554ff", "741619d06c05c159"],
            "debconf's default gives ip no capabilities; " + upgrade
        ),
        KnownScript("libc-bin", "postinst", ["f0501ec2b62a9f03"], by: [LoaderConfiguration.name, Templates.name]),
        KnownScript("libc6", "postinst", ["afddbb5f2baafded", "c3a2620ce8b67546"], "restarts services after upgrades"),
        KnownScript(
            "libc6",
            "preinst",
            ["0f95d722784cd143", "73d58a02ce4b601c", "7f1f3707611c6bc8", "958cb30944d98d34"],
            by: ["diversions"],
            "checks the kernel and the loader's path"
        ),
        KnownScript("libgcrypt20", "postinst", ["0b15e6b175700db9"], upgrade),
        KnownScript("libgssapi-krb5-2", "postinst", ["d43dec5f5a12e1a0"], upgrade),
        KnownScript("libpam-modules", "postinst", ["25d50641465eb435", "578ec14c16d759ae"], by: [PackageFiles.name]),
        KnownScript("libpam-modules", "preinst", ["06f831328b24edb0"], upgrade),
        KnownScript("libpam-runtime", "postinst", ["eccae05e56c32447"], by: [PluggableAuthentication.name]),
        KnownScript("libpam0g", "postinst", ["30b483c463bc62fa"], "restarts services after upgrades"),
        KnownScript("libselinux1", "postinst", ["500d5a92ec287979"], upgrade),
        KnownScript(
            "locales",
            "postinst",
            ["2ccf16d2297416a9", "f7aedc761c3709db"],
            by: [Locales.name],
            "debconf's default generates no locale"
        ),
        KnownScript("login", "postinst", ["62529ceda30be453", "9cca10d7ccd5036f"], by: [PackageFiles.name]),
        KnownScript("login.defs", "postinst", ["c606c1b2c10c19bd"], upgrade),
        KnownScript(
            "man-db",
            "postinst",
            ["f8cc518416eccd9b"],
            by: [PackageFiles.name],
            "manual pages are not indexed"
        ),
        KnownScript(
            "netbase",
            "postinst",
            ["1ce9eda2cb59470f", "7d0305b877857dbb"],
            by: [VerbatimFiles.name],
            "the container's runtime writes /etc/hosts"
        ),
        KnownScript("openssl", "postinst", ["ed3998613dbbdb20"], "the package ships /usr/lib/ssl"),
        KnownScript("pkgconf-bin", "postinst", ["6b1ac44c908fc0af"], by: [PackageFiles.name]),
        KnownScript("procps", "postinst", ["7050e0f5a2ae71c8", "b8f282107997c9a2"], upgrade),
        KnownScript("readline-common", "postinst", ["038b02f2002f1b50"], by: [Templates.name]),
        KnownScript("tzdata", "postinst", ["8839b18b4ef72e87", "c79b7341327ce9ca"], by: [LocalTime.name]),
        KnownScript("ucf", "postinst", ["68b320f49110af0d", "7566127ad3b4367d"], by: [PackageFiles.name]),
        KnownScript("ucf", "preinst", ["562ffa13ce14aef4", "986705d9c5ff3e82"], upgrade),
        KnownScript("unixodbc-common", "postinst", ["c64edbd0ed65bc33"], by: [PackageFiles.name]),
        KnownScript("usrmerge", "postinst", ["bbfaf4e88fd15efb", "f7322970774631be"], by: ["usr-merge"]),
    ]
}
