"""A synthetic subject as a dataset on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.atomic import write_text
from SpineRootLib.dataset import Dataset, raw_folder
from SpineRootLib.dataset_description import describe_participants, describe_raw, write_description
from SpineRootLib.errors import DatasetError
from SpineRootLib.generated_annotation import is_as_generated, write_generated
from SpineRootLib.images import describe_image, write_image
from SpineRootLib.naming import annotator_label, subject_label
from SpineRootLib.phantom.annotator import simulate_annotator
from SpineRootLib.phantom.phantom import Phantom, make_phantom
from SpineRootLib.phantom.settings import AnnotatorSettings, PhantomSettings
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.provenance import PLACED
from SpineRootLib.tables import read_columns_and_rows, write_table

_MAKER, _PROGRAM = "SpineRoot phantom", "phantom"
# A phantom is the same at all times, and so are its files.
_SIGNED_OFF = "2000-01-01T00:00:00Z"
_PARTICIPANT_COLUMNS = {
    "participant_id": "Label of the subject",
    "source": "What the subject is; SpineRoot phantom: synthetic, no person was scanned",
    "seed": "Seed from which the phantom was made",
}


def write_phantom(
    root: Path,
    subject: str,
    settings: PhantomSettings,
    seed: int,
    annotators: Sequence[str] = (),
    annotator_settings: AnnotatorSettings | Mapping[str, AnnotatorSettings] | None = None,
    progress: Progress | None = None,
) -> tuple[list[Path], list[str]]:
    """Make a synthetic subject and write it as a BIDS dataset; the same arguments give the same bytes.

    Parameters
    ----------
    root : the dataset's folder; other subjects in it stay as they are.
    annotators : labels of simulated annotators, each of whom gets a folder ``markers-<label>``.
    annotator_settings : how they differ from the truth, all alike or by label.

    Returns
    -------
    list of Path, list of str
        the files written, and what a user has to be told: what was there before and is kept.

    Raises
    ------
    DatasetError
        if the subject is there already and is no phantom, or somebody marked something where the phantom's files go.
    """
    label = subject_label(subject)
    names = list(dict.fromkeys(annotator_label(name) for name in annotators))
    dataset, rawdata = Dataset(root), raw_folder(root)
    _refuse_a_person(rawdata / f"sub-{label}")
    for name in (None, *names):
        _refuse_work(dataset.markers(name) / f"sub-{label}", label)
    phantom = make_phantom(settings, seed, label, part(progress, 0.0, 0.85))
    kept: list[str] = []
    written = describe_raw(root, rawdata, _MAKER)
    written += _write_images(rawdata, label, phantom, settings, seed, part(progress, 0.85, 0.95))
    images = {name: describe_image(rawdata / _image_file(label, name)) for name in phantom.images}
    seen = [phantom.truth]
    how = annotator_settings or AnnotatorSettings()
    of_names = {name: how if isinstance(how, AnnotatorSettings) else how[name] for name in names}
    seen += [simulate_annotator(phantom.truth, own, seed, name) for name, own in of_names.items()]
    for annotation in seen:
        folder = dataset.markers(annotation.annotator)
        _sign_off(annotation, images)
        made = write_generated(folder, annotation, _PROGRAM, durable=False)
        written += made.files
        kept += made.lines()
        written.append(write_description(folder, f"Markers of {annotation.annotator or 'the phantom (its truth)'}"))
    report(progress, 1.0, "written")
    return written, kept


def _refuse_a_person(folder: Path) -> None:
    """A phantom does not come among the images of a person, or of whom nobody says what they are."""
    for path in sorted(folder.rglob("*.nii*")):
        sidecar = path.with_name(path.name.split(".")[0] + ".json")
        if not sidecar.is_file() or _MAKER not in sidecar.read_text(encoding="utf-8", errors="replace"):
            raise DatasetError("is no phantom's image: choose another subject or dataset", path)


def _refuse_work(folder: Path, label: str) -> None:
    """What somebody marked or changed is not replaced."""
    if not is_as_generated(folder, label, _PROGRAM, "consensus", "trace"):
        raise DatasetError("holds what somebody marked or changed: choose another subject or dataset", folder)


def _image_file(label: str, name: str) -> str:
    return f"sub-{label}/anat/sub-{label}_{name}.nii.gz"


def _write_images(
    rawdata: Path,
    label: str,
    phantom: Phantom,
    settings: PhantomSettings,
    seed: int,
    progress: Progress | None,
) -> list[Path]:
    """The images with their sidecars, and the list of participants."""
    written: list[Path] = []
    for number, (name, image) in enumerate(phantom.images.items()):
        report(progress, number / len(phantom.images), f"writing {name}")
        path = rawdata / _image_file(label, name)
        # first what says that it is a phantom's: an image alone would not be replaced after a crash
        sidecar = path.with_name(path.name.replace(".nii.gz", ".json"))
        written.append(write_text(sidecar, _json(_image_sidecar(name, settings, seed))))
        written.append(write_image(path, image))
    written += _write_participant(rawdata, f"sub-{label}", seed)
    return written


def _image_sidecar(name: str, settings: PhantomSettings, seed: int) -> dict[str, Any]:
    return {
        "Modality": "MR",
        "SeriesDescription": name,
        "Manufacturer": _MAKER,
        "ConversionSoftware": "SpineRoot",
        "ConversionSoftwareVersion": __version__,
        "Phantom": {"Seed": seed, "Settings": asdict(settings)},
    }


def _write_participant(rawdata: Path, participant: str, seed: int) -> list[Path]:
    """The subject's row in the list of participants, in place of an earlier one."""
    table = rawdata / "participants.tsv"
    found, rows = read_columns_and_rows(table) if table.exists() else ([], [])
    columns = list(dict.fromkeys([*found, *_PARTICIPANT_COLUMNS]))
    own = {"participant_id": participant, "source": _MAKER, "seed": str(seed)}
    rows = sorted([row for row in rows if row.get("participant_id") != participant] + [own], key=_participant)
    return [write_table(table, columns, rows), *describe_participants(rawdata, _PARTICIPANT_COLUMNS)]


def _participant(row: dict[str, str]) -> str:
    return row.get("participant_id", "")


def _sign_off(annotation: Annotation, images: dict[str, Any]) -> None:
    """Fill the sidecar: software, images, number of points of each structure, and the declaration that all is done."""
    document = annotation.provenance.document
    document["Software"] = {"Name": _MAKER, "Version": __version__}
    document["Images"] = images
    by = annotation.annotator or "truth"
    document["SignOff"] = {"By": by, "Date": _SIGNED_OFF, "Incomplete": list(annotation.missing())}
    for structure in CONTOUR_STRUCTURES:
        for number, contour in annotation.contours_by_slice(structure).items():
            _count(annotation, f"{structure}_{number}", len(contour.points))
    for root, points in annotation.roots.items():
        _count(annotation, f"{ROOTS}_{root}", len(points))
    for root in annotation.ganglia:
        _count(annotation, f"{GANGLIA}_{root}", 1)


def _count(annotation: Annotation, key: str, points: int) -> None:
    annotation.provenance.structure(key)[PLACED.capitalize()] = points


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
