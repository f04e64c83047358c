"""What `labels` writes besides its label map, and how thick it takes the roots to be."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.annotation import Annotation
from SpineRootLib.commands.base import argument, warn
from SpineRootLib.commands.root_radii import check_levels, chosen_radii
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, read_image
from SpineRootLib.label_maps.label_tables import LabelTable, choose_table, shipped_tables
from SpineRootLib.labels import LabelSettings

if TYPE_CHECKING:
    from SpineRootLib.learning.label_numbers import LabelNumbers

# spinal levels as the Spinal Cord Toolbox counts them, and the name of the file
SCT_TABLE, _SCT_NAME = "sct-rootlets", "sctlevels"


def add_label_outputs(parser: argparse.ArgumentParser) -> None:
    """The options."""
    add_radii(parser)
    text = f"also with the numbers of a table: {', '.join(shipped_tables())}, or a JSON or TSV file"
    parser.add_argument("--table", type=argument(choose_table), metavar="TABLE", help=text)
    text = "sct: also spinal levels as the Spinal Cord Toolbox counts them, and sides in another map"
    parser.add_argument("--numbers", choices=("sct",), help=text)
    parser.add_argument("--each", action="store_true", help="also a mask for each structure")
    parser.add_argument("--soft", action="store_true", help="also the share of each voxel that a structure fills")
    parser.add_argument("--distance", action="store_true", help="also each voxel's distance to the edges, mm")
    text = "also as DICOM SEG of the annotated series, whose folder this is (needs highdicom)"
    parser.add_argument("--dicom-seg", type=Path, metavar="SERIES", help=text)
    parser.add_argument("--heat", action="store_true", help="also heat around each point, as wide as it is uncertain")


def add_radii(parser: argparse.ArgumentParser) -> None:
    """The options for radii other than one for all roots."""
    text = "of some levels: L1=0.6 S2=0.4, or literature: whole roots of cadavers"
    parser.add_argument("--radius-of", nargs="+", action="extend", default=[], metavar="LEVEL=MM", help=text)
    text = "measure each root's radius in --ciss; one that cannot be measured has that of --radius"
    parser.add_argument("--measure-radius", action="store_true", help=text)


def check_radii(options: argparse.Namespace) -> None:
    """See that options do not contradict each other.

    Raises
    ------
    SpineRootError
        if they do.
    """
    if options.measure_radius and options.radius_of:
        raise SpineRootError("--measure-radius measures what --radius-of gives: name one of the two")
    if any("=" not in word and word != "literature" for word in options.radius_of):
        raise SpineRootError("--radius-of gives radii by level, such as L1=0.6; --radius gives one for all")


def asks_for_more(options: argparse.Namespace) -> bool:
    """Whether more is asked for than the label map."""
    wanted = (
        options.table,
        options.numbers,
        options.dicom_seg,
        options.each,
        options.soft,
        options.distance,
        options.heat,
    )
    return any(each not in (None, False) for each in wanted)


def label_settings(options: argparse.Namespace, annotation: Annotation) -> LabelSettings:
    """How thick roots are: as given, or as measured in the image.

    Raises
    ------
    SpineRootError
        if a radius is given for a level that is not annotated.
    """
    check_levels(options.radius_of, annotation, "--radius-of")
    if options.measure_radius:
        from SpineRootLib.surfaces.root_radius import measure_radii
        from SpineRootLib.surfaces.root_settings import RadiusMeasurementSettings

        measured = measure_radii(annotation, read_image(options.ciss), RadiusMeasurementSettings())
        missing = [str(root) for root in sorted(annotation.roots) if root not in measured]
        if missing:
            warn(options, [f"{', '.join(missing)} cannot be measured and have a radius of {options.radius:g} mm"])
        return LabelSettings(options.radius, {str(root): round(each.radius_mm, 4) for root, each in measured.items()})
    return LabelSettings(options.radius, dict(chosen_radii(options.radius_of).radius_by_segment))


def further_numbers(options: argparse.Namespace) -> list[tuple[LabelNumbers, str]]:
    """The numbers of the further label maps, each with the name of its file.

    Raises
    ------
    SpineRootError
        if something that was asked for cannot be made: a table has no use, highdicom or the series is not there.
    """
    from SpineRootLib.label_maps.dicom_seg import check_series
    from SpineRootLib.learning.label_numbers import LabelNumbers

    if options.dicom_seg is not None:
        check_series(options.dicom_seg)
    tables: list[tuple[LabelTable, str]] = [] if options.table is None else [(options.table, options.table.name)]
    tables += [] if options.numbers is None else [(shipped_tables()[SCT_TABLE], _SCT_NAME)]
    return [(LabelNumbers.from_table(table, options.segments), name) for table, name in tables]


def write_outputs(
    options: argparse.Namespace,
    folder: Path,
    numbers: Sequence[tuple[LabelNumbers, str]],
    image: Image,
    labels: NDArray[np.uint8],
    annotation: Annotation,
    settings: LabelSettings,
) -> list[Path]:
    """Write what was asked for besides the label map; the files.

    Parameters
    ----------
    numbers : of the further label maps (`further_numbers`).
    """
    from SpineRootLib.learning.map_files import DISTANCE, HEAT, SOFT, LabelMapFiles
    from SpineRootLib.learning.maps import MapSettings

    made = LabelMapFiles(folder, image, annotation, labels, MapSettings(labels=settings))
    files = made.sides() if options.numbers is not None else []
    for each, name in numbers:
        files += made.numbered(each, name)
    files += made.each() if options.each else []
    for kind in (SOFT, DISTANCE, HEAT):
        files += made.maps(kind) if getattr(options, kind) else []
    if options.dicom_seg is not None:
        files += made.dicom_seg(options.dicom_seg)
    return files
