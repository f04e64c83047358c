"""A BIDS dataset: its subjects, their images, and who annotated them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.atomic import write_text
from SpineRootLib.errors import DatasetError
from SpineRootLib.naming import annotator_label, subject_label
from SpineRootLib.reading import read_on_image
from SpineRootLib.translation import _

BIDS_VERSION = "1.10.0"
IMAGES = ("CISS", "DESS", "T2TSE")
_IMAGE_ENDINGS = (".nii.gz", ".nii", ".nrrd")
_SUBJECT_FOLDER = re.compile(r"sub[-_]([A-Za-z0-9]+)")


@dataclass(frozen=True)
class Dataset:
    """A dataset's folder, laid out as BIDS has it or as the published tree with ``rawdata/`` and ``derivatives/``.

    Parameters
    ----------
    root : the folder.
    """

    root: Path

    @classmethod
    def open(cls, root: Path) -> Dataset:
        """The dataset in a folder.

        Raises
        ------
        DatasetError
            if there is no such folder, it cannot be read, or it holds no subject.
        """
        try:
            entries = sorted(root.iterdir())
        except FileNotFoundError:
            raise DatasetError(_("there is no such folder"), root) from None
        except OSError as error:
            raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), root) from error
        dataset = cls(root)
        if not entries or not dataset.subjects():
            raise DatasetError(_("holds no subject (a folder sub-*)"), root)
        return dataset

    @property
    def rawdata(self) -> Path:
        """The folder of the subjects' images."""
        return self.root / "rawdata" if (self.root / "rawdata").is_dir() else self.root

    @property
    def derivatives(self) -> Path:
        """The folder of what was made from the images."""
        return self.root / "derivatives"

    def markers(self, annotator: str | None = None) -> Path:
        """The folder of an annotator's markups; of the consensus for None."""
        name = "markers" if annotator is None else f"markers-{annotator_label(annotator)}"
        return self.derivatives / name

    def derivative(self, kind: str, subject: str) -> Path:
        """The folder of a subject's ``model``, ``agreement`` or ``anatqc``."""
        return self.derivatives / kind / f"sub-{subject_label(subject)}"

    def subjects(self) -> list[str]:
        """Labels of all subjects with images or markups, sorted."""
        folders = [self.rawdata, *self._markers_folders()]
        found = {
            match[1]
            for folder in folders
            if folder.is_dir()
            for entry in folder.iterdir()
            if (match := _SUBJECT_FOLDER.fullmatch(entry.name)) and entry.is_dir()
        }
        return sorted(found)

    def annotators(self, subject: str | None = None) -> list[str]:
        """Labels of the annotators, of one subject or of any; the consensus is not among them."""
        names = {folder.name.removeprefix("markers-"): folder for folder in self._markers_folders()}
        names.pop("markers", None)
        if subject is not None:
            label = subject_label(subject)
            names = {name: folder for name, folder in names.items() if _has_subject(folder, label)}
        return sorted(names)

    def image(self, subject: str, name: str) -> Path | None:
        """The image of a subject by its name (``CISS``, ``DESS``, ``T2TSE``), or None.

        Looked for as published (``sub-03_CISS.nii.gz``) and as BIDS has it (``sub-03_acq-CISS_T2w.nii.gz``).
        """
        label = subject_label(subject)
        for folder in (f"sub-{label}/anat", f"sub-{label}"):
            for pattern in (f"sub-{label}_{name}", f"sub-{label}_*acq-{name}_*"):
                for ending in _IMAGE_ENDINGS:
                    found = sorted((self.rawdata / folder).glob(pattern + ending))
                    if found:
                        return found[0]
        return None

    def images(self, subject: str) -> dict[str, Path]:
        """The images of a subject that are there, by name."""
        found = {name: self.image(subject, name) for name in IMAGES}
        return {name: path for name, path in found.items() if path is not None}

    def read(
        self, subject: str, annotator: str | None = None, segments: Sequence[str] = DEFAULT_SEGMENTS
    ) -> Annotation:
        """An annotator's annotation of a subject, or the consensus for None, on the slices of its CISS image.

        Raises
        ------
        SpineRootError
            as `read_on_image` does.
        """
        return read_on_image(self.markers(annotator), subject, self.image(subject, "CISS"), segments, annotator)

    def _markers_folders(self) -> list[Path]:
        folders = [
            entry for entry in self._derivative_folders() if re.fullmatch(r"markers(-[A-Za-z0-9]+)?", entry.name)
        ]
        return sorted(folders)

    def _derivative_folders(self) -> list[Path]:
        return [entry for entry in self.derivatives.iterdir() if entry.is_dir()] if self.derivatives.is_dir() else []


def raw_folder(root: Path) -> Path:
    """Where a dataset has its subjects' images; ``rawdata`` for a new one."""
    plain = not (root / "rawdata").is_dir() and any(root.glob("sub-*"))
    return root if plain else root / "rawdata"


def write_description(folder: Path, name: str, derivative: bool = True) -> Path:
    """Write ``dataset_description.json`` unless the folder has one.

    Parameters
    ----------
    folder : the dataset, or the folder of one derivative.
    name : the dataset's name, for people.
    derivative : whether it was made from images, by SpineRoot.
    """
    path = folder / "dataset_description.json"
    if path.exists():
        return path
    document: dict[str, Any] = {"Name": name, "BIDSVersion": BIDS_VERSION, "DatasetType": "raw"}
    if derivative:
        document["DatasetType"] = "derivative"
        document["GeneratedBy"] = [{"Name": folder.name, "Description": "SpineRoot", "Version": __version__}]
        document["SourceDatasets"] = [{"URL": "../../rawdata"}]
    return write_text(path, json.dumps(document, indent=2) + "\n")


def _has_subject(folder: Path, label: str) -> bool:
    return any((folder / f"sub{mark}{label}").is_dir() for mark in "-_")
