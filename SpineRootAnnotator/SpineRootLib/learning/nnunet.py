"""A cohort as an nnU-Net v2 raw data set, split by people, with what it was made from."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from SpineRootLib import __version__
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_on_image import require_own_image
from SpineRootLib.atomic import replacing, write_text
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.images import Image, read_frame, read_image, sha256, write_image
from SpineRootLib.labels import LabelSettings, label_map
from SpineRootLib.learning.label_numbers import EACH_ROOT, LabelNumbers
from SpineRootLib.learning.splits import FOLDS, HELD_OUT_SHARE, cross_validation, folds, is_held_out
from SpineRootLib.planes import slice_axis
from SpineRootLib.progress import Progress, report
from SpineRootLib.tables import Meaning, read_table, write_described
from SpineRootLib.translation import _

IGNORE = "ignore"
TRAINING, HELD_OUT = "training", "held-out"
ENDING = ".nii.gz"
_FOLDERS = {TRAINING: ("imagesTr", "labelsTr"), HELD_OUT: ("imagesTs", "labelsTs")}
_CASES = "cases.tsv"
# in dataset.json while the folder is being filled: the cases that may lie in it
_UNFINISHED = "Unfinished"
# nnU-Net chooses by this word how it normalizes a channel; all others are normalized by mean and deviation
COLUMNS: dict[str, Meaning] = {
    "case": ("The name that its files begin with", None),
    "subject": ("Participant's label, with the session's if there are several", None),
    "set": ("training, or held-out: never to be learnt from", None),
    "fold": ("Which part of the training set it validates in", None),
    "annotator": ("Whose annotation it is", None),
    "image": ("File of the CISS image", None),
    "image_sha256": ("SHA-256 of that file", None),
    "second_image": ("File of the T2-TSE image, the second channel", None),
    "proposals_left_out": ("Marks that are proposals nobody confirmed, and are no labels", None),
    "ignored_slices": ("Slices without a contour of the dura, which nnU-Net is to ignore", None),
}


@dataclass(frozen=True)
class ExportSettings:
    """How a cohort is exported.

    Parameters
    ----------
    annotator : whose annotations; None for the consensus, or where there is none for the subject's only annotator.
    segments : the levels that have labels.
    told_apart : whether each root has a label, each level, or all roots the same one.
    second_channel : whether T2-TSE, resampled to the voxels of CISS, is a second channel.
    held_out : share of people kept for testing.
    fold_count : parts of the training set for cross-validation.
    labels : how label maps are made.
    accept_image : whether an image is taken though what is marked does not lie on what it shows.
    """

    annotator: str | None = None
    segments: tuple[str, ...] = DEFAULT_SEGMENTS
    told_apart: str = EACH_ROOT
    second_channel: bool = False
    held_out: float = HELD_OUT_SHARE
    fold_count: int = FOLDS
    labels: LabelSettings = field(default_factory=LabelSettings)
    accept_image: bool = False


@dataclass
class Exported:
    """What was written.

    Parameters
    ----------
    cases : the rows of the table of cases.
    notes : sentences on who was left out and why.
    """

    cases: list[dict[str, Any]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[str]:
        """The subjects of the training or the held-out set."""
        return [str(case["subject"]) for case in self.cases if case["set"] == kind]


def export_cohort(
    dataset: Dataset,
    out: Path,
    subjects: Sequence[str],
    settings: ExportSettings | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write ``imagesTr labelsTr imagesTs labelsTs dataset.json splits_final.json cases.tsv`` into a folder.

    A subject without a CISS image or an annotation is left out, and said to be. What an earlier run wrote for a
    subject that is no longer there is removed.

    Raises
    ------
    SpineRootError
        if no subject is left, the folder holds another data set, or an annotation or image cannot be read.
    """
    settings = settings or ExportSettings()
    _check_free(out)
    numbers = LabelNumbers.consecutive(settings.segments, settings.told_apart)
    whose = {subject: _whose(dataset, subject, settings.annotator) for subject in subjects}
    earlier = _earlier_cases(out)
    begin = cache(lambda: _begin(out, [*earlier, *(f"sub-{subject}" for subject in subjects)]))
    exported = Exported()
    for rank, (subject, who) in enumerate(whose.items()):
        report(progress, rank / len(subjects), f"sub-{subject}")
        _export(dataset, out, subject, who, settings, numbers, exported, begin)
    if not exported.cases:
        raise DatasetError(_("holds no subject with a CISS image and an annotation"), dataset.root)
    _put_into_folds(exported, settings.fold_count)
    _remove_outdated(out, earlier, exported)
    exported.files += _write_documents(out, dataset, settings, numbers, exported)
    report(progress, 1.0, "exported")
    return exported


def _export(
    dataset: Dataset,
    out: Path,
    subject: str,
    who: tuple[str | None] | None,
    settings: ExportSettings,
    numbers: LabelNumbers,
    exported: Exported,
    begin: Callable[[], object],
) -> None:
    """Write one subject's files; `begin` is called before the first of them."""
    images = dataset.images(subject)
    second = images.get("T2TSE") if settings.second_channel else None
    lacking = _("no CISS image") if "CISS" not in images else _("no annotation") if who is None else ""
    if settings.second_channel and second is None:
        lacking = lacking or _("no T2-TSE image")
    if lacking or who is None:
        text = _("sub-{subject} is left out: {lacking}")
        exported.notes.append(text.format(subject=subject, lacking=lacking))
        return
    annotation = dataset.read(subject, who[0], settings.segments)
    require_own_image(annotation, settings.accept_image)
    proposals, confirmed = annotation.provenance.proposed, confirmed_part(annotation)
    if confirmed.is_empty:
        text = _("sub-{subject} is left out: nobody has confirmed any of its {count} proposals")
        exported.notes.append(text.format(subject=subject, count=proposals))
        return
    kind = HELD_OUT if is_held_out(subject, settings.held_out) else TRAINING
    case, (image_folder, label_folder) = f"sub-{subject}", _FOLDERS[kind]
    frame = read_frame(images["CISS"])
    labels, ignored = _labels(frame, confirmed, settings.labels, numbers)
    begin()
    exported.files.append(write_image(out / label_folder / f"{case}{ENDING}", Image(labels, frame.affine)))
    exported.files.append(_copied(images["CISS"], out / image_folder / f"{case}_0000{ENDING}"))
    if second is not None:
        resampled = _on_voxels_of(frame, read_image(second))
        exported.files.append(write_image(out / image_folder / f"{case}_0001{ENDING}", resampled))
    exported.cases.append(
        {
            "case": case,
            "subject": subject,
            "set": kind,
            "annotator": who[0] or "consensus",
            "image": images["CISS"].name,
            "image_sha256": sha256(images["CISS"]),
            "second_image": None if second is None else second.name,
            "proposals_left_out": proposals,
            "ignored_slices": ignored,
        }
    )


def _whose(dataset: Dataset, subject: str, annotator: str | None) -> tuple[str | None] | None:
    """Whose annotation is exported, (None,) for the consensus; None where there is none."""
    if annotator is not None or dataset.is_annotated(subject):
        return (annotator,) if dataset.is_annotated(subject, annotator) else None
    only = dataset.annotators(subject)
    if len(only) > 1:
        fault = _("sub-{subject} was annotated by {labels}").format(subject=subject, labels=_(" and ").join(only))
        make = _("make their consensus")
        raise DatasetError(fault, dataset.root, f": {make}" + _(", or choose one with --annotator"), make)
    return (only[0],) if only else None


def _labels(
    frame: Image, annotation: Annotation, settings: LabelSettings, numbers: LabelNumbers
) -> tuple[np.ndarray[Any, Any], int]:
    """The label map, and on how many slices nothing tells what is there, so that they are to be ignored."""
    own = label_map(frame, annotation, settings)
    labels = numbers.apply(own)
    across = slice_axis(frame.affine)
    planes = annotation.require_planes()
    drawn = {planes.number_of_contour(contour.points) for contour in annotation.contours[DURA]}
    step = np.eye(3)[across]
    middles = frame.ras_of(np.arange(own.shape[across])[:, None] * step)
    unknown = [each for each, number in enumerate(planes.number(middles).tolist()) if number not in drawn]
    place: list[Any] = [slice(None)] * 3
    place[across] = unknown
    labels[tuple(place)] = max(numbers.names) + 1
    return labels, len(unknown)


def _copied(source: Path, target: Path) -> Path:
    """An image under another name; one that is no compressed NIfTI is written anew."""
    if not source.name.endswith(ENDING):
        return write_image(target, read_image(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
    return target


def _on_voxels_of(frame: Image, image: Image) -> Image:
    """An image on another's voxels, linearly between its own; 0 where it does not reach."""
    index = np.linalg.inv(image.affine) @ frame.affine
    transform = sitk.AffineTransform(3)
    transform.SetMatrix(index[:3, :3].ravel().tolist())
    transform.SetTranslation(index[:3, 3].tolist())
    moving = sitk.GetImageFromArray(np.ascontiguousarray(image.voxels.transpose(2, 1, 0), dtype=np.float32))
    size = [int(count) for count in frame.voxels.shape]
    resampled = sitk.Resample(
        moving, size, transform, sitk.sitkLinear, (0.0,) * 3, (1.0,) * 3, np.eye(3).ravel().tolist(), 0.0
    )
    return Image(sitk.GetArrayFromImage(resampled).transpose(2, 1, 0), frame.affine)


def _put_into_folds(exported: Exported, count: int) -> None:
    parts = folds(exported.of(TRAINING), count)
    of_subject = {subject: number for number, members in enumerate(parts) for subject in members}
    for case in exported.cases:
        case["fold"] = of_subject.get(str(case["subject"]))


def _write_documents(
    out: Path, dataset: Dataset, settings: ExportSettings, numbers: LabelNumbers, exported: Exported
) -> list[Path]:
    labels = {"background": 0, **{name: number for number, name in numbers.names.items()}}
    if any(case["ignored_slices"] for case in exported.cases):
        labels[IGNORE] = max(numbers.names) + 1
    channels = {"0": "CISS", **({"1": "T2TSE"} if settings.second_channel else {})}
    document = {
        "channel_names": channels,
        "labels": labels,
        "numTraining": len(exported.of(TRAINING)),
        "file_ending": ENDING,
        "name": out.resolve().name,
        "description": "Spinal cord, cerebrospinal fluid and nerve roots on CISS",
        "converted_by": f"SpineRoot {__version__}",
        "reference": dataset.root.resolve().name,
        "spineroot": {"Settings": asdict(settings), "Cases": _CASES},
    }
    parts = [
        [str(case["case"]) for case in exported.cases if case.get("fold") == number]
        for number in sorted({case["fold"] for case in exported.cases if case["fold"] is not None})
    ]
    table = {"Title": f"{out.resolve().name}, a model of its own", "Labels": _as_table(numbers)}
    files = [
        write_text(out / "dataset.json", _text(document)),
        write_text(out / "label-table.json", _text(table)),
        *write_described(out / _CASES, list(COLUMNS), exported.cases, COLUMNS),
    ]
    splits = cross_validation(parts)
    if splits:
        files.append(write_text(out / "splits_final.json", _text(splits)))
    return files


def _as_table(numbers: LabelNumbers) -> dict[str, str]:
    """The numbers as `from-labels --table` reads them; roots that are not told apart are nothing of ours there."""
    return {str(number): name if "_" in name or number < 3 else "other" for number, name in numbers.names.items()}


def _check_free(out: Path) -> None:
    """See that a folder is empty, or holds what was exported before.

    Raises
    ------
    DatasetError
        if it holds anything else.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    path = out / "dataset.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        is_ours = "spineroot" in document
    except (OSError, ValueError, TypeError):
        is_ours = False
    if not is_ours:
        raise DatasetError(_("holds something else than a data set that was exported: choose an empty folder"), out)


def _begin(out: Path, cases: Iterable[str]) -> None:
    """Say whose a folder is while it is being filled, so that a run which ends early can be repeated."""
    write_text(out / "dataset.json", _text({"spineroot": {_UNFINISHED: sorted(set(cases))}}))


def _earlier_cases(out: Path) -> list[str]:
    """The cases that an earlier run wrote, or may have written before it ended early."""
    cases: list[str] = []
    with contextlib.suppress(OSError, ValueError):
        cases += json.loads((out / "dataset.json").read_text(encoding="utf-8"))["spineroot"].get(_UNFINISHED, [])
    with contextlib.suppress(SpineRootError):
        cases += [case["case"] for case in read_table(out / _CASES)]
    return cases


def _remove_outdated(out: Path, earlier: Iterable[str], exported: Exported) -> None:
    """Remove the files of an earlier run that are none of this one's."""
    written = set(exported.files)
    for case in earlier:
        for images, labels in _FOLDERS.values():
            names = [out / images / f"{case}_{channel:04d}{ENDING}" for channel in range(2)]
            for path in (*names, out / labels / f"{case}{ENDING}"):
                if path not in written:
                    path.unlink(missing_ok=True)
    for name in ("splits_final.json", "datalist.json"):
        (out / name).unlink(missing_ok=True)


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, default=dict) + "\n"
