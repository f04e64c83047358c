"""Files in the wild are given their strict names before the first edit, the originals kept."""

from __future__ import annotations

from pathlib import Path

from SpineRootAnnotatorLib.work.foreign_fields import with_foreign_fields
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, SPINAL_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import markups_file_names, structure_text, structures, write_annotation
from SpineRootLib.atomic import write_text
from SpineRootLib.generated_annotation import keep_as_found
from SpineRootLib.naming import MarkupsName, parse_markups_name
from SpineRootLib.subject_folders import holder_of


def is_strict(annotation: Annotation, folder: Path) -> bool:
    """Whether each file in the folder has the name that it would be written under.

    A contour saved under the strict name of its slice would otherwise replace the file of another slice.
    """
    if set(markups_file_names(folder)) != {name.file_name() for name, _ in structures(annotation)}:
        return False
    return all(
        contour.source in ("", MarkupsName(annotation.subject, structure, number).file_name())
        for structure in CONTOUR_STRUCTURES
        if annotation.contours[structure]
        for number, contour in annotation.contours_by_slice(structure).items()
    )


def make_strict(annotation: Annotation, folder: Path) -> Path:
    """Write the annotation under strict names; the files as they were are kept in a folder of their own, returned.

    What a file says besides its points goes along.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    kept = keep_as_found(folder, annotation.subject)
    write_annotation(holder_of(folder), annotation, durable=False)
    sources = _sources(annotation, kept)
    for name, points in structures(annotation):
        if name.key in sources:
            text, _is_whole = with_foreign_fields(
                sources[name.key].read_bytes(), structure_text(name, points), name.label
            )
            write_text(folder / name.file_name(), text, durable=False)
    return kept


def _sources(annotation: Annotation, kept: Path) -> dict[str, Path]:
    """The file that was found for each strict one, by its key (``nerveroots_L1_L``)."""
    sources: dict[str, Path] = {}
    for file_name in markups_file_names(kept):
        name = parse_markups_name(file_name, SPINAL_SEGMENTS)
        if name is not None and name.structure not in CONTOUR_STRUCTURES:
            sources.setdefault(name.key, kept / file_name)
    for structure in CONTOUR_STRUCTURES:
        by_slice = annotation.contours_by_slice(structure) if annotation.contours[structure] else {}
        for number, contour in by_slice.items():
            if contour.source:
                sources[MarkupsName(annotation.subject, structure, number).key] = kept / contour.source
    return sources
