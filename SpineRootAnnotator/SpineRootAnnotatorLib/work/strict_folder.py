"""Files in the wild are given their strict names before the first edit, the originals kept."""

from __future__ import annotations

from pathlib import Path

from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import markups_file_names, structures, write_annotation
from SpineRootLib.made_annotation import keep_as_found
from SpineRootLib.naming import MarkupsName


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

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    kept = keep_as_found(folder, annotation.subject)
    write_annotation(folder.parent, annotation, durable=False)
    return kept
