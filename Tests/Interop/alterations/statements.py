# SPDX-License-Identifier: Apache-2.0
"""Alterations of what is stated about an image: vulnerabilities, test results, a verifier's summary."""

from catalogue import alteration

VEX = ("https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0")
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SUMMARY = "https://slsa.dev/verification_summary/v1"

VEX_CHECKS = ("cosign2-vex", "cosign3-vex", "cosign2-vex-versioned", "cosign3-vex-versioned")
TEST_CHECKS = ("cosign2-tests", "cosign3-tests")
SUMMARY_CHECKS = ("cosign2-summary", "cosign3-summary")
SUMMARY_POLICY = ("cosign2-summary-policy", "cosign3-summary-policy")
VEX_POLICY = ("cosign2-vex-policy", "cosign3-vex-policy")


def rewrite(image, types, change):
    for predicate_type in types:
        image.rewrite(predicate_type, change)


def restate(image, types, change, key):
    for predicate_type in types:
        image.restate(predicate_type, change, key)


def other_subject(statement):
    for subject in statement["subject"]:
        subject["digest"]["sha256"] = "0" * 64


# Vulnerabilities


def vex_statement(statement, status):
    return next(entry for entry in statement["predicate"]["statements"] if entry["status"] == status)


def flip_status(statement):
    """What affects the image is said not to."""
    entry = vex_statement(statement, "affected")
    entry["status"] = "not_affected"
    entry["justification"] = "vulnerable_code_not_present"


def other_product(statement):
    for entry in statement["predicate"]["statements"]:
        for product in entry["products"]:
            product["hashes"]["sha-256"] = "0" * 64
            product["@id"] = product["identifiers"]["purl"] = "pkg:oci/reviewed@sha256:" + "0" * 64


def other_subcomponent(statement):
    for product in vex_statement(statement, "not_affected")["products"]:
        for part in product["subcomponents"]:
            part["@id"] = "pkg:deb/debian/bash@5.2.37-2"


@alteration(*VEX_CHECKS, image="reviewed")
def vex_status(image, hands):
    rewrite(image, VEX, flip_status)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_product(image, hands):
    rewrite(image, VEX, other_product)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_subcomponent(image, hands):
    rewrite(image, VEX, other_subcomponent)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_statement_dropped(image, hands):
    def change(statement):
        statement["predicate"]["statements"].remove(vex_statement(statement, "affected"))

    rewrite(image, VEX, change)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_time(image, hands):
    """Made newer than a statement that would take its place."""

    def change(statement):
        statement["predicate"]["timestamp"] = "2999-01-01T00:00:00Z"

    rewrite(image, VEX, change)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_by_another_key(image, hands):
    restate(image, VEX, flip_status, hands.foreign)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_by_the_verifier(image, hands):
    """By a key that is trusted, for something else."""
    restate(image, VEX, flip_status, hands.verifier)


@alteration(*VEX_CHECKS, image="reviewed")
def vex_about_another_image(image, hands):
    """Properly signed, for another subject."""
    restate(image, VEX, other_subject, hands.release)


@alteration(*VEX_POLICY, image="reviewed")
def vex_product_signed(image, hands):
    """Properly signed and about this image, with a document that is about another."""
    restate(image, VEX, other_product, hands.release)


@alteration(image="reviewed")
def vex_subcomponent_signed(image, hands):
    """Properly signed, about a package that the image does not have."""
    restate(image, VEX, other_subcomponent, hands.release)


@alteration(image="reviewed")
def vex_without_justification(image, hands):
    """Properly signed, and no valid document."""
    restate(image, VEX, lambda statement: vex_statement(statement, "not_affected").pop("justification"), hands.release)


# Test results


def pass_all(statement):
    predicate = statement["predicate"]
    assert predicate["result"] == "FAILED" and predicate["failedTests"]
    predicate["result"] = "PASSED"
    predicate["passedTests"] += predicate["failedTests"]
    predicate["failedTests"] = []


@alteration(*TEST_CHECKS, image="reviewed")
def test_result(image, hands):
    rewrite(image, [TEST_RESULT], pass_all)


@alteration(*TEST_CHECKS, image="reviewed")
def test_result_by_another_key(image, hands):
    restate(image, [TEST_RESULT], pass_all, hands.foreign)


@alteration(*TEST_CHECKS, image="reviewed")
def test_result_by_the_verifier(image, hands):
    restate(image, [TEST_RESULT], pass_all, hands.verifier)


@alteration(*TEST_CHECKS, image="reviewed")
def test_result_of_another_image(image, hands):
    """A good result, which is of something else."""

    def change(statement):
        pass_all(statement)
        other_subject(statement)

    restate(image, [TEST_RESULT], change, hands.release)


@alteration("cosign2-ctrf", "cosign3-ctrf", image="reviewed")
def test_report(image, hands):
    types = {entry["annotations"]["dev.sigstore.bundle.predicateType"] for entry, _ in image.bundles()}

    def change(statement):
        for test in statement["predicate"]["results"]["tests"]:
            test["status"] = "passed" if test["status"] == "failed" else test["status"]

    rewrite(image, [name for name in types if name.endswith("/attestations/ctrf/v1")], change)


# A verifier's summary


def raise_level(statement):
    statement["predicate"]["verifiedLevels"] = ["SLSA_BUILD_LEVEL_3"]


def rename_verifier(statement):
    statement["predicate"]["verifier"]["id"] = "https://verifier.example.org/other"


@alteration(*SUMMARY_CHECKS, image="reviewed")
def summary_level(image, hands):
    rewrite(image, [SUMMARY], raise_level)


@alteration(*SUMMARY_CHECKS, image="reviewed")
def summary_verifier(image, hands):
    rewrite(image, [SUMMARY], rename_verifier)


@alteration(*SUMMARY_CHECKS, image="reviewed")
def summary_by_another_key(image, hands):
    restate(image, [SUMMARY], raise_level, hands.foreign)


@alteration(*SUMMARY_CHECKS, image="reviewed")
def summary_of_another_image(image, hands):
    restate(image, [SUMMARY], other_subject, hands.verifier)


@alteration(*SUMMARY_POLICY, image="reviewed")
def summary_verifier_signed(image, hands):
    """The verifier's key speaks for somebody else."""
    restate(image, [SUMMARY], rename_verifier, hands.verifier)


@alteration(*SUMMARY_POLICY, image="reviewed")
def summary_failed_signed(image, hands):
    def change(statement):
        statement["predicate"]["verificationResult"] = "FAILED"
        statement["predicate"]["verifiedLevels"] = ["FAILED"]

    restate(image, [SUMMARY], change, hands.verifier)


@alteration(*SUMMARY_POLICY, image="reviewed")
def summary_resource_signed(image, hands):
    """Properly signed, for an image of another repository."""

    def change(statement):
        statement["predicate"]["resourceUri"] = "pkg:oci/other@sha256:" + "0" * 64 + "?repository_url=basalt%2Fother"

    restate(image, [SUMMARY], change, hands.verifier)
