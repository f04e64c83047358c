"""The codes under which DICOM knows what a segment shows: SNOMED CT, as in DICOM PS3.16, CID 7150 and 7151."""

from __future__ import annotations

from typing import NamedTuple

from SpineRootLib.anatomy import CORD, CSF


class Code(NamedTuple):
    """A code of SNOMED CT, and what it means."""

    value: str
    meaning: str

    def __str__(self) -> str:
        return f"SCT^{self.value}^{self.meaning}"


_STRUCTURE, _SUBSTANCE = Code("91723000", "Anatomical Structure"), Code("91720002", "Body Substance")


def category_and_type(name: str) -> tuple[Code, Code]:
    """The category and the type of what a label shows; nerve roots have those of nerves."""
    kinds = {
        CORD: (_STRUCTURE, Code("2748008", "Spinal cord")),
        CSF: (_SUBSTANCE, Code("65216001", "Cerebrospinal Fluid")),
    }
    return kinds.get(name, (_STRUCTURE, Code("91728009", "Nerve")))


def terminology(name: str) -> str:
    """The same as Slicer writes it at a segment: context, category, type, modifier; context, region, modifier."""
    category, kind = category_and_type(name)
    context = "Segmentation category and type - DICOM master list"
    return f"{context}~{category}~{kind}~^^~Anatomic codes - DICOM master list~^^~^^"
