"""`spineroot quality`: SNR and CNR of every slice."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from SpineRootLib.anatomy import DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_on_image import read_on_image, require_own_image
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_run,
    add_subject,
    argument,
    number_above_zero,
    open_dataset,
    warn,
)
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import describe_results
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.progress import part, report
from SpineRootLib.quality.settings import QualitySettings
from SpineRootLib.quality.slices import SliceQuality, low_slices
from SpineRootLib.quality.subject import (
    MEASURED_IMAGES,
    QUALITY_TITLE,
    measure_subject,
    told_of_measured,
    write_quality,
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="the BIDS dataset")
    add_subject(parser)
    add_run(parser)
    add_accept_image(parser)
    parser.add_argument(
        "--markers",
        type=Path,
        help="annotation that tells the dura (default: the consensus, else the first annotator's, else the "
        "sac is looked for in the image)",
    )
    parser.add_argument(
        "--threshold",
        type=argument(_threshold),
        action="append",
        default=[],
        metavar="IMAGE=VALUE",
        help="grey value between nervous tissue and fluid, such as CISS=450, instead of Otsu's",
    )
    parser.add_argument(
        "--classes",
        choices=("threshold", "contours"),
        default=QualitySettings.classes,
        help="how fluid and nervous tissue are told apart inside the dura: by a threshold (the default), or by the "
        "contours of the cord and root points, which leaves the roots that nobody marked to the fluid",
    )
    limit = QualitySettings.limit
    parser.add_argument(
        "--limit", type=number_above_zero, default=limit, help=f"SNR or CNR below it is listed (default: {limit:g})"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: DATASET/derivatives/anatqc/sub-XX")


def _run(options: argparse.Namespace) -> Summary:
    dataset = open_dataset(options)
    report(options.progress, 0.0, "reading")
    annotation = _annotation(dataset, options)
    thresholds = _thresholds(options.threshold)
    settings = replace(QualitySettings(), limit=options.limit, classes=options.classes, thresholds=thresholds)
    images = dataset.images(options.subject)
    if not any(name in images for name in MEASURED_IMAGES):
        raise DatasetError(f"holds no CISS or T2TSE image of sub-{options.subject}", options.dataset)
    if annotation is not None:
        require_own_image(annotation, options.accept_image)
    warn(options, told_of_measured(images, annotation))
    rows = measure_subject(images, annotation, settings, part(options.progress, 0.1, 0.9))
    out = options.out
    if out is None:
        out = dataset.derivative("anatqc", options.subject)
    report(options.progress, 0.9, "tables and figures")
    files = write_quality(out, options.subject, rows, annotation, settings, images)
    files.append(describe_results(out, options.subject, QUALITY_TITLE, images=dataset.rawdata))
    report(options.progress, 1.0, "written")
    low = low_slices(rows, settings.limit)
    lines = [*_printed(rows), *_listed(low, settings.limit), f"Written to {out}"]
    measured = {name: str(path) for name, path in images.items() if name in MEASURED_IMAGES}
    low_values = [_finite(asdict(row)) for row in low]
    values = {"subject": options.subject, "images": measured, "slices": len(rows), "low": low_values}
    return Summary(tuple(lines), values, tuple(files))


def _annotation(dataset: Dataset, options: argparse.Namespace) -> Annotation | None:
    """The annotation asked for; else the consensus or the first annotator's that has a dura."""
    if options.markers is not None:
        ciss = dataset.image(options.subject, "CISS")
        return read_on_image(options.markers, options.subject, ciss, options.segments)
    for annotator in (None, *dataset.annotators(options.subject)):
        if not dataset.is_annotated(options.subject, annotator):
            continue
        found = dataset.read(options.subject, annotator, options.segments)
        if found.contours[DURA]:
            return found
    return None


def _printed(rows: Sequence[SliceQuality]) -> list[str]:
    lines = []
    for image in dict.fromkeys(row.image for row in rows):
        shown = [row for row in rows if row.image == image and not math.isnan(row.snr)]
        if not shown:
            doubtful = any(row.image == image and row.foreground == "doubtful" for row in rows)
            found = "what was found is not believed to be the dural sac: draw the dura" if doubtful else ""
            lines.append(f"{image}: {found or 'no slice shows the dural sac'}")
            continue
        contrast = [row.cnr for row in shown if not math.isnan(row.cnr)]
        told = f"CNR {sum(contrast) / len(contrast):.2f}" if contrast else "no CNR"
        sources = ", ".join(sorted({f"{row.foreground} / {row.classes}" for row in shown}))
        mean = sum(row.snr for row in shown) / len(shown)
        lines.append(f"{image}: mean SNR {mean:.2f}, {told} over {len(shown)} slices ({sources})")
    return lines


def _listed(low: Sequence[SliceQuality], limit: float) -> list[str]:
    return [
        f"{row.image} slice {row.slice}: SNR {row.snr:.2f}, CNR {row.cnr:.2f}, below {limit:g}".replace("nan", "n/a")
        for row in low
    ]


def _finite(values: dict[str, object]) -> dict[str, object]:
    return {key: None if value != value else value for key, value in values.items()}


def _thresholds(given: Sequence[tuple[str, float]]) -> dict[str, float]:
    for image, _value in given:
        if sum(image == each for each, _ in given) > 1:
            raise SpineRootError(f"--threshold gives {image}= more than once")
    return dict(given)


def _threshold(text: str) -> tuple[str, float]:
    image, _, value = text.partition("=")
    if image not in MEASURED_IMAGES:
        raise SpineRootError(f"'{image}' is not {' or '.join(MEASURED_IMAGES)}")
    try:
        threshold = float(value)
    except ValueError:
        threshold = math.nan
    if not math.isfinite(threshold):
        raise SpineRootError(f"'{text}' is not like CISS=450")
    return image, threshold


COMMAND = Command("quality", _add_arguments, _run)
