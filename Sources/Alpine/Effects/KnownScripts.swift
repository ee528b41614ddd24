// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Scripts with control flow that were read by a person, by the fingerprint of their statements.
enum KnownScripts {
    /// What stands for a script; the raw value is the effect's name in reports and in the tree.
    enum Effect: String {
        case busyboxLinks = "busybox-links"
        case shadow
        case certificates = "ca-certificates"
    }

    /// The effects of a script; empty for one that does nothing in a fresh image, nil for an unknown one.
    static func effects(of fingerprint: Digest) -> [Effect]? { table[fingerprint.hex] }

    private static let table: [String: [Effect]] = [
        // alpine-baselayout .post-install: owner and mode of /etc/shadow; the rest is for guests of a vserver and for
        // upgrades.
        "e57b44693e17c021ad2ce5349e694bf5cf23e59931e6ed632faa387a8ff0a160": [.shadow],
        "10fb2493c99cd1018c729b0af2fcbed154a17fdda099ce01333fcfa35e60b878": [.shadow],
        "6191d0c987accd500cfd32bff76a5fc9bb854d93c138103fe407d1967d8e5ca1": [.shadow],
        // busybox .trigger: links again, and depmod where there are kernel modules, which no image has.
        "994248e71ff6ccf13b1529faf08174b460755ae210dd70e5c9785c2142f99d86": [.busyboxLinks],
        "fa73c59a3f1119894df1d2dfd24ab7d115d9b9be8ce7079fe70214a8b4553096": [.busyboxLinks],
        // busybox-initscripts .post-install: for those who upgrade; the group input is in every /etc/group.
        "411903ab9943ec8a449c2156915c22b62deed2906a235c287af65f1a940b6fe2": [],
        // openrc .post-install: converts run levels of a predecessor.
        "be1701ba49120f6fd51e991e369e611d7d100772e6fe99cf26ec985530e3b08d": [],
    ]
}
