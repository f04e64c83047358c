"""The image quality of a subject: measuring it, and its files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from SpineRootLib import __version__
from SpineRootLib.anatomy import DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_on_image import told_of_reading
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import position_notes, read_image
from SpineRootLib.progress import Progress, part
from SpineRootLib.quality.figures import subject_figure
from SpineRootLib.quality.sac import FoundSac, look_for_sac
from SpineRootLib.quality.settings import QualitySettings
from SpineRootLib.quality.slices import SliceQuality, slice_quality
from SpineRootLib.tables import MISSING, Meaning, read_table, write_described

# DESS is left out: it only has to show ganglia.
MEASURED_IMAGES = ("CISS", "T2TSE")
QUALITY_TITLE = "Image quality"
COLUMNS = {
    "image": "Name of the image",
    "slice": "Number from 1 of the most cranial slice; of upright slices from the subject's left or back",
    "snr": "Signal-to-noise ratio: mean of the foreground over its sample standard deviation",
    "cnr": "Contrast-to-noise ratio: difference of the means of fluid and nervous tissue over the root of the sum of "
    "their variances",
    "n_csf": "Voxels of cerebrospinal fluid",
    "n_nervous": "Voxels of cord and roots",
    "threshold": "Grey value between nervous tissue (at or below) and fluid, the middle one of all levels that the "
    "slice crosses; n/a where contours told them apart, or where the grey values are not of two kinds",
    "foreground": "dura: the annotated dura; sac: the dural sac as found in the CISS image; doubtful: something was "
    "found that is not believed to be the sac, and nothing was measured; n/a: the slice shows none",
    "classes": "How fluid and nervous tissue were told apart: otsu, by Otsu's threshold inside the foreground at each "
    "level; set, by a threshold set by hand; contours, by the contours of the cord and discs about root points",
}


def measure_subject(
    images: Mapping[str, Path],
    annotation: Annotation | None = None,
    settings: QualitySettings | None = None,
    progress: Progress | None = None,
) -> list[SliceQuality]:
    """The quality of every slice of a subject's CISS and T2TSE images, as far as they are there.

    Parameters
    ----------
    images : files by name.
    annotation : tells foreground and tissues; without a dura in it the sac is looked for in the CISS image.

    Raises
    ------
    DatasetError
        if there is neither image.
    """
    names = [name for name in MEASURED_IMAGES if name in images]
    if not names:
        raise DatasetError(f"there is no {' or '.join(MEASURED_IMAGES)} image to measure")
    rows: list[SliceQuality] = []
    sac: FoundSac | None = None
    for number, name in enumerate(names):
        step = part(progress, number / len(names), (number + 1) / len(names))
        image = read_image(images[name])
        undecided = sac is None or (sac.annotation is None and not sac.doubt)
        if undecided and (annotation is None or not annotation.contours[DURA]):
            sac = look_for_sac(image, (settings or QualitySettings()).sac)
        rows += slice_quality(image, annotation, settings, name, sac=sac, progress=step)
    return rows


def told_of_measured(images: Mapping[str, Path], annotation: Annotation | None) -> list[str]:
    """Sentences on what a user has to know of the images that are measured, and of the annotation."""
    notes = [note for name in MEASURED_IMAGES if name in images for note in position_notes(images[name])]
    return list(dict.fromkeys([*notes, *(() if annotation is None else told_of_reading(annotation))]))


def write_quality(
    folder: Path,
    subject: str,
    rows: Sequence[SliceQuality],
    annotation: Annotation | None = None,
    settings: QualitySettings | None = None,
    images: Mapping[str, Path] | None = None,
) -> list[Path]:
    """Write ``sub-XX_iqm.tsv``, what its columns mean and how they came about (``.json``), and the figure.

    Parameters
    ----------
    images : the files by name, of which those that were measured are recorded.
    """
    settings = settings or QualitySettings()
    stem = f"sub-{subject}_iqm"
    source = None
    if annotation is not None:
        source = {"Subject": annotation.subject, "Annotator": annotation.annotator or "consensus"}
    about = {
        "Images": {name: path.name for name, path in (images or {}).items() if name in MEASURED_IMAGES},
        "Annotation": source,
        "Settings": asdict(settings),
        "GeneratedBy": [{"Name": "SpineRoot", "Version": __version__}],
    }
    meanings: dict[str, Meaning] = {name: (text, None) for name, text in COLUMNS.items()}
    files = write_described(folder / f"{stem}.tsv", list(COLUMNS), map(asdict, rows), meanings, about)
    if any(not math.isnan(row.snr) for row in rows):
        files.append(subject_figure(folder / f"{stem}.png", rows, settings.limit, f"sub-{subject}"))
    return files


def read_quality(path: Path) -> list[SliceQuality]:
    """The rows of a ``sub-XX_iqm.tsv``.

    Raises
    ------
    DatasetError
        if it cannot be read or is no such table.
    """
    return [_parsed(row, path) for row in read_table(path)]


def _parsed(row: Mapping[str, str], path: Path) -> SliceQuality:
    try:
        return SliceQuality(
            image=row["image"],
            slice=int(row["slice"]),
            snr=_number(row["snr"]),
            cnr=_number(row["cnr"]),
            n_csf=int(row["n_csf"]),
            n_nervous=int(row["n_nervous"]),
            threshold=_number(row["threshold"]),
            foreground=row["foreground"].replace(MISSING, ""),
            classes=row["classes"].replace(MISSING, ""),
        )
    except (KeyError, ValueError) as error:
        raise DatasetError(f"is no table of image quality ({error})", path) from None


def _number(cell: str) -> float:
    return math.nan if cell == MISSING else float(cell)
