"""`spineroot trace`: completes a sparse annotation with proposals for every root and contour."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.annotation_on_image import told_of_reading
from SpineRootLib.commands.base import Command, Summary, add_run, add_subject, open_dataset, warn
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import DatasetError
from SpineRootLib.generated_annotation import Generated, check_whose, write_generated
from SpineRootLib.images import describe_image, read_image
from SpineRootLib.naming import subject_path
from SpineRootLib.progress import part, report
from SpineRootLib.tables import write_described
from SpineRootLib.tracing import FluidSettings, Tracer, TracingSettings
from SpineRootLib.tracing.subject import COLUMNS, TracedSubject, table_rows, trace_subject


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the dataset, with the CISS image")
    add_subject(parser)
    add_run(parser)
    parser.add_argument("--annotator", required=True, metavar="A", help="whose sparse annotation is completed")
    parser.add_argument("--out", required=True, type=Path, metavar="MARKERS", help="folder of the completed annotation")
    parser.add_argument("--inverted", action="store_true", help="roots are bright in dark fluid")


def _run(options: argparse.Namespace) -> Summary:
    dataset = open_dataset(options)
    path = dataset.image(options.subject, "CISS")
    if path is None:
        raise DatasetError(f"holds no CISS image of sub-{options.subject}", options.dataset)
    report(options.progress, 0.0, "reading")
    sparse = dataset.read(options.subject, options.annotator, options.segments)
    warn(options, told_of_reading(sparse))
    check_whose(subject_path(options.out, options.subject), options.subject, options.annotator)
    settings = TracingSettings(fluid=FluidSettings(bright_fluid=not options.inverted))
    images = sparse.provenance.document.setdefault("Images", {})
    images.setdefault("CISS", describe_image(path))
    traced = trace_subject(Tracer(read_image(path), settings), sparse, part(options.progress, 0.1, 1.0))
    made = write_generated(options.out, traced.annotation, "trace")
    title = f"Annotation by {options.annotator}, completed by SpineRoot"
    write_description(options.out, title, sources=[dataset.markers(options.annotator)], images=dataset.rawdata)
    table = subject_path(options.out, options.subject) / f"sub-{options.subject}_trace.tsv"
    tables = write_described(table, list(COLUMNS), table_rows(traced), COLUMNS)
    return _summary(options, traced, made, tables)


def _summary(options: argparse.Namespace, traced: TracedSubject, made: Generated, tables: list[Path]) -> Summary:
    counts = ", ".join(f"{count} {name}" for name, count in traced.accepted.items()) or "nothing"
    look, unseen = sum(traced.uncertain.values()), sum(traced.unseen.values())
    lines = [
        f"sub-{options.subject}: proposed {counts}; {look} of them are uncertain and flagged: {options.out}",
        f"{unseen} of them follow from what is marked about them, for nothing is seen there; by slice: {tables[0]}",
        *made.lines(),
        *traced.notes,
        *traced.annotation.missing(),
    ]
    values = {
        "subject": options.subject,
        "annotator": options.annotator,
        "proposed": traced.accepted,
        "uncertain": traced.uncertain,
        "unseen": traced.unseen,
        "omitted": [vars(each) for each in traced.omitted],
        "notes": traced.notes,
        **made.values(),
    }
    return Summary(tuple(lines), values, (*made.files, *tables))


COMMAND = Command("trace", _add_arguments, _run)
