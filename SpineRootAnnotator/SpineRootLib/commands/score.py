"""`spineroot score`: a model's label map against an annotation."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.agreement.tables import write_exactly
from SpineRootLib.annotation_on_image import told_of_reading
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_subject,
    argument,
    read_markers,
    root_radius,
    warn,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.images import read_frame
from SpineRootLib.label_maps.label_map_file import read_label_map
from SpineRootLib.label_maps.label_tables import choose_table, inline_table, shipped_tables
from SpineRootLib.labels import LabelSettings
from SpineRootLib.learning.label_score import COLUMNS, CROWDING, LabelScore, LabelScoreSettings, columns, score_labels
from SpineRootLib.naming import check_own

SCORE_TITLE = "Predictions scored against annotations"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder of the annotation that is right")
    add_subject(parser)
    parser.add_argument("--ciss", type=Path, required=True, metavar="IMAGE", help="the CISS image, for its voxels")
    add_accept_image(parser)
    parser.add_argument("--labels", type=Path, required=True, metavar="LABELS", help="the predicted label map")
    text = f"what its labels are: {', '.join(shipped_tables())}, or a JSON or TSV file"
    parser.add_argument("--table", type=argument(choose_table), metavar="TABLE", help=text)
    text = "what a label is, such as 1=cord 2=nerveroots_L1_L, instead of a table"
    parser.add_argument("--label", nargs="+", action="extend", metavar="NUMBER=NAME", help=text)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the tables")
    radius = LabelSettings.root_radius_mm
    text = f"of the roots in the annotation's label map (default: {radius:g})"
    parser.add_argument("--radius", type=argument(root_radius), default=radius, metavar="MM", help=text)


def _run(options: argparse.Namespace) -> Summary:
    if options.label and options.table is not None:
        raise SpineRootError("--label says what --table says: name one of the two")
    check_apart(options.out, options.markers)
    annotation = read_markers(options, options.markers, told_of_reading)
    if count := annotation.provenance.proposed:
        warn(options, [f"{count} proposals that nobody has confirmed are left out of what is right"])
        annotation = confirmed_part(annotation)
        if annotation.is_empty:
            raise DatasetError("holds proposals alone: nothing in it is known to be right", options.markers)
    check_own(options.labels, annotation.subject)
    table = inline_table(options.label) if options.label else options.table
    prediction = read_label_map(options.labels, table)
    settings = LabelScoreSettings(labels=LabelSettings(options.radius))
    found = score_labels(prediction, annotation, read_frame(options.ciss), settings, options.progress)
    warn(options, [f"{prediction.name}: {note}" for note in found.notes])
    stem = f"sub-{annotation.subject}"
    about = {"Prediction": prediction.record, "Settings": {"root_radius_mm": options.radius}}
    files = [
        *write_exactly(options.out / f"{stem}_desc-labels_score.tsv", columns(), found.rows, COLUMNS, about),
        *write_exactly(
            options.out / f"{stem}_desc-crowding_score.tsv", list(CROWDING), found.crowding, CROWDING, about
        ),
    ]
    sources, images = [options.markers], images_dataset(options.ciss)
    files.append(describe_results(options.out, annotation.subject, SCORE_TITLE, sources, images))
    values = {"subject": annotation.subject, "structures": found.rows, "crowding": found.crowding}
    return Summary(
        (*_lines(found), f"Written to {options.out}"), {**values, "score": found.total.percent}, tuple(files)
    )


def _lines(found: LabelScore) -> list[str]:
    lines = []
    for row in found.rows:
        if row["side"] is not None:
            continue
        name = " ".join(str(row[key]) for key in ("structure", "segment") if row[key] is not None)
        words = [f"{name}: Dice {_text(row['dice'], 3)}", f"edges {_text(row.get('surface_mean_mm'), 2)} mm apart"]
        if "coverage" in row:
            words += [
                f"on {_text(row['coverage'], 2)} of {row['n_slices']} marks",
                f"{_text(row['median_mm'], 2)} mm off",
                f"wrong root {_text(row['wrong_root'], 2)}",
            ]
        lines.append(", ".join(words))
    for row in found.crowding:
        lines.append(
            f"nearest other root {row['nearest_mm']} mm: {row['n_marks']} marks, right {_text(row['right'], 2)}, "
            f"covered {_text(row['coverage'], 2)}, wrong root {_text(row['wrong_root'], 2)}"
        )
    if found.total.percent is not None:
        lines.append(f"Score of the points, as an annotator's: {found.total.percent:.1f} of 100")
    return lines


def _text(value: float | None, digits: int) -> str:
    return "n/a" if value is None else f"{value:.{digits}f}"


COMMAND = Command("score", _add_arguments, _run)
