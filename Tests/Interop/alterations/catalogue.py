# SPDX-License-Identifier: Apache-2.0
"""What somebody could do to an image who can write to its registry, or who holds a key for something else.

Each alteration names the checks of other projects' programs that must refuse it; `scenarios/alterations` says what a check
runs. `basalt verify` must refuse every one. A check that is not named does not look at what was altered.
"""

ALTERATIONS = {}


def alteration(*refused_by, layout_only=False, image="small"):
    """Registers a function of the image to alter and of the hands that do it.

    layout_only: a registry would not take it, because it checks digests itself.
    image: which of the scenario's images is altered.
    """

    def register(function):
        function.refused_by = refused_by
        function.layout_only = layout_only
        function.image = image
        ALTERATIONS[function.__name__.replace("_", "-")] = function
        return function

    return register
