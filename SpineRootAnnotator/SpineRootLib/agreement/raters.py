"""The annotators of one subject, read together and brought onto the same slices."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.agreement.corresponding_places import Marks, marks_of
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, SUPERNUMERARY, segment_level
from SpineRootLib.annotation import Annotation, planes_of
from SpineRootLib.annotation_files import sidecar_path, subject_folder
from SpineRootLib.annotation_on_image import read_on_image, told_of_reading
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.errors import DatasetError, GeometryError
from SpineRootLib.generated_annotation import is_as_generated
from SpineRootLib.naming import annotator_label
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

# the makers of annotations that hold proposals
_FROM_LABELS, _TRACE = "from-labels", "trace"
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


def read_raters(
    folders: Sequence[Path],
    subject: str,
    ciss: Path | None = None,
    segments: Sequence[str] = DEFAULT_SEGMENTS,
    blind: bool = True,
    truth: Path | None = None,
) -> Raters:
    """Read what several annotators marked in a subject.

    Parameters
    ----------
    folders : each annotator's markups.
    ciss : the CISS image, for its slices; by default they are what the sidecars record, else found from all contours
        together.
    blind : whether each annotator must have signed off the subject before the work is shown beside another's. The
        consensus (a folder ``markers``, or one that says so in its sidecar) needs none, nor does what a program made of
        label maps; a folder without a sidecar has no sign-off.
    truth : the folder of a known truth, which is no annotator's and comes last.

    Raises
    ------
    SpineRootError
        if a folder holds nothing of the subject, an annotator is named twice or has no usable label, the images
        differ, or somebody has not signed off.
    """
    read: dict[str, tuple[Annotation, Path]] = {}
    notes: list[str] = []
    programs: list[str] = []
    for folder in folders:
        annotation = read_on_image(folder, subject, ciss, segments)
        label = _unlike(rater_label(annotation, folder), annotation, folder, read)
        if _is_of_program(annotation, folder, _FROM_LABELS) and confirmed_part(annotation).is_empty:
            programs.append(label)
        marks, said = counted(label, annotation, folder)
        notes += said
        read[label] = marks, folder
    if truth is not None:
        known = read_on_image(truth, subject, ciss, segments)
        if _unlike(TRUTH, known, truth, read) != TRUTH:
            raise DatasetError(_("is called as the truth is: rename the folder"), read[TRUTH][1])
        read[TRUTH] = known, truth
    for (label, (annotation, folder)), (other, (second, _folder)) in itertools.combinations(read.items(), 2):
        notes += _image_notes((label, annotation), (other, second), folder)
    if blind:
        for label, (annotation, folder) in read.items():
            # a truth is nobody's work, unless it says whose
            is_work = label != TRUTH or annotation.provenance.annotator is not None
            if is_work and label not in programs:
                _check_signed_off(annotation.provenance.annotator or label, annotation, folder)
    annotations = {label: annotation for label, (annotation, _folder) in read.items()}
    planes = None if ciss is None else next(iter(annotations.values())).planes
    return replace(share_planes(annotations, planes), notes=tuple(notes), programs=tuple(programs))


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


def _is_of_program(annotation: Annotation, folder: Path, *makers: str) -> bool:
    """Whether a program's proposals are in a folder as it made them: nobody has worked on them since."""
    where = subject_folder(folder, annotation.subject)
    return bool(annotation.provenance.proposed) and is_as_generated(where, annotation.subject, *makers)


def counted(label: str, annotation: Annotation, folder: Path) -> tuple[Annotation, list[str]]:
    """What counts as an annotator's marks, and a sentence on proposals among them that nobody confirmed.

    Of a person's work it is what that person confirmed; what a program made as a whole counts as it is.

    Raises
    ------
    DatasetError
        if nothing counts.
    """
    count = annotation.provenance.proposed
    if not count:
        return annotation, []
    if _is_of_program(annotation, folder, _FROM_LABELS, _TRACE):
        text = _("{label}: {count} of the marks are a program's proposals, which nobody has confirmed")
        return annotation, [text.format(label=label, count=count)]
    confirmed = confirmed_part(annotation)
    if confirmed.is_empty:
        fault = _("holds proposals alone, and none that {label} has confirmed").format(label=label)
        raise DatasetError(fault, subject_folder(folder, annotation.subject))
    text = _("{label}: {count} proposals that nobody has confirmed are left out")
    return confirmed, [text.format(label=label, count=count)]


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


def rater_label(annotation: Annotation, folder: Path) -> str:
    """Who annotated: as the sidecar says, else from a folder ``markers-A``, else the folder's name.

    Raises
    ------
    DatasetError
        if that is no label of letters and digits.
    """
    if is_consensus(annotation, folder):
        return CONSENSUS
    name = _own_name(folder).removeprefix("markers-")
    try:
        return annotator_label(annotation.annotator or re.sub(r"[-_. ]", "", name) or name)
    except DatasetError as error:
        raise DatasetError(error.fault, folder) from None


def _unlike(label: str, annotation: Annotation, folder: Path, read: Mapping[str, tuple[Annotation, Path]]) -> str:
    """The label, numbered where another folder that does not say who annotated is called the same.

    Raises
    ------
    DatasetError
        if the annotator, or the folder, was given already.
    """
    for other, (_annotation, given) in read.items():
        if given.resolve() == folder.resolve() or (other == label and annotation.annotator is not None):
            raise DatasetError(
                _("is annotator {other} again, who was given already as {given}").format(other=other, given=given),
                folder,
            )
    numbered = (f"{label}{number}" for number in itertools.count(2))
    return label if label not in read else next(name for name in numbered if name not in read)


def is_consensus(annotation: Annotation, folder: Path) -> bool:
    """Whether a folder holds the agreed annotation, not one annotator's: it says so, or is called ``markers``."""
    named = annotation.annotator is None and _own_name(folder) == "markers"
    return named or annotation.provenance.is_consensus


def _own_name(folder: Path) -> str:
    resolved = folder.resolve()
    for own in (r"ses-\w+", r"sub[-_]\w+"):
        resolved = resolved.parent if re.fullmatch(own, resolved.name) else resolved
    return resolved.name


def _image_notes(one: tuple[str, Annotation], two: tuple[str, Annotation], folder: Path) -> Iterator[str]:
    """See that two annotators, each with a label, annotated the same images; what the records leave open is said.

    Raises
    ------
    GeometryError
        if they did not.
    """
    # SimpleITK takes a while to import, and most runs need no image
    from SpineRootLib.image_identity import difference, has_grid, is_certain

    (label, mine), (other, theirs) = ((each[0], _images(each[1])) for each in (one, two))
    for name in sorted(mine.keys() & theirs.keys()):
        records = theirs[name], mine[name]
        certain, placed = is_certain(*records), all(has_grid(each) for each in records)
        how = difference(*records, called=f"{other}'s") if placed else ""
        if how or not (certain or placed or None in [each.get("SHA256") for each in records]):
            what = f"{label}'s {how}" if how else _("their SHA-256 differ, and nothing tells their size and position")
            fault = _("{label} and {other} annotated different {name} images: {what}")
            raise GeometryError(fault.format(label=label, other=other, name=name, what=what), folder)
        if placed and not certain and None not in [each.get("SHA256") for each in records]:
            note = _(
                "{label} and {other} annotated different files of the {name} image (SHA-256), of the same size and"
                " position: they are taken for the same image, compressed again"
            )
            yield note.format(label=label, other=other, name=name)


def _images(annotation: Annotation) -> dict[str, dict[str, Any]]:
    images = annotation.provenance.document.get("Images", {})
    return {name: image for name, image in images.items() if isinstance(image, dict)}


def _check_signed_off(label: str, annotation: Annotation, folder: Path) -> None:
    if annotation.provenance.signed_off or is_consensus(annotation, folder):
        return
    sidecar = sidecar_path(subject_folder(folder, annotation.subject), annotation.subject)
    why = _("is missing, so nothing says that it is signed off")
    if sidecar.exists():
        why = _("has no sign-off")
    fault = _("{why}: {label}'s work is not shown beside another's before (--not-blind overrides)").format(
        why=why, label=label
    )
    raise DatasetError(fault, sidecar)
