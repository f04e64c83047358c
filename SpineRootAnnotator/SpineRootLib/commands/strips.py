"""`spineroot strips`: the image straightened along every root and the sac, on one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_on_image import read_on_image, require_own_image, told_of_reading
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_run,
    add_subject,
    open_dataset,
    warn,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import describe_results
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.images import read_image
from SpineRootLib.progress import report
from SpineRootLib.strips.page import told, write_page
from SpineRootLib.strips.strip import Across
from SpineRootLib.strips.subject_strips import subject_strips

STRIPS_TITLE = "Images straightened along roots"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="the BIDS dataset")
    add_subject(parser)
    add_run(parser)
    add_accept_image(parser)
    parser.add_argument("--markers", type=Path, help="whose annotation (default: the consensus, else the first's)")
    parser.add_argument(
        "--across",
        choices=[str(each) for each in Across],
        default=str(Across.LEFT_RIGHT),
        help="what the strips of roots run across (default: left-right)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: DATASET/derivatives/strips/sub-XX")


def _run(options: argparse.Namespace) -> Summary:
    dataset = open_dataset(options)
    report(options.progress, 0.0, "reading")
    path = dataset.image(options.subject, "CISS")
    if path is None:
        raise DatasetError(f"holds no CISS image of sub-{options.subject}", options.dataset)
    annotation, markers = _annotation(dataset, options, path)
    out = options.out or dataset.derivative("strips", options.subject)
    check_apart(out, markers)
    require_own_image(annotation, options.accept_image)
    warn(options, told_of_reading(annotation))
    report(options.progress, 0.2, "straightening")
    strips = subject_strips(annotation, Across(options.across))
    if not strips:
        raise SpineRootError(f"{markers}: neither a root nor the dura of sub-{options.subject} is marked")
    whose = "consensus" if annotation.annotator is None else annotation.annotator
    title = f"sub-{options.subject}, {whose}: roots across {options.across.replace('-', ' and ')}"
    report(options.progress, 0.6, "drawing")
    file = write_page(out / f"sub-{options.subject}_strips.png", read_image(path), strips, title)
    described = describe_results(out, options.subject, STRIPS_TITLE, [markers], images=dataset.rawdata)
    report(options.progress, 1.0, "written")
    values = {"subject": options.subject, "across": options.across, "strips": [each.title for each in strips]}
    return Summary((*told(strips), f"Written to {file}"), values, (file, described))


def _annotation(dataset: Dataset, options: argparse.Namespace, ciss: Path) -> tuple[Annotation, Path]:
    """The annotation asked for, else the consensus or the first annotator's; and its folder."""
    if options.markers is not None:
        return read_on_image(options.markers, options.subject, ciss, options.segments), options.markers
    for annotator in (None, *dataset.annotators(options.subject)):
        if dataset.is_annotated(options.subject, annotator):
            return dataset.read(options.subject, annotator, options.segments), dataset.markers(annotator)
    raise DatasetError(f"nobody annotated sub-{options.subject}: say whose work by --markers", options.dataset)


COMMAND = Command("strips", _add_arguments, _run)
