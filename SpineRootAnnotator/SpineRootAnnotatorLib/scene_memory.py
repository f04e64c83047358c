"""What a saved scene remembers of a session: which subject of which dataset, by whom. The files hold the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODULE = "SpineRootAnnotator"


@dataclass(frozen=True)
class Opened:
    """What is open."""

    dataset: Path
    subject: str
    annotator: str


def write(scene: Any, opened: Opened | None) -> None:
    """Remember what is open in the scene's parameter node; None for nothing."""
    node = scene.GetSingletonNode(MODULE, "vtkMRMLScriptedModuleNode") or _made(scene)
    values = {"Dataset": "", "Subject": "", "Annotator": ""}
    if opened is not None:
        values = {"Dataset": str(opened.dataset), "Subject": opened.subject, "Annotator": opened.annotator}
    for name, value in values.items():
        node.SetParameter(f"SpineRoot.{name}", value)


def read(scene: Any) -> Opened | None:
    """What the scene remembers; None if nothing."""
    node = scene.GetSingletonNode(MODULE, "vtkMRMLScriptedModuleNode")
    if node is None or not node.GetParameter("SpineRoot.Subject"):
        return None
    values = (node.GetParameter(f"SpineRoot.{name}") for name in ("Dataset", "Subject", "Annotator"))
    dataset, subject, annotator = values
    return Opened(Path(dataset), subject, annotator)


def _made(scene: Any) -> Any:
    node = scene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
    node.SetSingletonTag(MODULE)
    node.SetAttribute("ModuleName", MODULE)
    node.SetName(MODULE)
    node.UnRegister(None)
    return scene.AddNode(node)
