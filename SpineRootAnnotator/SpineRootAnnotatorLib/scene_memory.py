"""What a saved scene remembers of a session: which subject of which dataset, by whom, and where in it the annotator is.

The files hold the rest. It stands in the module's parameter node, under the names and in the text that Slicer's
parameter node wrapper reads and writes; the wrapper itself, which needs Qt, is in the widgets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import slicer

MODULE = "SpineRootAnnotator"
_CLASS = "vtkMRMLScriptedModuleNode"
# how version 0.1 named them
_OLD_NAMES = {"dataset": "SpineRoot.Dataset", "subject": "SpineRoot.Subject", "annotator": "SpineRoot.Annotator"}
_OLD_WHERE = "SpineRoot.Where"
_OLD = (*_OLD_NAMES.values(), _OLD_WHERE)


@dataclass(frozen=True)
class OpenedSubject:
    """Which subject is open, and where in it the annotator is.

    Parameters
    ----------
    where : as `resume_position.place_at_work` tells it: ``Mode``, ``Slice``, ``Root``, ``Structure``, ``View``.
    """

    dataset: Path
    subject: str
    annotator: str
    where: Mapping[str, Any] = field(default_factory=dict)


def write(scene: Any, opened: OpenedSubject | None) -> None:
    """Remember what is open in the scene's parameter node; None for nothing."""
    node = scene.GetSingletonNode(MODULE, _CLASS) or _made(scene)
    with slicer.util.NodeModify(node):
        for name, text in _texts(opened).items():
            node.SetParameter(name, text)
        for name in _OLD:
            node.UnsetParameter(name)


def read(scene: Any) -> OpenedSubject | None:
    """What the scene remembers, also one of version 0.1; None if nothing."""
    node = scene.GetSingletonNode(MODULE, _CLASS)
    if node is None:
        return None
    if node.GetParameter("subject"):
        dataset, subject, annotator = (node.GetParameter(name) for name in _OLD_NAMES)
        return OpenedSubject(Path(dataset), subject, annotator, _where(node))
    if node.GetParameter(_OLD_NAMES["subject"]):
        dataset, subject, annotator = (node.GetParameter(name) for name in _OLD_NAMES.values())
        return OpenedSubject(Path(dataset), subject, annotator, _parsed(node.GetParameter(_OLD_WHERE)))
    return None


def _texts(opened: OpenedSubject | None) -> dict[str, str]:
    """The text of each parameter, as the wrapper writes it; an empty path is the folder ``.``, no slice is 0."""
    dataset, subject, annotator = (
        (Path(), "", "") if opened is None else (opened.dataset, opened.subject, opened.annotator)
    )
    where = {} if opened is None else opened.where
    return {
        "dataset": str(dataset),
        "subject": subject,
        "annotator": annotator,
        "mode": str(where.get("Mode", "")),
        "slice": str(where.get("Slice", 0)),
        "root": str(where.get("Root", "")),
        "structure": str(where.get("Structure", "")),
        "view": json.dumps(where["View"]) if "View" in where else "",
    }


def _where(node: Any) -> dict[str, Any]:
    texts = {name: node.GetParameter(name.lower()) for name in ("Mode", "Root", "Structure")}
    where: dict[str, Any] = {name: text for name, text in texts.items() if text}
    number = node.GetParameter("slice")
    if number.isdecimal() and int(number):
        where["Slice"] = int(number)
    view = _parsed(node.GetParameter("view"))
    return {**where, "View": view} if view else where


def _parsed(text: str) -> dict[str, Any]:
    """The JSON object that a text holds; empty for any other text."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _made(scene: Any) -> Any:
    node = scene.CreateNodeByClass(_CLASS)
    node.SetSingletonTag(MODULE)
    node.SetAttribute("ModuleName", MODULE)
    node.SetName(MODULE)
    node.UnRegister(None)
    return scene.AddNode(node)
