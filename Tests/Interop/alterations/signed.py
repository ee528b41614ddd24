# SPDX-License-Identifier: Apache-2.0
"""Statements that the right key signed, and that are wrong: a signature says who, not whether it is true."""

from catalogue import alteration
from image import CYCLONEDX, PROVENANCE, SPDX
from statements import TEST_RESULT

POLICY = ("cosign2-policy", "cosign3-policy")


def change_provenance(image, hands, change):
    image.restate(PROVENANCE, lambda statement: change(statement["predicate"]), hands.release)


@alteration(*POLICY)
def other_builder(image, hands):
    def change(predicate):
        predicate["runDetails"]["builder"]["id"] = "https://builder.example/hosted"

    change_provenance(image, hands, change)


@alteration(*POLICY)
def other_build_type(image, hands):
    def change(predicate):
        predicate["buildDefinition"]["buildType"] = "https://other.example/build"

    change_provenance(image, hands, change)


@alteration(*POLICY)
def unknown_parameter(image, hands):
    """A verifier that does not know a parameter cannot tell what it did."""

    def change(predicate):
        predicate["buildDefinition"]["externalParameters"]["backdoor"] = True

    change_provenance(image, hands, change)


@alteration(*POLICY)
def other_definition(image, hands):
    def change(predicate):
        predicate["buildDefinition"]["externalParameters"]["definition"]["sha256"] = "0" * 64

    change_provenance(image, hands, change)


@alteration("cosign2-provenance", "cosign3-provenance")
def provenance_of_another_image(image, hands):
    def change(statement):
        for subject in statement["subject"]:
            subject["digest"]["sha256"] = "0" * 64

    image.restate(PROVENANCE, change, hands.release)


@alteration()
def platform_not_covered(image, hands):
    last = image.index["manifests"][-1]["digest"].removeprefix("sha256:")

    def change(statement):
        statement["subject"] = [s for s in statement["subject"] if s["digest"]["sha256"] != last] or statement["subject"]

    image.restate(PROVENANCE, change, hands.release)


@alteration()
def file_missing(image, hands):
    image.restate_platform(SPDX, lambda document: document["files"].pop(), hands.release)


@alteration()
def file_added(image, hands):
    def change(document):
        document["files"].append({**document["files"][0], "SPDXID": "SPDXRef-ghost", "fileName": "./usr/bin/ghost"})

    image.restate_platform(SPDX, change, hands.release)


@alteration()
def file_digest(image, hands):
    def change(document):
        for checksum in document["files"][0]["checksums"]:
            checksum["checksumValue"] = "0" * len(checksum["checksumValue"])

    image.restate_platform(SPDX, change, hands.release)


def is_package(package):
    references = package.get("externalRefs", [])
    return any(reference["referenceLocator"].startswith(("pkg:deb/", "pkg:apk/")) for reference in references)


@alteration()
def package_missing(image, hands):
    def change(document):
        document["packages"].remove(next(package for package in document["packages"] if is_package(package)))

    image.restate_platform(SPDX, change, hands.release)


@alteration()
def package_version(image, hands):
    def change(document):
        package = next(package for package in document["packages"] if is_package(package))
        for reference in package["externalRefs"]:
            reference["referenceLocator"] = reference["referenceLocator"].replace("@", "@99:", 1)

    image.restate_platform(SPDX, change, hands.release)


@alteration()
def component_added(image, hands):
    def change(document):
        component = next(c for c in document["components"] if c.get("purl", "").startswith(("pkg:deb/", "pkg:apk/")))
        ghost = component["purl"].replace("@", "-ghost@", 1)
        document["components"].append({**component, "bom-ref": ghost, "name": "ghost", "purl": ghost})

    image.restate_platform(CYCLONEDX, change, hands.release)


@alteration()
def test_failed(image, hands):
    """A true statement: the image did not pass."""

    def change(statement):
        predicate = statement["predicate"]
        predicate["result"] = "FAILED"
        predicate["failedTests"] = [predicate["passedTests"].pop()]

    image.restate(TEST_RESULT, change, hands.release)
