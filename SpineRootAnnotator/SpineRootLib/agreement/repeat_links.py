"""Links between an annotator's annotations of one subject: the first, and repeats of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset_settings import repeat_of
from SpineRootLib.errors import DatasetError
from SpineRootLib.translation import _


def link_repeats(read: Mapping[str, tuple[Annotation, Path]]) -> list[str]:
    """Complete the links that the sidecars do not have by those of the dataset's settings.

    Parameters
    ----------
    read : by label the annotation and the folder that it was read from.

    Returns
    -------
    sentences on links to annotations that are not compared.

    Raises
    ------
    DatasetError
        if the sidecar and the dataset name different annotations, or links lead back to where they begin.
    """
    linked: dict[str, str] = {}
    for label, (annotation, folder) in read.items():
        asked = repeat_of(_derivatives(folder), label)
        stated = annotation.provenance.repeat_of
        if asked is not None and stated not in (None, asked):
            fault = _("is a repeat of {stated}, says its sidecar, and of {asked}, say the dataset's settings")
            raise DatasetError(fault.format(stated=stated, asked=asked), folder)
        of = stated or asked
        if of is not None and of not in read:
            of = _beyond(_derivatives(folder), of, read)
        if of is not None:
            linked[label] = annotation.provenance.document["RepeatOf"] = of
    for label in linked:
        _check_ends(label, linked, read[label][1])
    return list(_of_absent(linked, read))


def first_of(linked: Mapping[str, str], label: str) -> str:
    """The annotation that a chain of repeats begins with; one that leads back ends where it would do so."""
    seen = {label}
    while linked.get(label, label) not in seen:
        label = linked[label]
        seen.add(label)
    return label


def _of_absent(linked: Mapping[str, str], read: Mapping[str, tuple[Annotation, Path]]) -> Iterator[str]:
    """Sentences on annotators who repeat one that is not compared."""
    counted: dict[str, str] = {}
    for label in linked:
        first = first_of(linked, label)
        if first in read:
            continue
        if counted.setdefault(first, label) == label:
            text = _("{label} is a repeat of {of}, who is not compared: it counts as an annotator's first annotation")
        else:
            text = _("{label} is a repeat of {of}, who is not compared: it is compared with {other} as a repeat")
        yield text.format(label=label, of=first, other=counted[first])


def _beyond(derivatives: Path, absent: str, read: Mapping[str, tuple[Annotation, Path]]) -> str:
    """Whom an annotation that is not compared repeats, as the dataset's settings link them; itself if it is none."""
    seen = {absent}
    while absent not in read and (of := repeat_of(derivatives, absent)) is not None and of not in seen:
        seen.add(absent := of)
    return absent


def _check_ends(label: str, linked: Mapping[str, str], folder: Path) -> None:
    seen = [label]
    while seen[-1] in linked:
        seen.append(linked[seen[-1]])
        if seen[-1] in seen[:-1]:
            fault = _("is a repeat of itself: RepeatOf leads from {path}").format(path=_(" to ").join(seen))
            raise DatasetError(fault, folder)


def _derivatives(markers: Path) -> Path:
    """The folder in which an annotator's folder lies, whichever of its own was named."""
    resolved = markers.resolve()
    for prefix in ("ses-", "sub-", "sub_"):
        resolved = resolved.parent if resolved.name.startswith(prefix) else resolved
    return resolved.parent
