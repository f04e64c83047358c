"""What makes a folder a BIDS dataset of its own: its description, and the list of names that BIDS does not know."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.atomic import write_text
from SpineRootLib.naming import split_label
from SpineRootLib.subject_folders import labels_in

BIDS_VERSION = "1.11.1"
# the name under which descriptions lead to the images, and so the start of a BIDS URI: bids:raw:sub-01/anat/...
RAW = "raw"
_SOFTWARE = "SpineRoot"
# by the names of the published images, which BIDS does not know
IMAGE_NAMES = ("**/*_CISS.*", "**/*_DESS.*", "**/*_T2TSE.*")
# and by those of what is derived from them; a label map has a name of BIDS, in a folder anat alone
_DERIVED_NAMES = (
    *("*_dura*", "*_cord*", "*_csf.*", "*_nerveroots*", "*_ganglions*", "*_annotation.*", "as-found-*"),
    *("*_disagreements.*", "*_resolutions.*", "*_trace.*", "*_agreement*", "*_annotators.*", "*_score.*"),
    *("*_mistakes.*", "*_check*", "*_region*", "*_model.*", "*_iqm.*", "group_*", "report.html", "*_report.html"),
    *("*_mesh*", "*_interfaces.*", "*_seeds.*", "*_fibres.*", "*_strips.*", "*_adopted.*", "logs"),
    *("*_contacts.*", "*_sensitivity.*", "*_recruitment.*"),
    *("*_distance.*", "*_heatmap.*", "*_centrelines.*", "*_queue.*", "*_seg.dcm"),
    *("/*_probseg.*", "/sub-*/*_probseg.*", "/sub-*/ses-*/*_probseg.*"),
    *("/*_mask.*", "/sub-*/*_mask.*", "/sub-*/ses-*/*_mask.*"),
    *("/*_dseg.*", "/sub-*/*_dseg.*", "/sub-*/ses-*/*_dseg.*"),
)


def write_description(
    folder: Path, name: str, derivative: bool = True, sources: Iterable[Path] = (), images: Path | None = None
) -> Path:
    """Write ``dataset_description.json``, and ``.bidsignore``, into a folder that lacks them.

    A description that SpineRoot wrote is completed by the sources that it lacks; one that somebody else wrote stays.

    Parameters
    ----------
    folder : the dataset, or the folder of one derivative.
    name : the dataset's name, for people.
    derivative : whether it was made from images, by SpineRoot.
    sources : the folders that it was made from.
    images : the dataset that holds the images; by default, of a folder in a dataset's ``derivatives``, that one.
    """
    path = folder / "dataset_description.json"
    if not derivative:
        raw = {"Name": name, "BIDSVersion": BIDS_VERSION, "DatasetType": RAW}
        return path if path.exists() else write_text(path, _text(raw))
    images = images or images_around(folder)
    found, document = _read(path), _derived(name)
    if path.exists() and not _is_ours(found):
        return path
    ignore(folder, _DERIVED_NAMES)
    linked = _linked(found or document, _links(folder, sources, images))
    return path if linked == found else write_text(path, _text(linked))


def describe_raw(root: Path, raw: Path, name: str, published_names: bool = True) -> list[Path]:
    """Write what a dataset of images lacks: its descriptions, and ``.bidsignore`` for the published layout and names.

    Parameters
    ----------
    root, raw : the dataset, and the folder in it that holds the subjects: itself, or ``rawdata``.
    published_names : whether the images have the names of the published dataset, which BIDS does not know.
    """
    written = [
        write_description(folder, name, derivative=False)
        for folder in dict.fromkeys((root, raw))
        if not (folder / "dataset_description.json").exists()
    ]
    written += ignore(root, [raw.name]) if raw != root else []
    return written + (ignore(raw, IMAGE_NAMES) if published_names else [])


def describe_participants(raw: Path, columns: Mapping[str, str]) -> list[Path]:
    """Say in ``participants.json`` what columns mean of which it says nothing; the file, if it was written."""
    path = raw / "participants.json"
    known = _read(path)
    if path.exists() and (not known or columns.keys() <= known.keys()):
        return []
    return [write_text(path, _text({name: {"Description": text} for name, text in columns.items()} | known))]


def describe_results(
    folder: Path, subject: str, name: str, sources: Iterable[Path] = (), images: Path | None = None
) -> Path:
    """Describe the dataset that a subject's results are written into; see `write_description`."""
    return write_description(results_dataset(folder, subject), name, sources=sources, images=images)


def results_dataset(folder: Path, subject: str) -> Path:
    """The derivative that a folder of a subject's results belongs to: the one around ``sub-03``, ``sub-03/ses-01`` or
    their ``anat``, otherwise the folder itself."""
    participant, session = split_label(subject)
    own = [f"sub-{participant}", *([] if session is None else [f"ses-{session}"])]
    at = folder.absolute()
    at = at.parent if at.name == "anat" else at
    for name in reversed(own):
        if at.name != name:
            return folder
        at = at.parent
    return at


def ignore(folder: Path, names: Iterable[str]) -> list[Path]:
    """Add to a folder's ``.bidsignore`` what it lacks; the file, if it was written."""
    path = folder / ".bidsignore"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    added = [name for name in names if name not in lines]
    return [write_text(path, "\n".join([*lines, *added]) + "\n")] if added else []


def images_around(folder: Path) -> Path | None:
    """The images of the dataset in whose ``derivatives`` a folder lies."""
    if folder.resolve().parent.name != "derivatives":
        return None
    root = folder.resolve().parents[1]
    raw = root / "rawdata"
    return raw if raw.is_dir() else root if labels_in(root) else None


def images_dataset(image: Path) -> Path | None:
    """The dataset in which an image lies, in a subject's folder, or None."""
    folders = [each for each in image.absolute().parents if re.fullmatch(r"sub-[A-Za-z0-9]+", each.name)]
    return folders[-1].parent if folders else None


def image_uri(image: Path) -> str:
    """How files of a derivative name an image: by its BIDS URI, outside of a dataset by the file's name."""
    dataset = images_dataset(image)
    return image.name if dataset is None else f"bids:{RAW}:{image.absolute().relative_to(dataset).as_posix()}"


def _derived(name: str) -> dict[str, Any]:
    generated = {"Name": _SOFTWARE, "Version": __version__}
    return {"Name": name, "BIDSVersion": BIDS_VERSION, "DatasetType": "derivative", "GeneratedBy": [generated]}


def _read(path: Path) -> dict[str, Any]:
    """The description that is there; empty where there is none, or none that can be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_ours(document: Mapping[str, Any]) -> bool:
    """Whether SpineRoot wrote a description, and its sources are as BIDS has them."""
    makers, sources = document.get("GeneratedBy"), document.get("SourceDatasets", [])
    lists = (each for each in (makers, sources) if isinstance(each, list))
    whole = [each for entries in lists for each in entries if isinstance(each, dict)]
    is_whole = isinstance(sources, list) and isinstance(document.get("DatasetLinks", {}), dict)
    # version 0.1 had its name in the maker's description
    return is_whole and any(_SOFTWARE in (each.get("Name"), each.get("Description")) for each in whole)


def _linked(document: Mapping[str, Any], links: Mapping[str, str]) -> dict[str, Any]:
    """A description that leads to its sources, those that it names already first."""
    if not links:
        return dict(document)
    named, known = list(document.get("SourceDatasets", [])), dict(document.get("DatasetLinks", {}))
    named += [{"URL": url} for url in links.values() if {"URL": url} not in named]
    return {**document, "SourceDatasets": named, "DatasetLinks": {**links, **known}}


def _links(folder: Path, sources: Iterable[Path], images: Path | None) -> dict[str, str]:
    """By name, fit for a BIDS URI, how a description in a folder leads to datasets other than itself."""
    found = {} if images is None else {RAW: images}
    for source in sources:
        name = re.sub(r"[^A-Za-z0-9-]+", "-", source.resolve().name)
        found[f"{name}-{len(found) + 1}" if name in found else name] = source
    return {name: _link(folder, each) for name, each in found.items() if each.resolve() != folder.resolve()}


def _link(folder: Path, source: Path) -> str:
    try:
        return Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return source.resolve().as_uri()


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
