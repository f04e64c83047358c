"""`spineroot to-nnunet`: a cohort as an nnU-Net v2 raw data set."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_run,
    add_segments,
    argument,
    root_radius,
    warn,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.labels import LabelSettings
from SpineRootLib.learning.label_numbers import EACH_ROOT, TOLD_APART
from SpineRootLib.learning.monai import write_datalist
from SpineRootLib.learning.nnunet import HELD_OUT, TRAINING, ExportSettings, export_cohort
from SpineRootLib.naming import annotator_label, split_label, subject_label


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the BIDS dataset")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the data set, such as Dataset101_Roots")
    text = "whose annotations (default: the consensus, else the only annotator)"
    parser.add_argument("--annotator", type=argument(annotator_label), metavar="A", help=text)
    parser.add_argument(
        *("--participant-label", "--participant_label"),
        nargs="+",
        action="extend",
        type=argument(subject_label),
        metavar="01",
        help="these subjects only",
    )
    add_run(parser)
    add_segments(parser)
    text = "a label for each root, for each level, or one for all (default: roots)"
    parser.add_argument("--labels", choices=TOLD_APART, default=EACH_ROOT, help=text)
    text = "T2-TSE as a second channel, resampled to the voxels of CISS"
    parser.add_argument("--t2tse", action="store_true", help=text)
    default = ExportSettings()
    text = f"share of people kept for testing, by a hash of their labels (default: {default.held_out:g})"
    parser.add_argument("--held-out", type=argument(_share), default=default.held_out, metavar="SHARE", help=text)
    radius = LabelSettings.root_radius_mm
    parser.add_argument(
        "--radius", type=argument(root_radius), default=radius, metavar="MM", help=f"of the roots (default: {radius:g})"
    )
    parser.add_argument("--monai", action="store_true", help="also write a data list for MONAI")
    add_accept_image(parser)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise SpineRootError(f"'{text}' is no share of people: from 0 to less than 1")
    return share


def _run(options: argparse.Namespace) -> Summary:
    dataset = Dataset.open(options.dataset, options.run)
    if options.out.resolve() == options.dataset.resolve():
        raise DatasetError("is the dataset itself: choose another folder", options.out)
    inputs = [dataset.markers(), *map(dataset.markers, dataset.annotators())]
    for folder in inputs if dataset.rawdata == dataset.root else [dataset.rawdata, *inputs]:
        check_apart(options.out, folder)
    settings = ExportSettings(options.annotator, options.segments, options.labels, options.t2tse, options.held_out)
    settings = replace(settings, labels=LabelSettings(options.radius), accept_image=options.accept_image)
    exported = export_cohort(dataset, options.out, _subjects(options, dataset), settings, options.progress)
    warn(options, [*exported.notes, *_notes(options, exported.of(TRAINING), exported.of(HELD_OUT))])
    files = list(exported.files)
    if options.monai:
        files.append(write_datalist(options.out, exported, 2 if options.t2tse else 1))
    counts = {kind: len(exported.of(kind)) for kind in (TRAINING, HELD_OUT)}
    lines = [f"{counts[TRAINING]} subjects to learn from, {counts[HELD_OUT]} held out: {options.out}"]
    left = sum(case["proposals_left_out"] for case in exported.cases)
    lines += [f"{left} marks that nobody confirmed are no labels"] * bool(left)
    return Summary(tuple(lines), {**counts, "cases": exported.cases}, tuple(files))


def _subjects(options: argparse.Namespace, dataset: Dataset) -> list[str]:
    there, asked = dataset.subjects(), options.participant_label
    for label in asked or ():
        if not any(label in (each, split_label(each)[0]) for each in there):
            raise DatasetError(f"holds no sub-{label}", dataset.root)
    return [each for each in there if asked is None or each in asked or split_label(each)[0] in asked]


def _notes(options: argparse.Namespace, training: list[str], held_out: list[str]) -> list[str]:
    notes = []
    if not re.fullmatch(r"Dataset\d{3}_\w+", options.out.resolve().name):
        notes.append(f"nnU-Net wants a folder called like Dataset101_Roots, not {options.out.resolve().name}")
    if options.held_out and not held_out:
        notes.append("nobody is held out: by their labels none of these people belongs to the share kept for testing")
    if len({split_label(each)[0] for each in training}) < 2:
        notes.append("fewer than two people to learn from: there are no folds")
    return notes


COMMAND = Command("to-nnunet", _add_arguments, _run)
