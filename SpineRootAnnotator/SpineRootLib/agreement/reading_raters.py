"""Reads the annotators of one subject together: whose work counts, under which label, and whether it may be shown."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.raters import CONSENSUS, TRUTH, Raters, share_planes
from SpineRootLib.agreement.repeat_links import link_repeats
from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, sidecar_path, subject_folder
from SpineRootLib.annotation_on_image import read_on_image
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.errors import DatasetError, GeometryError
from SpineRootLib.generated_annotation import is_as_generated
from SpineRootLib.naming import annotator_label
from SpineRootLib.translation import _

# the makers of annotations that hold proposals
_FROM_LABELS, _TRACE = "from-labels", "trace"


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
        if a folder holds nothing of the subject, an annotator is named twice or has no usable label, a link between
        repeats leads nowhere, the images differ, or somebody has not signed off.
    """
    read: dict[str, tuple[Annotation, Path]] = {}
    notes: list[str] = []
    programs: list[str] = []
    for folder in folders:
        annotation = read_on_image(folder, subject, ciss, segments)
        label = _unlike(rater_label(annotation, folder), annotation, folder, read)
        if is_program(annotation, folder):
            programs.append(label)
        marks, said = counted(label, annotation, folder)
        notes += said
        read[label] = marks, folder
    if truth is not None:
        known = read_on_image(truth, subject, ciss, segments)
        if _unlike(TRUTH, known, truth, read) != TRUTH:
            raise DatasetError(_("is called as the truth is: rename the folder"), read[TRUTH][1])
        read[TRUTH] = known, truth
    notes += link_repeats(read)
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


def is_program(annotation: Annotation, folder: Path) -> bool:
    """Whether what is marked is no person's: all of it came of label maps, and nobody has worked on it since."""
    return _is_of_program(annotation, folder, _FROM_LABELS) and confirmed_part(annotation).is_empty


def holds_program(folder: Path, subject: str) -> bool:
    """Whether `is_program` holds of what a folder has of a subject; an annotation is read only where that can be."""
    if not is_as_generated(subject_folder(folder, subject), subject, _FROM_LABELS):
        return False
    return is_program(read_annotation(folder, subject), folder)


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
    fault = _("{why}: {label}'s work is not shown beside another's before").format(why=why, label=label)
    raise DatasetError(fault, sidecar, _(" (--not-blind overrides)"))
