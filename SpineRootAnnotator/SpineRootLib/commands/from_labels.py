"""`spineroot from-labels`: label maps that other programs made become an annotation of proposals."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import holds_markups, sidecar_path
from SpineRootLib.annotation_on_image import begun_on_image, read_on_image, require_own_image, told_of_reading
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_subject,
    argument,
    settle_session,
    warn,
)
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.generated_annotation import Generated, check_whose, write_generated
from SpineRootLib.images import describe_image
from SpineRootLib.label_maps.label_map_file import LabelMapFile, read_label_map, with_confidence
from SpineRootLib.label_maps.label_tables import LabelTable, choose_table, inline_table, shipped_tables
from SpineRootLib.label_maps.proposing import Proposed, propose
from SpineRootLib.label_maps.reading import read_marks
from SpineRootLib.naming import annotator_label, check_own, subject_path
from SpineRootLib.progress import part, report
from SpineRootLib.provenance import Provenance


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "images", nargs="+", type=Path, metavar="LABELS", help="label map: NIfTI, NRRD, MetaImage, DICOM SEG"
    )
    add_subject(parser)
    parser.add_argument("--ciss", type=Path, required=True, metavar="IMAGE", help="the CISS image, for its slices")
    add_accept_image(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="MARKERS", help="folder of the annotation")
    text = "whose annotation the proposals become (default: as the folder markers-A says)"
    parser.add_argument("--annotator", type=argument(annotator_label), metavar="A", help=text)
    text = (
        f"what the labels are: one for all label maps, or one for each; {', '.join(shipped_tables())}, or a JSON file"
    )
    parser.add_argument("--table", action="append", type=argument(choose_table), metavar="TABLE", help=text)
    text = "what a label is, such as 1=cord 2=nerveroots_L1_L 3=ganglions_S1, instead of a table"
    parser.add_argument("--label", nargs="+", action="extend", metavar="NUMBER=NAME", help=text)
    text = (
        "the probability of each voxel's label, an image or nnU-Net's .npz, one for each label map (default: "
        "LABELS_confidence.nii.gz or LABELS.npz beside it): how sure each proposal is"
    )
    parser.add_argument("--confidence", nargs="+", action="extend", type=Path, metavar="FILE", help=text)
    text = "which program made the label maps, for the record (default: as the JSON beside each says)"
    parser.add_argument("--program", metavar="TEXT", help=text)


def _run(options: argparse.Namespace) -> Summary:
    if options.out.exists():
        settle_session(options, [options.out])
    for path in (options.ciss, *options.images):
        check_own(path, options.subject)
    folder = subject_path(options.out, options.subject)
    check_whose(folder, options.subject, options.annotator)
    report(options.progress, 0.0, "reading")
    annotation = confirmed_part(_annotation(options, folder))
    tables = _tables(options)
    maps = [
        with_confidence(read_label_map(path, table, options.program), confidence)
        for path, table, confidence in zip(options.images, tables, _confidences(options), strict=True)
    ]
    read = read_marks(maps, annotation, progress=part(options.progress, 0.2, 1.0))
    annotation.provenance.document.setdefault("Images", {}).setdefault("CISS", describe_image(options.ciss))
    proposed = propose(annotation, read, maps)
    made = write_generated(options.out, annotation, "from-labels")
    write_description(options.out, f"Annotation by {annotation.annotator}, proposed by label maps")
    warn(options, proposed.notes)
    return _summary(options, proposed, maps, made)


def _annotation(options: argparse.Namespace, folder: Path) -> Annotation:
    """What is marked so far, or an annotation in which nothing is."""
    if holds_markups(folder):
        found = read_on_image(options.out, options.subject, options.ciss, options.segments, options.annotator)
        require_own_image(found, options.accept_image)
        warn(options, told_of_reading(found))
        return found
    provenance = Provenance.read(sidecar_path(folder, options.subject))
    name = options.out.resolve().name
    annotator = options.annotator or provenance.annotator
    if annotator is None and name.startswith("markers-"):
        annotator = annotator_label(name)
    if annotator is None:
        raise DatasetError("does not say whose annotation it is: name it markers-A, or give --annotator", options.out)
    return begun_on_image(options.subject, annotator, options.ciss, options.segments, provenance)


def _tables(options: argparse.Namespace) -> list[LabelTable | None]:
    """The table of each label map; None where the file itself is to tell."""
    chosen: list[LabelTable | None] = list(options.table or [])
    if options.label:
        if chosen:
            raise SpineRootError("--table and --label both say what the labels are: give one of them")
        chosen = [inline_table(options.label)]
    if not chosen:
        chosen = [None]
    if len(chosen) not in (1, len(options.images)):
        raise SpineRootError(f"{len(chosen)} tables for {len(options.images)} label maps: one for all, or one for each")
    return chosen * len(options.images) if len(chosen) == 1 else chosen


def _confidences(options: argparse.Namespace) -> list[Path | None]:
    """The file with probabilities of each label map; None for the one beside it."""
    if options.confidence and len(options.confidence) != len(options.images):
        fault = f"--confidence names {len(options.confidence)} files for {len(options.images)} label maps"
        raise SpineRootError(f"{fault}: one for each is needed")
    return list(options.confidence or [None] * len(options.images))


def _summary(options: argparse.Namespace, proposed: Proposed, maps: list[LabelMapFile], made: Generated) -> Summary:
    counts = ", ".join(f"{count} {name}" for name, count in proposed.counts.items()) or "nothing"
    lines = [f"sub-{options.subject}: proposed {counts}: {options.out}"]
    lines += [f"from {each.name}: {each.table.title}" for each in maps]
    if proposed.kept:
        lines.append(f"{proposed.kept} places were marked already and stay as they are")
    values = {
        "subject": options.subject,
        "proposed": proposed.counts,
        "kept_marks": proposed.kept,
        "label_maps": [each.record for each in maps],
        "notes": proposed.notes,
        **made.values(),
    }
    return Summary((*lines, *made.lines()), values, tuple(made.files))


COMMAND = Command("from-labels", _add_arguments, _run)
