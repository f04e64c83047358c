"""Links between an annotator's annotations of one subject: the first, and repeats of it."""

from __future__ import annotations

from collections.abc import Mapping
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
        if of is not None:
            linked[label] = annotation.provenance.document["RepeatOf"] = of
    for label in linked:
        _check_ends(label, linked, read[label][1])
    text = _("{label} is a repeat of {of}, who is not compared: it counts as an annotator's first annotation")
    return [text.format(label=label, of=of) for label, of in linked.items() if of not in read]


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
