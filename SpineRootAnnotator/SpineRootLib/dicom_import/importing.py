"""Importing one subject: look, convert, take out who it was, put in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from SpineRootLib.dataset import raw_folder
from SpineRootLib.dicom_import.conversion import convert
from SpineRootLib.dicom_import.converters import run_dcm2bids
from SpineRootLib.dicom_import.identity import clean_sidecar
from SpineRootLib.dicom_import.nifti import clean_header, compress, slices_and_volumes
from SpineRootLib.dicom_import.placing import existing_images, place_subject
from SpineRootLib.dicom_import.plan import ImportPlan, PlannedSeries, make_plan, several_volumes
from SpineRootLib.dicom_import.rules import load_rules, recognise
from SpineRootLib.dicom_import.scan import DicomFolder, scan_dicom
from SpineRootLib.dicom_import.settings import ImportSettings
from SpineRootLib.errors import DatasetError, DicomError, SpineRootError
from SpineRootLib.naming import participant_label
from SpineRootLib.progress import Progress, part


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Parameters
    ----------
    files : written into the dataset.
    removed : the identifying fields that the converter had written and that were taken out.
    """

    plan: ImportPlan
    files: tuple[Path, ...]
    removed: tuple[str, ...]


def preview_import(
    folder: Path, settings: ImportSettings | None = None, progress: Progress | None = None
) -> ImportPlan:
    """Which series of a DICOM folder would become which image, what is ambiguous, and what is left over.

    Raises
    ------
    DicomError
        if the folder cannot be imported whatever the rules are: no MR image, damaged files, several people.
    """
    settings = settings or ImportSettings()
    rules = load_rules(settings.rules)
    scanned = scan_dicom(folder, part(progress, 0.0, 0.5))
    try:
        with tempfile.TemporaryDirectory() as scratch, _said_of(folder, Path(scratch)):
            made = convert(scanned, Path(scratch), only_sidecars=True, progress=part(progress, 0.5, 1.0))
            return make_plan(recognise(made.origins, scanned, rules), scanned, rules, settings, made.failures)
    except OSError as error:
        raise DicomError(f"cannot be converted to look at it ({error.strerror or error})", folder) from error


def import_subject(
    folder: Path,
    root: Path,
    subject: str,
    settings: ImportSettings | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Convert a subject's DICOM files and put the images into a dataset.

    Nothing is written into the subject's folder before all of it is converted; after a failure the dataset is as it
    was before.

    Parameters
    ----------
    folder : holds the DICOM files of one person, in any subfolders.
    root : the dataset; made if it is missing.

    Raises
    ------
    DicomError
        if the DICOM files are at fault, or the rules leave open which series is which.
    DatasetError
        if the subject is there already, or the disk is full.
    """
    settings = settings or ImportSettings()
    label = participant_label(subject)
    rules = load_rules(settings.rules)
    raw = raw_folder(root)
    if existing_images(raw, label) and not settings.force:
        raise DatasetError("is in the dataset already", raw / f"sub-{label}", "; --force replaces its images")
    scanned = scan_dicom(folder, part(progress, 0.0, 0.1))
    with _staging(root, scanned, settings) as staging, _said_of(folder, staging):
        made = convert(scanned, staging, progress=part(progress, 0.1, 0.4))
        plan = make_plan(recognise(made.origins, scanned, rules), scanned, rules, settings, made.failures)
        if plan.faults:
            raise DicomError(plan.faults[0], folder)
        converted = staging / "converted"
        chosen = _finish(plan, converted, _made(staging / "chosen"), settings, part(progress, 0.4, 0.9))
        descriptions = [dict(one.rule) for one in plan.chosen if one.rule is not None]
        subject_folder = run_dcm2bids(chosen, _made(staging / "bids"), label, descriptions)
        given = {field for one in descriptions for field in one.get("sidecar_changes", ())}
        removed = [clean_sidecar(path, scanned.words, given) for path in subject_folder.rglob("*.json")]
        _check_complete(subject_folder, plan)
        files = place_subject(subject_folder, root, label, _made(staging / "aside"), not settings.bids_names)
    return ImportReport(plan, tuple(files), tuple(sorted({field for fields in removed for field in fields})))


@contextmanager
def _said_of(folder: Path, hidden: Path) -> Iterator[None]:
    """What is wrong on the way is said of the DICOM folder, which the user knows, not of a file that is gone then."""
    try:
        yield
    except SpineRootError as error:
        nameless = error.source is None and isinstance(error, DicomError)
        if nameless or (error.source is not None and error.source.is_relative_to(hidden)):
            raise DicomError(error.fault, folder) from error
        raise


@contextmanager
def _staging(root: Path, scanned: DicomFolder, settings: ImportSettings) -> Iterator[Path]:
    """A folder on the dataset's disk that is gone afterwards, and so is a dataset that was made in vain."""
    made = [path for path in (root, *root.parents) if not path.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".import-", dir=root))
    except OSError as error:
        raise DatasetError(f"cannot be written ({error.strerror})", root) from error
    try:
        needed, free = settings.space_factor * scanned.size, shutil.disk_usage(staging).free
        if free < needed:
            raise DatasetError(f"no space: {needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free", root)
        yield staging
    except OSError as error:
        raise DatasetError(f"cannot be written ({error.strerror or error})", root) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        for path in made:
            if not any(path.iterdir()):
                path.rmdir()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _finish(
    plan: ImportPlan, converted: Path, chosen: Path, settings: ImportSettings, progress: Progress | None
) -> Path:
    """Move the files of the chosen series to a folder of their own, with clean headers and compressed."""
    for number, one in enumerate(plan.chosen):
        image = converted / f"{one.stem}.nii"
        _check_slices(image, one)
        clean_header(image)
        step = part(progress, number / len(plan.chosen), (number + 1) / len(plan.chosen))
        packed = compress(image, settings.compression, step)
        for path in (packed, converted / f"{one.stem}.json"):
            path.replace(chosen / path.name)
    return chosen


def _check_slices(image: Path, one: PlannedSeries) -> None:
    slices, volumes = slices_and_volumes(image) if image.exists() else (0, 0)
    if volumes > 1:
        raise DicomError(several_volumes(one.key, volumes, one.image))
    if slices < one.slices:
        raise DicomError(f"dcm2niix did not convert series {one.key} ({one.description}) whole")


def _check_complete(folder: Path, plan: ImportPlan) -> None:
    made = len(list(folder.rglob("*.nii.gz"))) if folder.is_dir() else 0
    if made != len(plan.chosen):
        raise DicomError(f"dcm2bids made {made} of {len(plan.chosen)} images")
