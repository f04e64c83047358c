"""What the autosave writes: one function a kind of file, made where the click is, run in its thread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SpineRootAnnotatorLib.work.autosave import Writer
from SpineRootAnnotatorLib.work.foreign_fields import ForeignFields
from SpineRootAnnotatorLib.work.marks import file_points
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import sidecar_path
from SpineRootLib.atomic import write_text
from SpineRootLib.dataset_description import write_description
from SpineRootLib.frames import Points
from SpineRootLib.naming import MarkupsName
from SpineRootLib.place import Place
from SpineRootLib.provenance import ORIGINS, Provenance
from SpineRootLib.subject_folders import holder_of


def structure_writer(name: MarkupsName, points: Points, files: ForeignFields) -> Writer:
    """Writes the file of a structure; removes it where nothing is marked any more."""
    return lambda _folder: files.write(name, points)


def sidecar_writer(subject: str, provenance: Provenance) -> Writer:
    """Writes the sidecar as it is now."""
    # Only the text is made here: json in C, without line ends, takes a millisecond; what is edited next is not in it.
    compact = json.dumps(provenance.document, ensure_ascii=False)

    def write(folder: Path) -> None:
        write_text(sidecar_path(folder, subject), Provenance(json.loads(compact)).text())

    return write


def description_writer(name: str) -> Writer:
    """Writes the description of the annotator's derivative, unless there is one."""
    return lambda folder: write_description(holder_of(folder), name)


def count_origins(annotation: Annotation, places: Sequence[Place]) -> None:
    """Write into the provenance how many points of these structures were placed, accepted and corrected."""
    for place in places:
        record: dict[str, Any] = annotation.provenance.structure(place.key)
        points: dict[str, Any] = record.get("Points", {})
        each = len(file_points(annotation, place)) if place.root is None else 1
        for origin in ORIGINS:
            record[origin.capitalize()] = each * sum(1 for point in points.values() if point.get("Origin") == origin)
