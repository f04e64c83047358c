"""The names of segments that Slicer writes into the header of a segmentation (``.seg.nrrd``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import SimpleITK as sitk

from SpineRootLib.errors import SpineRootError
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.label_maps.meanings import OTHER, Meaning
from SpineRootLib.native_path import native_name
from SpineRootLib.translation import _

_NAME = re.compile(r"Segment(\d+)_Name")


def table_of_segments(path: Path) -> LabelTable | None:
    """The table that a file's own segments make; None where it names none, or nothing of ours."""
    if not path.name.endswith(".nrrd"):
        return None
    reader = sitk.ImageFileReader()
    reader.SetFileName(native_name(path))
    reader.ReadImageInformation()
    names: dict[int, str] = {}
    for key in reader.GetMetaDataKeys():
        match = _NAME.fullmatch(key)
        number = f"Segment{match[1]}_LabelValue" if match else ""
        if reader.HasMetaDataKey(number) and reader.GetMetaData(number).isdigit():
            names[int(reader.GetMetaData(number))] = reader.GetMetaData(key)
    return table_of_names(names)


def table_of_names(names: Mapping[int, str]) -> LabelTable | None:
    """The table of segments by number; a name that is none of ours stands for nothing of ours.

    None where that is so of all of them: then nobody has named them.
    """
    meanings = {}
    for number, name in names.items():
        try:
            meanings[number] = Meaning.parse(name)
        except SpineRootError:
            meanings[number] = Meaning(OTHER)
    if all(each.structure == OTHER for each in meanings.values()):
        return None
    return LabelTable("segments", _("segments by their names"), meanings)
