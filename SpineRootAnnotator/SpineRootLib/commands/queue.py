"""`spineroot queue`: the slices on which a model is least certain, or two models differ most, to be looked at next."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.commands.base import Command, Summary, add_run, argument, warn
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.images import Image, read_frame
from SpineRootLib.label_maps.confidence import CONFIDENCE_ENDING, PROBABILITIES_ENDING
from SpineRootLib.label_maps.label_map_file import read_label_map, with_confidence
from SpineRootLib.label_maps.label_tables import LabelTable, choose_table, shipped_tables
from SpineRootLib.learning.queue import COLUMNS, Uncertain, by_confidence, by_disagreement, queue_rows
from SpineRootLib.progress import report
from SpineRootLib.tables import write_described

_ENDING = ".nii.gz"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the dataset, with the CISS images")
    text = (
        "folder with a label map of each subject, sub-01.nii.gz; beside it sub-01_confidence.nii.gz or nnU-Net's .npz"
    )
    parser.add_argument("predictions", type=Path, metavar="PREDICTIONS", help=text)
    text = "folder with the label maps of another model: the queue is of what both call differently"
    parser.add_argument("--second", type=Path, metavar="PREDICTIONS", help=text)
    text = f"what the labels are: {', '.join(shipped_tables())}, or a JSON or TSV file"
    parser.add_argument("--table", type=argument(choose_table), metavar="TABLE", help=text)
    parser.add_argument("--slices", type=int, default=5, metavar="N", help="of each subject (default: 5)")
    add_run(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.tsv", help="the queue")


def _run(options: argparse.Namespace) -> Summary:
    if options.slices < 1:
        raise SpineRootError("--slices takes a whole number from 1 up")
    if options.out.suffix != ".tsv":
        raise DatasetError("a queue is a table: its name must end in .tsv", options.out)
    dataset, progress = Dataset.open(options.dataset, options.run), options.progress
    found: dict[str, list[Uncertain]] = {}
    for rank, subject in enumerate(subjects := _predicted(options.predictions, dataset)):
        report(progress, rank / len(subjects), f"sub-{subject}")
        ciss = dataset.image(subject, "CISS")
        if ciss is None:
            warn(options, [f"sub-{subject} has no CISS image and is left out"])
            continue
        found[subject] = _of_subject(subject, options.predictions, options.second, options.table, read_frame(ciss))
    report(progress, 1.0, "ranked")
    rows = list(queue_rows(found, options.slices))
    if not rows:
        raise DatasetError("shows cord or roots of nobody", options.predictions)
    files = write_described(options.out, list(COLUMNS), rows, COLUMNS)
    lines = [
        f"{row['rank']:>4}. sub-{row['subject']}, slice {row['slice']}: {row['uncertainty']:.2f}" for row in rows[:10]
    ]
    return Summary(
        (*lines, f"{len(rows)} slices of {len(found)} subjects: {options.out}"), {"queue": rows}, tuple(files)
    )


def _predicted(folder: Path, dataset: Dataset) -> list[str]:
    if not folder.is_dir():
        raise DatasetError("there is no such folder", folder)
    found = [subject for subject in dataset.subjects() if (folder / f"sub-{subject}{_ENDING}").is_file()]
    if not found:
        raise DatasetError("holds no label map of a subject of the dataset, such as sub-01.nii.gz", folder)
    return found


def _of_subject(
    subject: str, folder: Path, second: Path | None, table: LabelTable | None, image: Image
) -> list[Uncertain]:
    prediction = read_label_map(folder / f"sub-{subject}{_ENDING}", table)
    if second is not None:
        other = read_label_map(second / f"sub-{subject}{_ENDING}", prediction.table)
        return by_disagreement(subject, prediction, other, image)
    prediction = with_confidence(prediction)
    if prediction.confidence is None:
        name = f"sub-{subject}{_ENDING}"
        stem = name.removesuffix(_ENDING)
        fault = f"has beside it neither {stem}{CONFIDENCE_ENDING} nor {stem}{PROBABILITIES_ENDING}"
        raise DatasetError(f"{fault}: give those, or --second", folder / name)
    return by_confidence(subject, prediction, image)


COMMAND = Command("queue", _add_arguments, _run)
