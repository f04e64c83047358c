"""What the columns of the agreement's tables mean, as BIDS has it beside a table."""

from __future__ import annotations

from typing import Any

from SpineRootLib.agreement.marked_places import repeats
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.tables import Meaning, data_dictionary

_MM = "mm"
# of the columns of all tables of agreement and consensus
MEANINGS: dict[str, Meaning] = {
    "annotator": ("The annotator", None),
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
    "lies_on": ("The root or ganglion, in the first annotator's names or the truth's, on which the mark lies", None),
    "first_slice": ("The first slice on which it does", None),
    "last_slice": ("The last slice on which it does", None),
    "n_slices": ("Slices on which it does; 0 for a ganglion", None),
    "n_shared": ("Slices on which both marked it, or 1 for a ganglion", None),
    "n_deciding": ("Of these, slices on which both roots are farther apart than the annotators differ", None),
    "own_mm": ("Mean distance from the first annotator's root of the same name", _MM),
    "other_mm": ("Mean distance from the first annotator's root on which it lies", _MM),
    "outlying": ("Whether the annotator is far more apart from the others than they from each other", None),
    "rank": ("Place in the list; what matters most comes first", None),
    "kind": (
        "apart: farther apart than the limit of discussion; single: not everybody marked it; flagged: somebody set a "
        "flag; outdated: settled for marks that have changed since; exchange: names of roots that look exchanged",
        None,
    ),
    "size_mm": ("Largest distance between two annotators; of contours between the curves", _MM),
    "needs_resolution": ("Whether it must be settled before it is averaged: yes or no", None),
    "annotators": ("Who marked it", None),
    "said": ("What each annotator marked: R, A, S in mm of a point, the number of control points of a contour", None),
    "flags": ("Each annotator's flags and remark", None),
    "resolution": ("How it was settled", None),
    "times_usual": ("How many times as large as the usual distance of such places", None),
    "score": ("Hits in per cent of all there is to mark and all that is marked beside it", None),
    "n_truth": ("Places of the truth", None),
    "n_hit": ("Places near enough to the truth", None),
    "n_off": ("Places too far from it", None),
    "n_wrong_root": ("Places too far from it that lie on another root", None),
    "n_missed": ("Places of the truth that are not marked", None),
    "n_extra": ("Marks where there is nothing", None),
    "mistake": ("off, wrong-root, missed or extra, as they are counted in the score", None),
    "participant_id": ("Label of the subject", None),
    "n_subjects": ("Subjects with two or more annotators who marked it", None),
    "n_only_one": ("Places that only one of two annotators marked, over all subjects and pairs", None),
    "min_mm": ("Smallest of the subjects' means", _MM),
}
# of the figures with their intervals, and of the marks that they rest on
OF_FIGURES: dict[str, Meaning] = {
    "repeat_of": ("The annotation of the same annotator that this one repeats", None),
    "marked_by": ("How many annotators marked the place", None),
    "right_mm": ("From the mean of all who marked the place to the right in the slice; of contours of centres", _MM),
    "anterior_mm": ("The same to the front", _MM),
    "inferior_mm": ("The same towards the feet", _MM),
    "from_dura_right_mm": ("The mean of all who marked the place from the dura's centre on the slice, right", _MM),
    "from_dura_anterior_mm": ("The same to the front", _MM),
    "aided": ("1 where a proposal was shown, 0 where none was, on purpose", None),
    "from_proposal_mm": ("Distance of a point from what was, or would have been, proposed there", _MM),
    "annotators": ("Who is compared", None),
    "comparison": (
        "reproducibility: of different annotators; repeatability: of one annotator's repeats; program: with a program, "
        "whose marks all come of label maps",
        None,
    ),
    "axis": ("right, anterior, inferior; distance; slice: both axes of it; of marked_by_both the part of a root", None),
    "figure": ("What is told; see Levels", None),
    "value": ("The figure, in its unit", None),
    "low": ("Lower end of the 95 % confidence interval", None),
    "high": ("Upper end", None),
    "unit": ("Unit of the figure", None),
    "n_subjects": ("Subjects that it rests on", None),
    "n_places": ("Places that it rests on", None),
    "n_effective": ("How many independent values tell as much of the mean (Faes et al. 2009)", None),
    "method": ("How the interval was found", None),
    "why_missing": ("Why there is no value or no interval, or what it does not hold for", None),
}
# of the cohort's summary, where these are said of the subjects
OF_SUBJECTS: dict[str, Meaning] = {
    "n_matched": ("Places that both annotators marked, over all subjects and pairs", None),
    "mean_mm": ("Mean of the subjects' mean distances", _MM),
    "sd_mm": ("Standard deviation between subjects (n - 1)", _MM),
    "median_mm": ("Median of the subjects' mean distances", _MM),
    "max_mm": ("Largest of them", _MM),
}


def described(raters: Raters) -> dict[str, Any]:
    """The document beside the subject's table: all columns, who took part, and what made it."""
    signed = {label: annotation.provenance.document.get("SignOff") for label, annotation in raters.annotations.items()}
    every, of = {**OF_FIGURES, **MEANINGS}, repeats(raters)
    return {
        **data_dictionary(every, every),
        "Annotators": [
            {
                **{"Annotator": label, "SignOff": sign_off, "Levels": list(raters.levels(label))},
                **({"Program": True} if label in raters.programs else {}),
                **({"RepeatOf": of[label]} if label in of else {}),
            }
            for label, sign_off in signed.items()
        ],
    }
