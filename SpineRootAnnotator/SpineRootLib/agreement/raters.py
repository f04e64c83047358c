"""The annotators of one subject on the same slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from SpineRootLib.agreement.corresponding_places import Marks, marks_of
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, SUPERNUMERARY, segment_level
from SpineRootLib.annotation import Annotation, planes_of
from SpineRootLib.annotation_on_image import told_of_reading
from SpineRootLib.errors import DatasetError, GeometryError
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

CONSENSUS, TRUTH = "consensus", "truth"
# slices found from hand-drawn contours are as right as this over their extent, mm
_PARALLEL_MM = 0.2
# half the distance of the closest CISS slices in use (1.8 mm): farther apart are other slices
_BESIDE_MM = 0.9


@dataclass(frozen=True, eq=False)
class Raters:
    """Two or more annotations of one subject on common slices.

    Parameters
    ----------
    annotations : by the annotator's label, in the order given.
    planes : the slices they share; None if only ganglia are marked and nothing tells the slices.
    notes : sentences on what could not be told of the images that they annotated, and on proposals.
    programs : those labels that are no person's: all that is marked there came of label maps.
    """

    subject: str
    annotations: Mapping[str, Annotation]
    planes: SlicePlanes | None
    segments: tuple[str, ...] = DEFAULT_SEGMENTS
    notes: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The annotators' labels."""
        return tuple(self.annotations)

    def people(self) -> Raters:
        """The annotators who are people: a program is measured beside them, and has no vote.

        Raises
        ------
        DatasetError
            if they are fewer than two.
        """
        if not self.programs:
            return self
        kept = {label: each for label, each in self.annotations.items() if label not in self.programs}
        if len(kept) < 2:
            fault = _("fewer than two people annotated sub-{subject}: {programs} came of label maps")
            raise DatasetError(fault.format(subject=self.subject, programs=_(" and ").join(self.programs)))
        return replace(self, annotations=kept, programs=())

    @cached_property
    def marks(self) -> dict[str, Marks]:
        """Every marked place of each annotator."""
        return {label: marks_of(annotation) for label, annotation in self.annotations.items()}

    def levels(self, label: str) -> tuple[str, ...]:
        """The levels of which an annotator marked a root or ganglion, cranial to caudal."""
        marked = {place.root.segment for place in self.marks[label] if place.root is not None}
        return tuple(sorted(marked, key=segment_level))

    def counted_otherwise(self) -> Iterator[str]:
        """Sentences that name levels which most people have not, and which some annotators marked and some did not."""
        for level in SUPERNUMERARY:
            with_it = [label for label in self.labels if level in self.levels(label)]
            without = [label for label in self.labels if label not in with_it]
            if with_it and without:
                line = _("{some} marked {level} and {others} did not: they count the levels differently")
                yield line.format(some=_(" and ").join(with_it), level=level, others=_(" and ").join(without))

    def missing(self) -> Iterator[str]:
        """What each annotator left out, who marked beside the slices, and who counts other levels, as sentences."""
        yield from self.counted_otherwise()
        for label, annotation in self.annotations.items():
            for phrase in annotation.missing():
                yield _("{label} marked {phrase}").format(label=label, phrase=phrase)
            away = self._off_plane(label)
            if away > _PARALLEL_MM:
                yield _("{label} marked {away:.1f} mm beside the slices that the annotators are compared on").format(
                    label=label, away=away
                )

    def warnings(self) -> Iterator[str]:
        """What reading found that decides the result, whose it is, and what could not be told of the images."""
        yield from self.notes
        for label, annotation in self.annotations.items():
            yield from (f"{label}: {sentence}" for sentence in told_of_reading(annotation))

    def _off_plane(self, label: str) -> float:
        """Median distance of what an annotator marked on CISS from the nearest slice, mm."""
        on_slices = [points for place, points in self.marks[label].items() if place.slice is not None]
        if self.planes is None or not on_slices:
            return 0.0
        return float(np.median(np.abs(self.planes.off_plane(np.concatenate(on_slices)))))


def share_planes(annotations: Mapping[str, Annotation], planes: SlicePlanes | None = None) -> Raters:
    """Annotations of one subject on the slices given, else recorded in a sidecar, else found from all of them.

    Raises
    ------
    GeometryError
        if nothing tells the slices, or the recorded ones are not those given.
    """
    first = next(iter(annotations.values()))
    for label, annotation in annotations.items():
        recorded = annotation.provenance.planes()
        if planes is not None and recorded is not None and not recorded.agrees_with(planes):
            raise GeometryError(
                _("{label} annotated sub-{subject} on an image with other slices than those given").format(
                    label=label, subject=first.subject
                )
            )
        planes = planes or recorded
    planes = planes or _common_planes(annotations)
    for annotation in annotations.values():
        annotation.planes = planes
        if annotation.roots or any(annotation.contours.values()):
            annotation.require_planes()
    return Raters(first.subject, annotations, planes, first.segments)


def _common_planes(annotations: Mapping[str, Annotation]) -> SlicePlanes | None:
    """Slices found from all annotations together; from the first where another lies beside its slices throughout,
    which pooled would look like slices in between."""
    found = planes_of(list(annotations.values()))
    own = [planes_of([annotation]) for annotation in annotations.values()]
    stacks = [each for each in own if each is not None]
    if len(stacks) < len(own):
        return found
    first = stacks[0]
    gaps = [_gap(first, stack) for stack in stacks]
    if all(gap is not None and gap <= _BESIDE_MM for gap in gaps) and max(gap or 0.0 for gap in gaps) > _PARALLEL_MM:
        tops = [int(first.number(stack.origin)[0]) for stack in stacks]
        count = max(top + stack.count for top, stack in zip(tops, stacks, strict=True)) - min(tops)
        return SlicePlanes.from_normal(first.lift([[0.0, 0.0]], min(tops))[0], first.down, first.spacing, count)
    if found is None:
        labels = " and ".join(annotations)
        raise GeometryError(
            _("{labels} marked no common slices: did they annotate different images?").format(labels=labels)
        )
    return found


def _gap(planes: SlicePlanes, other: SlicePlanes) -> float | None:
    """How far another stack lies from the nearest slices of a stack, mm; None where that is not the same throughout."""
    across = np.array([[-75.0, -75.0], [75.0, -75.0], [-75.0, 75.0], [75.0, 75.0]])
    ends = np.concatenate([other.lift(across, number) for number in (1, other.count)])
    gaps = planes.depth(ends) - np.repeat([0.0, (other.count - 1) * planes.spacing], len(across))
    if np.ptp(gaps) > _PARALLEL_MM:
        return None
    gap = float(gaps.mean())
    return abs(gap - round(gap / planes.spacing) * planes.spacing)
