"""`spineroot import`: DICOM to BIDS."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from SpineRootLib.commands.base import Command, Summary, add_subject, argument
from SpineRootLib.dicom_import import (
    KEPT_FIELDS,
    ImportPlan,
    ImportSettings,
    PlannedSeries,
    import_subject,
    preview_import,
)
from SpineRootLib.dicom_import.rules import DEFAULT_RULES
from SpineRootLib.errors import SpineRootError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dicom", type=Path, metavar="DICOM_DIR", help="folder with the DICOM files of one person")
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="the BIDS dataset; made if it is missing")
    add_subject(parser, segments=False, sessions=False)
    parser.add_argument("--preview", action="store_true", help="say which series becomes which file and write nothing")
    parser.add_argument(
        "--choose",
        type=argument(_choice),
        action="append",
        default=[],
        metavar="IMAGE=SERIES",
        help="take this series, such as CISS=7, where the rules do not tell or tell wrong",
    )
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help=f"a site's own rules instead of {DEFAULT_RULES.name}"
    )
    parser.add_argument(
        "--bids-names", action="store_true", help="names that BIDS knows, sub-03_acq-CISS_T2w instead of sub-03_CISS"
    )
    parser.add_argument("--force", action="store_true", help="replace the images of a subject that is there already")
    listed = ", ".join(KEPT_FIELDS)
    parser.epilog = f"All that stays in a sidecar: {listed}; none of them with a name or number of the person."


def _run(options: argparse.Namespace) -> Summary:
    chosen = [image for image, _series in options.choose]
    for image in chosen:
        if chosen.count(image) > 1:
            raise SpineRootError(f"--choose gives {image}= more than once")
    settings = ImportSettings(options.rules, dict(options.choose), options.bids_names, options.force)
    if options.preview:
        plan = preview_import(options.dicom, settings, options.progress)
        lines = [*_printed(plan, options.subject), *(f"Not yet: {fault}" for fault in plan.faults)]
        return Summary(tuple(lines), _values(plan, options.subject))
    report = import_subject(options.dicom, options.dataset, options.subject, settings, options.progress)
    lines = [*_printed(report.plan, options.subject), f"Taken out of the sidecars: {', '.join(report.removed) or '-'}"]
    values = {**_values(report.plan, options.subject), "removed": list(report.removed)}
    return Summary(tuple(lines), values, report.files)


def _printed(plan: ImportPlan, subject: str) -> Iterator[str]:
    for one in plan.series:
        remark = f" ({one.remark})" if one.remark else ""
        yield f"series {one.key}, {one.description}, {one.slices} slices: {_file(one, subject) or 'left over'}{remark}"
    yield from plan.remarks


def _file(one: PlannedSeries, subject: str) -> str:
    folder, _, name = one.target.rpartition("/")
    return f"sub-{subject}/{folder}/sub-{subject}_{name}.nii.gz" if name else ""


def _values(plan: ImportPlan, subject: str) -> dict[str, object]:
    series = [
        {"series": one.key, "description": one.description, "slices": one.slices, "file": _file(one, subject)}
        | ({"remark": one.remark} if one.remark else {})
        for one in plan.series
    ]
    return {"subject": subject, "series": series, "faults": list(plan.faults), "remarks": list(plan.remarks)}


def _choice(text: str) -> tuple[str, str]:
    image, _, series = text.partition("=")
    if not image or not series:
        raise SpineRootError(f"'{text}' is not like CISS=7")
    return image, series


COMMAND = Command("import", _add_arguments, _run)
