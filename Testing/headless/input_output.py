"""Reading and writing nodes as Slicer's file dialogs do: each kind of file goes to the C++ logic that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import slicer

_KINDS = {
    ".mrk.json": "MarkupsFile",
    ".vtk": "ModelFile",
    ".vtp": "ModelFile",
    ".stl": "ModelFile",
    ".ply": "ModelFile",
    ".obj": "ModelFile",
    ".nii": "VolumeFile",
    ".nii.gz": "VolumeFile",
    ".nrrd": "VolumeFile",
    ".tsv": "TableFile",
    ".csv": "TableFile",
    ".mrml": "SceneFile",
    ".mrb": "SceneFile",
}
_VOLUME_OPTIONS = {"labelmap": 1, "center": 2, "singleFile": 4, "autoWindowLevel": 8, "discardOrientation": 16}


class InputOutput:
    """The part of `slicer.app.coreIOManager()` that `slicer.util` uses."""

    def __init__(self, scene: Any, logic: Any):
        self._scene = scene
        self._logic = logic
        self._readers: dict[str, Callable[[str, Mapping[str, Any], Any], list[Any]]] = {
            "MarkupsFile": self._markups,
            "ModelFile": self._model,
            "VolumeFile": self._volume,
            "TableFile": self._table,
        }

    def fileType(self, path: str) -> str:
        """The kind of a file by its ending."""
        name = str(path).lower()
        return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), "NoFile")

    def loadNodes(self, kind: str, options: Mapping[str, Any], loaded: Any = None, messages: Any = None) -> bool:
        """Load a file (``fileName``) into the scene; the nodes are added to the collection `loaded`."""
        path = options["fileName"]
        if not Path(path).exists():
            return False
        if kind == "SceneFile":
            return self._read_scene(path, bool(options.get("clear")), messages)
        nodes = [node for node in self._readers[kind](path, options, messages) if node is not None]
        for node in nodes:
            if loaded is not None:
                loaded.AddItem(node)
        return bool(nodes)

    def fileWriterFileType(self, node: Any, _format: str = "") -> str:
        """The kind of file that a node is written to."""
        return "NodeFile" if isinstance(node, slicer.vtkMRMLStorableNode) else "NoFile"

    def saveNodes(self, kind: str, options: Mapping[str, Any], messages: Any = None, _scene: Any = None) -> bool:
        """Write a node (``nodeID``) or the scene to a file (``fileName``)."""
        path = options["fileName"]
        if not isinstance(path, str):
            raise ValueError("QVariant: fileName must be str")  # a pathlib.Path fails in Slicer too
        if kind == "SceneFile":
            return self._write_scene(path)
        node = self._scene.GetNodeByID(options["nodeID"])
        if not node.AddDefaultStorageNode():
            return False
        storage = node.GetStorageNode()
        storage.SetFileName(path)
        written = storage.WriteData(node)
        if messages is not None:
            messages.AddMessages(storage.GetUserMessages())
        return bool(written)

    def _markups(self, path: str, options: Mapping[str, Any], messages: Any) -> list[Any]:
        ids = slicer.modules.markups.logic().LoadMarkups(path, options.get("name", ""), messages)
        return [self._scene.GetNodeByID(each) for each in ids.split(",")] if ids else []

    def _model(self, path: str, options: Mapping[str, Any], messages: Any) -> list[Any]:
        frame = options.get("coordinateSystem", slicer.vtkMRMLStorageNode.CoordinateSystemLPS)
        return [slicer.modules.models.logic().AddModel(path, frame, messages)]

    def _volume(self, path: str, options: Mapping[str, Any], _messages: Any) -> list[Any]:
        bits = sum(bit for name, bit in _VOLUME_OPTIONS.items() if options.get(name))
        name = options.get("name", Path(path).name.split(".")[0])
        node = slicer.modules.volumes.logic().AddArchetypeVolume(path, name, bits)
        if node is not None and options.get("show", True):
            self._logic.GetSelectionNode().SetActiveVolumeID(node.GetID())
            self._logic.PropagateVolumeSelection()
        return [node]

    def _table(self, path: str, options: Mapping[str, Any], messages: Any) -> list[Any]:
        name = self._scene.GetUniqueNameByString(options.get("name", Path(path).stem))
        return [slicer.modules.tables.logic().AddTable(path, name, True, "", messages)]

    def _read_scene(self, path: str, clear: bool, messages: Any) -> bool:
        if path.lower().endswith(".mrb"):
            return bool(self._scene.ReadFromMRB(path, clear, messages))
        self._scene.SetURL(path)
        return bool(self._scene.Connect() if clear else self._scene.Import())

    def _write_scene(self, path: str) -> bool:
        if path.lower().endswith(".mrb"):
            return bool(self._scene.WriteToMRB(path))
        self._scene.SetURL(path)
        self._scene.SetRootDirectory(str(Path(path).resolve().parent))
        return bool(self._scene.Commit(path))
