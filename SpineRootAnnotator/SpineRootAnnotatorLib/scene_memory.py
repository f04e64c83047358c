"""What a saved scene remembers of a session: which subject of which dataset, by whom, and where in it the annotator is.

The files hold the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODULE = "SpineRootAnnotator"


@dataclass(frozen=True)
class Opened:
    """What is open.

    Parameters
    ----------
    where : the place of the work, as `resuming.place_at_work` tells it.
    """

    dataset: Path
    subject: str
    annotator: str
    where: Mapping[str, Any] = field(default_factory=dict)


def write(scene: Any, opened: Opened | None) -> None:
    """Remember what is open in the scene's parameter node; None for nothing."""
    node = scene.GetSingletonNode(MODULE, "vtkMRMLScriptedModuleNode") or _made(scene)
    values = {"Dataset": "", "Subject": "", "Annotator": "", "Where": ""}
    if opened is not None:
        values = {"Dataset": str(opened.dataset), "Subject": opened.subject, "Annotator": opened.annotator}
        values["Where"] = json.dumps(dict(opened.where))
    for name, value in values.items():
        node.SetParameter(f"SpineRoot.{name}", value)


def read(scene: Any) -> Opened | None:
    """What the scene remembers; None if nothing."""
    node = scene.GetSingletonNode(MODULE, "vtkMRMLScriptedModuleNode")
    if node is None or not node.GetParameter("SpineRoot.Subject"):
        return None
    values = (node.GetParameter(f"SpineRoot.{name}") for name in ("Dataset", "Subject", "Annotator"))
    dataset, subject, annotator = values
    return Opened(Path(dataset), subject, annotator, _where(node.GetParameter("SpineRoot.Where")))


def _where(text: str) -> dict[str, Any]:
    try:
        where = json.loads(text or "{}")
    except ValueError:
        return {}
    return where if isinstance(where, dict) else {}


def _made(scene: Any) -> Any:
    node = scene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
    node.SetSingletonTag(MODULE)
    node.SetAttribute("ModuleName", MODULE)
    node.SetName(MODULE)
    node.UnRegister(None)
    return scene.AddNode(node)
