# SPDX-License-Identifier: Apache-2.0
"""Alterations of sigstore bundles, and evidence left out."""

import base64
import hashlib
import os

from catalogue import alteration
from image import BUNDLE, CYCLONEDX, NAME, PROVENANCE, SIGNATURE, SPDX
from image import Image, compact, envelope, flip_base64, statement_of

# The envelope of a bundle


def flip_payload(bundle, manifest):
    bundle["dsseEnvelope"]["payload"] = flip_base64(bundle["dsseEnvelope"]["payload"])


@alteration("cosign3-signature")
def signature_payload(image, hands):
    image.change_bundles(SIGNATURE, flip_payload)


@alteration("cosign3-provenance", "cosign3-policy")
def provenance_payload(image, hands):
    image.change_bundles(PROVENANCE, flip_payload)


@alteration("cosign3-spdx")
def spdx_payload(image, hands):
    image.change_bundles(SPDX, flip_payload)


@alteration("cosign3-cyclonedx")
def cyclonedx_payload(image, hands):
    image.change_bundles(CYCLONEDX, flip_payload)


@alteration("cosign3-signature")
def bundle_signature_byte(image, hands):
    def change(bundle, manifest):
        signature = bundle["dsseEnvelope"]["signatures"][0]
        signature["sig"] = flip_base64(signature["sig"])

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_by_another_key(image, hands):
    def change(bundle, manifest):
        bundle["dsseEnvelope"] = envelope(statement_of(bundle["dsseEnvelope"]), hands.foreign)

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature", "cosign3-verify", "cosign2-signature", "cosign2-platform", "skopeo")
def everything_by_another_key(image, hands):
    """The whole image's evidence made anew by somebody with a key of his own."""
    for entry, manifest in image.bundles():
        bundle = image.json(manifest["layers"][0]["digest"])
        bundle["dsseEnvelope"] = envelope(statement_of(bundle["dsseEnvelope"]), hands.foreign)
        manifest["layers"] = [image.add(compact(bundle), manifest["layers"][0])]
        image.replace(entry, manifest)

    def resign(manifest):
        layer = manifest["layers"][0]
        signature = base64.b64encode(hands.foreign.sign(image.read(layer["digest"]))).decode()
        layer["annotations"]["dev.cosignproject.cosign/signature"] = signature

    for digest in [image.root["digest"]] + [entry["digest"] for entry in image.index["manifests"]]:
        image.change_tag("sig", resign, digest)
        image.remove(lambda entry: entry["annotations"].get(NAME) == image.evidence_tag("att", digest))


@alteration("cosign3-signature")
def bundle_certificate(image, hands):
    """A certificate that somebody made for himself, in the place of the key."""

    def change(bundle, manifest):
        raw = base64.b64encode(hands.foreign.certificate()).decode()
        bundle["verificationMaterial"] = {"certificate": {"rawBytes": raw}}
        bundle["dsseEnvelope"] = envelope(statement_of(bundle["dsseEnvelope"]), hands.foreign)

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_of_another_image(image, hands):
    """A signature of the release before, replayed."""
    older = Image(hands.older)
    _, manifest = older.bundles(SIGNATURE, older.root["digest"])[0]
    replayed = older.json(manifest["layers"][0]["digest"])

    def change(bundle, manifest):
        bundle.clear()
        bundle.update(replayed)

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_statement_subject(image, hands):
    """Properly signed, about something else."""

    def change(bundle, manifest):
        statement = statement_of(bundle["dsseEnvelope"])
        statement["subject"][0]["digest"]["sha256"] = "0" * 64
        bundle["dsseEnvelope"] = envelope(statement, hands.release)

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-provenance")
def bundle_predicate_type(image, hands):
    """Properly signed, as a statement of another type."""

    def change(bundle, manifest):
        statement = statement_of(bundle["dsseEnvelope"])
        statement["predicateType"] = "https://example.org/other"
        bundle["dsseEnvelope"] = envelope(statement, hands.release)

    image.change_bundles(PROVENANCE, change)


@alteration()
def bundle_predicate_annotation(image, hands):
    def change(bundle, manifest):
        manifest["annotations"]["dev.sigstore.bundle.predicateType"] = "https://openvex.dev/ns"

    image.change_bundles(PROVENANCE, change)


@alteration("cosign3-signature")
def bundle_version(image, hands):
    """The format that came before, which asks for less."""

    def change(bundle, manifest):
        bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_message_signature(image, hands):
    """A signature over bytes, which says nothing of an image."""

    def change(bundle, manifest):
        message = hashlib.sha256(base64.b64decode(bundle["dsseEnvelope"]["payload"])).digest()
        bundle["messageSignature"] = {
            "messageDigest": {"algorithm": "SHA2_256", "digest": base64.b64encode(message).decode()},
            "signature": bundle.pop("dsseEnvelope")["signatures"][0]["sig"],
        }

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_payload_type(image, hands):
    def change(bundle, manifest):
        bundle["dsseEnvelope"]["payloadType"] = "application/json"

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_two_signatures(image, hands):
    def change(bundle, manifest):
        bundle["dsseEnvelope"]["signatures"] *= 2

    image.change_bundles(SIGNATURE, change)


@alteration()
def bundle_subject_size(image, hands):
    def change(bundle, manifest):
        manifest["subject"]["size"] += 1

    image.change_bundles(SIGNATURE, change)


@alteration("cosign3-signature")
def bundle_subject_digest(image, hands):
    """The signature made to refer to another manifest: it is not found any more."""

    def change(bundle, manifest):
        manifest["subject"] = {**manifest["subject"], "digest": image.index["manifests"][0]["digest"]}

    image.change_bundles(SIGNATURE, change)


# Leaving things out


@alteration("cosign3-signature")
def bundles_stripped(image, hands):
    image.remove(lambda entry: entry.get("artifactType") == BUNDLE)


def strip_tag(image, suffix, digest=None):
    tag = image.evidence_tag(suffix, digest)
    image.remove(lambda entry: entry.get("annotations", {}).get(NAME) == tag)


@alteration("cosign2-signature")
def legacy_signature_stripped(image, hands):
    strip_tag(image, "sig")


@alteration("cosign2-provenance", "cosign2-spdx", "cosign2-cyclonedx", "cosign2-policy")
def attestations_stripped(image, hands):
    strip_tag(image, "att")


@alteration("cosign3-provenance", "cosign3-policy")
def provenance_stripped(image, hands):
    stripped = [entry for entry, _ in image.bundles(PROVENANCE)]
    image.remove(lambda entry: entry in stripped)


@alteration("cosign2-platform", "skopeo")
def platform_signature_stripped(image, hands):
    strip_tag(image, "sig", image.index["manifests"][0]["digest"])


@alteration("cosign3-signature", "cosign2-signature", "cosign3-verify")
def platform_stripped(image, hands):
    index = image.index
    index["manifests"].pop()
    image.replace_index(index)


@alteration("skopeo-layout", layout_only=True)
def blob_missing(image, hands):
    os.unlink(image.path(image.index["manifests"][0]["digest"]))
