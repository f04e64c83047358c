"""A published tree becomes a clean dataset: the images as they are, the annotations under strict names, all told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from SpineRootLib.adoption.changes import COLUMNS, Change, changes_of, drop_duplicates
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import labels_of, subject_folder
from SpineRootLib.annotation_on_image import read_on_image, require_own_image
from SpineRootLib.atomic import replacing
from SpineRootLib.clock import now
from SpineRootLib.dataset import IMAGES, Dataset
from SpineRootLib.dataset_description import describe_raw, write_description
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.generated_annotation import write_generated
from SpineRootLib.naming import subject_path
from SpineRootLib.progress import Progress, report
from SpineRootLib.tables import write_described

# what a dataset says of itself; of a published one it goes along
_ABOUT = ("README*", "LICENSE*", "CHANGES*", "CITATION.cff", "dataset_description.json", "participants.*")
_MAKER = "adopt"


@dataclass
class Adopted:
    """What was taken over.

    Parameters
    ----------
    subjects : the labels, each once, of those whose annotations were written.
    failed : by the folder and label of each that could not be read why.
    passed_over : folders of derivatives that were not taken.
    kept : folders in which what lay in the new dataset before is kept.
    """

    subjects: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)


def adopt(
    tree: Path,
    out: Path,
    segments: Sequence[str],
    link: bool = False,
    accept_image: bool = False,
    progress: Progress | None = None,
) -> Adopted:
    """Make a clean dataset of a published one, which stays as it is.

    No point is moved: what is different is how files are named and numbered, how points are labelled and ordered, and
    each such change is in the table beside the subject's files.

    Parameters
    ----------
    tree : a dataset, or a folder of markups alone.
    out : the new dataset; what somebody marked there before is kept.
    link : link images instead of copying them.
    accept_image : take an image though what is marked does not lie on what it shows.

    Raises
    ------
    DatasetError
        if there is nothing to adopt, or `out` lies in the tree, or the tree in `out`.
    """
    source, target = Dataset(tree), Dataset(out)
    _check_apart(tree, out)
    folders = _markers_of(source)
    found = Adopted(passed_over=_other_derivatives(source))
    marked = [(folder, label) for folder in folders for label in sorted(labels_of(folder))]
    if not marked:
        raise DatasetError("holds no markups that could be adopted", tree)
    found.files += _take_images(source, target, link, progress)
    for number, (folder, label) in enumerate(marked):
        report(progress, 0.5 + 0.5 * number / len(marked), f"{folder.name} sub-{label}")
        try:
            _take_subject(source, target, folder, label, segments, accept_image, found)
        except SpineRootError as error:
            found.failed[f"{folder.name}, sub-{label}"] = str(error)
    report(progress, 1.0, "adopted")
    return found


def _take_subject(
    source: Dataset,
    target: Dataset,
    folder: Path,
    label: str,
    segments: Sequence[str],
    accept_image: bool,
    found: Adopted,
) -> None:
    """Write one subject's annotation anew, with the table of what is different, and describe the dataset."""
    # of a bare folder of markups nothing tells an image
    image = source.image(label, "CISS") if folder.parent == source.derivatives else None
    annotation = read_on_image(folder, label, image, segments)
    require_own_image(annotation, accept_image)
    changes = changes_of(subject_folder(folder, label), annotation)
    drop_duplicates(annotation)
    _record(annotation, folder, image)
    markers = target.derivatives / (folder.name if folder.parent == source.derivatives else "markers")
    made = write_generated(markers, annotation, _MAKER, durable=False)
    table = subject_path(markers, label) / f"sub-{label}_adopted.tsv"
    found.files += [*made.files, *write_described(table, tuple(COLUMNS), (each.row() for each in changes), COLUMNS)]
    found.files.append(write_description(markers, f"Annotations, adopted from {folder.name}", images=target.rawdata))
    found.kept += [] if made.kept is None else [made.kept]
    found.changes += changes
    found.subjects += [] if label in found.subjects else [label]


def _record(annotation: Annotation, folder: Path, image: Path | None) -> None:
    """Say in the sidecar where the annotation comes from and on which image it was made."""
    document = annotation.provenance.document
    document["Adopted"] = {"From": folder.name, "Date": now()}
    if image is not None:
        from SpineRootLib.images import describe_image

        document.setdefault("Images", {}).setdefault("CISS", describe_image(image))


def _take_images(source: Dataset, target: Dataset, link: bool, progress: Progress | None) -> list[Path]:
    """Copy or link the images, what lies beside them, and what the dataset says of itself; the files that are new."""
    raw = target.root / "rawdata"
    pairs = [
        (path, place / path.name)
        for folder, place in dict.fromkeys(((source.root, target.root), (source.rawdata, raw)))
        for pattern in _ABOUT
        for path in sorted(folder.glob(pattern))
    ]
    for label in source.subjects():
        for image in IMAGES:
            for path in source.image_files(label, image):
                place = subject_path(raw, label) / "anat"
                beside = path.parent.glob(f"{path.name.removesuffix('.gz').removesuffix('.nii')}.*")
                pairs += [(each, place / each.name) for each in sorted(beside)]
    _check_same_images(pairs)
    new = [(path, place) for path, place in pairs if path.is_file() and not place.exists()]
    for number, (path, place) in enumerate(new):
        report(progress, 0.5 * number / len(new), path.name)
        _take(path, place, link and ".nii" in path.suffixes)
    named = describe_raw(target.root, raw, source.root.resolve().name) if source.subjects() else []
    return [*(place for _path, place in new), *named]


def _take(path: Path, place: Path, link: bool) -> None:
    """Link a file, or copy it so that no half of it is left under its name."""
    if not link:
        with replacing(place, durable=False) as temporary:
            shutil.copyfile(path, temporary)
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.path.relpath(path.resolve(), place.parent.resolve()))
    except OSError as error:
        raise DatasetError(f"cannot be written ({error.strerror})", place) from error


def _check_same_images(pairs: Sequence[tuple[Path, Path]]) -> None:
    """See that images which lie in the new dataset are the published ones: the annotations will be said to be on those.

    Raises
    ------
    DatasetError
        if one is not.
    """
    from SpineRootLib.images import sha256

    for path, place in pairs:
        both = ".nii" in path.suffixes and path.is_file() and place.is_file() and not place.samefile(path)
        if both and sha256(path) != sha256(place):
            raise DatasetError("differs from the published one: move it away first", place)


def _markers_of(source: Dataset) -> list[Path]:
    """The folders of markups: those in ``derivatives``, else the folder itself."""
    if not source.root.is_dir():
        raise DatasetError("there is no such folder", source.root)
    annotators = [None, *source.annotators()]
    found = [folder for folder in map(source.markers, annotators) if folder.is_dir()]
    return found or [source.root]


def _other_derivatives(source: Dataset) -> list[str]:
    """What is made from annotations, and so is made anew."""
    folders = source.derivatives.iterdir() if source.derivatives.is_dir() else []
    return sorted(each.name for each in folders if each.is_dir() and not each.name.startswith("markers"))


def _check_apart(tree: Path, out: Path) -> None:
    for inner, outer in ((tree, out), (out, tree)):
        if inner.resolve().is_relative_to(outer.resolve()):
            fault = f"and {tree} lie in each other: the published tree stays as it is, choose another folder"
            raise DatasetError(fault, out)
