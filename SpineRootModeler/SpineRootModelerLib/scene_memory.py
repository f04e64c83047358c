"""What a saved scene remembers of the modeler: which subject of which dataset, whom it compares, what it models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODULE = "SpineRootModeler"
_CLASS = "vtkMRMLScriptedModuleNode"


@dataclass(frozen=True)
class Opened:
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


def write(scene: Any, opened: Opened | None) -> None:
    """Remember what is open in the scene's parameter node; None for nothing."""
    values = {"Dataset": "", "Subject": "", "Source": "", "Compared": ""}
    if opened is not None:
        values = {"Dataset": str(opened.dataset), "Subject": opened.subject, "Source": opened.source}
        values["Compared"] = " ".join(opened.compared)
    node = scene.GetSingletonNode(MODULE, _CLASS)
    if node is None and opened is None:
        return
    node = node or _made(scene)
    for name, value in values.items():
        node.SetParameter(f"SpineRoot.{name}", value)


def read(scene: Any) -> Opened | None:
    """What the scene remembers; None if nothing."""
    node = scene.GetSingletonNode(MODULE, _CLASS)
    if node is None or not node.GetParameter("SpineRoot.Subject"):
        return None
    dataset, subject, source, compared = (
        node.GetParameter(f"SpineRoot.{name}") for name in ("Dataset", "Subject", "Source", "Compared")
    )
    return Opened(Path(dataset), subject, source, tuple(compared.split()))


def _made(scene: Any) -> Any:
    node = scene.CreateNodeByClass(_CLASS)
    node.SetSingletonTag(MODULE)
    node.SetAttribute("ModuleName", MODULE)
    node.SetName(MODULE)
    node.UnRegister(None)
    return scene.AddNode(node)
