# SPDX-License-Identifier: Apache-2.0
"""Alterations of cosign's older form: `.sig` and `.att` tags."""

import json

from catalogue import alteration
from image import PROVENANCE, Image, compact, flip_base64

SIGNATURE = "dev.cosignproject.cosign/signature"


def manifests_of(image):
    """The index and the images in it: cosign looks at the one, containers/image at the others."""
    return [image.root["digest"]] + [entry["digest"] for entry in image.index["manifests"]]


def change_signatures(image, change):
    for digest in manifests_of(image):
        image.change_tag("sig", change, digest)


def change_payload(image, change):
    def altered(manifest):
        layer = manifest["layers"][0]
        payload = json.loads(image.read(layer["digest"]))
        change(payload["critical"])
        manifest["layers"] = [image.add(compact(payload), layer)]

    change_signatures(image, altered)


@alteration("cosign2-signature", "cosign2-platform", "skopeo")
def legacy_payload_repository(image, hands):
    def change(critical):
        critical["identity"]["docker-reference"] = "registry.example.org/other"

    change_payload(image, change)


@alteration("cosign2-signature", "cosign2-platform", "skopeo")
def legacy_payload_digest(image, hands):
    def change(critical):
        critical["image"]["docker-manifest-digest"] = "sha256:" + "0" * 64

    change_payload(image, change)


@alteration("cosign2-signature", "cosign2-platform", "skopeo")
def legacy_signature(image, hands):
    def change(manifest):
        annotations = manifest["layers"][0]["annotations"]
        annotations[SIGNATURE] = flip_base64(annotations[SIGNATURE])

    change_signatures(image, change)


def replay(image, other, digest, other_digest):
    """The signature of another manifest in the place of one's own."""
    layers = other.json(other.entry(other.evidence_tag("sig", other_digest))["digest"])["layers"]

    def change(manifest):
        manifest["layers"] = [image.add(other.read(layer["digest"]), layer) for layer in layers]

    image.change_tag("sig", change, digest)


@alteration("cosign2-signature", "cosign2-platform", "skopeo")
def legacy_of_another_image(image, hands):
    """The signatures of the release before."""
    older = Image(hands.older)
    for own, others in zip(manifests_of(image), manifests_of(older)):
        replay(image, older, own, others)


@alteration("cosign2-signature", "cosign2-platform", "skopeo")
def legacy_of_another_platform(image, hands):
    """Every signature that of the manifest after it."""
    original = Image(image.directory)
    digests = manifests_of(image)
    for own, others in zip(digests, digests[1:] + digests[:1]):
        replay(image, original, own, others)


def change_attestation(image, predicate_type, change):
    def altered(manifest):
        for position, layer in enumerate(manifest["layers"]):
            if layer["annotations"]["predicateType"] == predicate_type:
                envelope = image.json(layer["digest"])
                change(envelope)
                manifest["layers"][position] = image.add(compact(envelope), layer)

    image.change_tag("att", altered)


@alteration("cosign2-provenance", "cosign2-policy")
def legacy_attestation_payload(image, hands):
    def change(envelope):
        envelope["payload"] = flip_base64(envelope["payload"])

    change_attestation(image, PROVENANCE, change)


@alteration("cosign2-provenance", "cosign2-policy")
def legacy_attestation_signature(image, hands):
    def change(envelope):
        envelope["signatures"][0]["sig"] = flip_base64(envelope["signatures"][0]["sig"])

    change_attestation(image, PROVENANCE, change)


@alteration("cosign2-provenance")
def legacy_attestation_of_another_image(image, hands):
    older = Image(hands.older)
    layers = older.json(older.entry(older.evidence_tag("att"))["digest"])["layers"]
    replayed = next(layer for layer in layers if layer["annotations"]["predicateType"] == PROVENANCE)

    def change(envelope):
        envelope.clear()
        envelope.update(older.json(replayed["digest"]))

    change_attestation(image, PROVENANCE, change)


@alteration()
def legacy_predicate_annotation(image, hands):
    def change(manifest):
        for layer in manifest["layers"]:
            if layer["annotations"]["predicateType"] == PROVENANCE:
                layer["annotations"]["predicateType"] = "https://openvex.dev/ns"

    image.change_tag("att", change)
