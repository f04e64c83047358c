"""What a saved scene remembers of the modeler: which subject is open, whom it compares, what it builds from.

The parameters have the names and the form in which Slicer's parameter node wrapper keeps them, so that the wrapper
of the module file reads and writes the same node.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer

MODULE = "SpineRootModeler"
_CLASS = "vtkMRMLScriptedModuleNode"
# how version 0.1 named its parameters; annotators were one text with blanks between them
_NAMES_0_1 = {name: f"SpineRoot.{name.capitalize()}" for name in ("dataset", "subject", "source", "compared")}


@dataclass(frozen=True)
class RememberedSubject:
    """What is open.

    Parameters
    ----------
    source : what surfaces are built from: an annotator, or empty for the consensus.
    compared : the annotators that are compared; none if nothing is.
    """

    dataset: Path
    subject: str
    source: str = ""
    compared: tuple[str, ...] = ()


def write(scene: Any, opened: RememberedSubject | None) -> None:
    """Remember what is open in the scene's parameter node; None for nothing."""
    node = scene.GetSingletonNode(MODULE, _CLASS)
    if node is None and opened is None:
        return
    node = node or _made(scene)
    dataset = "" if opened is None else str(opened.dataset)
    opened = opened or RememberedSubject(Path(), "")
    with slicer.util.NodeModify(node):
        for old in _NAMES_0_1.values():
            node.UnsetParameter(old)
        for name, value in (("dataset", dataset), ("subject", opened.subject), ("source", opened.source)):
            node.SetParameter(name, value)
        _write_list(node, "compared", opened.compared)


def read(scene: Any) -> RememberedSubject | None:
    """What the scene remembers; None if nothing. Scenes of version 0.1 are read as well."""
    node = scene.GetSingletonNode(MODULE, _CLASS)
    if node is None:
        return None
    if node.GetParameter(_NAMES_0_1["subject"]):
        dataset, subject, source, compared = (node.GetParameter(name) for name in _NAMES_0_1.values())
        return RememberedSubject(Path(dataset), subject, source, tuple(compared.split()))
    dataset, subject, source = (node.GetParameter(name) for name in ("dataset", "subject", "source"))
    return RememberedSubject(Path(dataset), subject, source, _read_list(node, "compared")) if subject else None


def _write_list(node: Any, name: str, values: tuple[str, ...]) -> None:
    before = len(_read_list(node, name))
    for number, value in enumerate(values):
        node.SetParameter(f"{name}.{number}", value)
    node.SetParameter(f"{name}.len", str(len(values)))
    for number in range(len(values), before):
        node.UnsetParameter(f"{name}.{number}")


def _read_list(node: Any, name: str) -> tuple[str, ...]:
    length = node.GetParameter(f"{name}.len")
    return tuple(node.GetParameter(f"{name}.{number}") for number in range(int(length))) if length.isdigit() else ()


def _made(scene: Any) -> Any:
    node = scene.CreateNodeByClass(_CLASS)
    node.SetSingletonTag(MODULE)
    node.SetAttribute("ModuleName", MODULE)
    node.SetName(MODULE)
    node.UnRegister(None)
    return scene.AddNode(node)
