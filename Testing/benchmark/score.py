"""How far a completed annotation is from the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, distance_to_polygon

# Standard deviation of a mark and of a contour's control point, each coordinate, mm (sub-03: 0.12).
JITTER_MM = 0.12
# A root's point farther off than this is corrected; one nearer to another root's than this, and than to its own, is on
# that root; one with high confidence is wrong beyond the last. Contours are wrong beyond a mean distance, mm.
CORRECTED_MM, ON_ANOTHER_MM, WRONG_MM, CONTOUR_WRONG_MM = 0.5, 0.5, 0.7, 0.4


@dataclass
class Scores:
    """What is proposed for one structure of one or several subjects; the lists run in step.

    Parameters
    ----------
    off : mm; of a root's point, or of a contour in the mean.
    confidence : 0..1, NaN where none is said.
    wrong : whether a root's point lies on another root.
    runs : lengths of the runs of slices on a wrong root.
    missing : slices between the marks without a proposal.
    above, below : of each root, slices beyond its true first and last one that are proposed with confidence above 0.5.
    short : of each root, slices between its marks and its true ends that are not proposed.
    onward : mm, off the truth of what is proposed beyond the marks, within the true ends.
    subjects : how many.
    """

    off: list[float] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    wrong: list[bool] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    missing: int = 0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    onward: list[float] = field(default_factory=list)
    subjects: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(
            self.off + other.off,
            self.confidence + other.confidence,
            self.wrong + other.wrong,
            self.runs + other.runs,
            self.missing + other.missing,
            self.above + other.above,
            self.below + other.below,
            self.short + other.short,
            self.onward + other.onward,
            self.subjects + other.subjects,
        )

    @property
    def corrections(self) -> float:
        """Points a subject that have to be corrected or made."""
        return (sum(each > CORRECTED_MM for each in self.off) + self.missing) / max(self.subjects, 1)


def root_scores(truth: Annotation, sparse: Annotation, found: Annotation) -> Scores:
    """Roots on the slices between their first and last mark that have none."""
    scores = Scores(subjects=1)
    course = {root: truth.root_by_slice(root) for root in truth.roots}
    for root, right in course.items():
        marked = set(sparse.root_by_slice(root))
        proposed = found.root_by_slice(root) if root in found.roots else {}
        record = found.provenance.structure(f"nerveroots_{root}").get("Points", {})
        _beyond(scores, right, marked, proposed, record)
        run = 0
        for number in range(min(marked) + 1, max(marked)):
            if number in marked or number not in right:
                continue
            if number not in proposed:
                scores.missing += 1
                continue
            off = float(np.linalg.norm(proposed[number] - right[number]))
            others = [each[number] for other, each in course.items() if other != root and number in each]
            nearest = min((float(np.linalg.norm(proposed[number] - each)) for each in others), default=np.inf)
            wrong = nearest < min(off, ON_ANOTHER_MM)
            scores.off.append(off)
            scores.wrong.append(wrong)
            scores.confidence.append(_confidence(record, number))
            if run and not wrong:
                scores.runs.append(run)
            run = run + 1 if wrong else 0
        if run:
            scores.runs.append(run)
    return scores


def _beyond(
    scores: Scores,
    right: Mapping[int, np.ndarray],
    marked: set[int],
    proposed: Mapping[int, np.ndarray],
    record: Mapping[str, Mapping[str, object]],
) -> None:
    """What is proposed beyond the first and the last mark."""
    sure = [number for number in proposed if number not in marked and not _confidence(record, number) <= 0.5]
    scores.above.append(max((min(right) - number for number in sure), default=0))
    scores.below.append(max((number - max(right) for number in sure), default=0))
    outside = [number for number in right if not min(marked) <= number <= max(marked)]
    scores.short.append(sum(number not in proposed for number in outside))
    scores.onward += [float(np.linalg.norm(proposed[n] - right[n])) for n in outside if n in proposed]


def contour_scores(truth: Annotation, sparse: Annotation, found: Annotation, structure: str) -> Scores:
    """Contours on the slices between the first and the last drawn one that have none."""
    scores = Scores(subjects=1)
    right = truth.contours_by_slice(structure)
    drawn = sparse.contours_by_slice(structure)
    proposed = found.contours_by_slice(structure)
    for number in range(min(drawn) + 1, max(drawn)):
        if number in drawn or number not in right:
            continue
        if number not in proposed:
            scores.missing += 1
            continue
        scores.off.append(contour_distance(right[number].curve(), proposed[number].points))
        record = found.provenance.structure(f"{structure}_{number}").get("Points", {})
        scores.confidence.append(_confidence(record, number))
    return scores


def contour_distance(truth: np.ndarray, points: np.ndarray) -> float:
    """Mean symmetric distance of a closed curve, (n, 3) dense, and the curve through control points, mm."""
    curve = closed_curve(points)
    both = np.concatenate([distance_to_polygon(truth, curve), distance_to_polygon(curve, truth)])
    return float(both.mean())


def total(scores: Iterable[Scores]) -> Scores:
    """Those of several subjects as one."""
    found = Scores()
    for each in scores:
        found = found + each
    return found


def _confidence(record: Mapping[str, Mapping[str, object]], number: int) -> float:
    value = record.get(str(number), {}).get("Confidence")
    return float(value) if isinstance(value, int | float) else float("nan")
