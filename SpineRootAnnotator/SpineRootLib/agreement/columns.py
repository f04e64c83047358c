"""What the columns of the agreement's tables mean, as BIDS has it beside a table."""

from __future__ import annotations

from typing import Any

from SpineRootLib import __version__
from SpineRootLib.agreement.raters import Raters

_MM = "mm"
# column -> what it means, and its unit
_COLUMNS: dict[str, tuple[str, str | None]] = {
    "annotator_a": ("The first annotator", None),
    "annotator_b": ("The second annotator", None),
    "structure": ("nerveroots, ganglions, dura or cord", None),
    "segment": ("Spinal segment of the root or ganglion", None),
    "side": ("The subject's side, L or R", None),
    "slice": ("CISS slice from the head down, from 1; without image or sidecar from the highest contour", None),
    "n_matched": ("Slices that both annotators marked, or 1 for a ganglion", None),
    "n_only_a": ("Slices that only the first marked", None),
    "n_only_b": ("Slices that only the second marked", None),
    "distance_mm": ("Distance of the two points in 3D; of contours the mean symmetric distance of the curves", _MM),
    "hausdorff_mm": ("Largest distance of a point of either contour from the other", _MM),
    "dice": ("Overlap of the areas in the two contours: twice the shared over the sum", None),
    "mean_mm": ("Mean of distance_mm over the matched slices", _MM),
    "sd_mm": ("Standard deviation of the sample (n - 1)", _MM),
    "median_mm": ("Median", _MM),
    "p95_mm": ("95th percentile, interpolated linearly", _MM),
    "max_mm": ("Largest", _MM),
    "curve_mean_mm": (
        "Mean symmetric distance of the two lines through a root's points over the depth that both cover, whichever "
        "slices are marked; of contours the mean over the slices",
        _MM,
    ),
    "curve_hausdorff_mm": ("Largest distance of the same", _MM),
    "bias_right_mm": ("Mean shift from the first annotator to the second, to the subject's right in the slice", _MM),
    "bias_anterior_mm": ("The same to the subject's front", _MM),
    "bias_mm": ("Length of the mean shift in the slice", _MM),
    "only": ("The annotator who marked it", None),
    "x_mm": ("R of RAS, of contours the mean of the control points", _MM),
    "y_mm": ("A of RAS", _MM),
    "z_mm": ("S of RAS", _MM),
    "to_others_mm": ("Mean distance of the annotator from the others", _MM),
    "among_others_mm": ("Mean distance of the others from each other", _MM),
    "lies_on": ("The first annotator's name of the root or ganglion on which the second's lies", None),
    "first_slice": ("The first slice on which it does", None),
    "last_slice": ("The last slice on which it does", None),
    "n_slices": ("Slices on which it does; 0 for a ganglion", None),
    "n_shared": ("Slices on which both marked it, or 1 for a ganglion", None),
    "n_deciding": ("Of these, slices on which both roots are farther apart than the annotators differ", None),
    "own_mm": ("Mean distance from the first annotator's root of the same name", _MM),
    "other_mm": ("Mean distance from the first annotator's root on which it lies", _MM),
    "outlying": ("Whether the annotator is far more apart from the others than they from each other", None),
}


def described(raters: Raters) -> dict[str, Any]:
    """The document beside the tables: columns, who took part, and what made it."""
    columns = {
        name: {"Description": text, **({"Units": unit} if unit else {})} for name, (text, unit) in _COLUMNS.items()
    }
    signed = {label: annotation.provenance.document.get("SignOff") for label, annotation in raters.annotations.items()}
    return {
        **columns,
        "Annotators": [
            {"Annotator": label, "SignOff": sign_off, "Levels": list(raters.levels(label))}
            for label, sign_off in signed.items()
        ],
        "GeneratedBy": [{"Name": "SpineRoot", "Version": __version__}],
    }
