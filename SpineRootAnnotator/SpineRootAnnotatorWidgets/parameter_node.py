"""The module's parameter node, typed: what a scene remembers of the panel."""

from __future__ import annotations

from pathlib import Path

from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class SpineRootAnnotatorParameterNode:
    """Which subject is open, and where in it the annotator is; the session writes it (`scene_memory`).

    Empty texts and slice 0 stand for nothing. `view` is JSON: the width and the centre of what is seen of the slice.
    """

    dataset: Path
    subject: str
    annotator: str
    mode: str
    slice: int
    root: str
    structure: str
    view: str
