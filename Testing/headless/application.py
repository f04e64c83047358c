"""The application without its Qt layer: the scene, the application logic and the modules' C++ logics."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import slicer
import slicer.util
import vtk

from headless.input_output import InputOutput
from headless.subject_hierarchy import follow_nodes

# module -> the class of its logic, in the order in which Slicer starts them
_LOGICS = {
    "Colors": "vtkSlicerColorLogic",
    "Cameras": "vtkSlicerCamerasModuleLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "Models": "vtkSlicerModelsLogic",
    "Volumes": "vtkSlicerVolumesLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "Units": "vtkSlicerUnitsLogic",
    "ViewControllers": "vtkSlicerViewControllersLogic",
    "Data": "vtkSlicerDataModuleLogic",
}


class Module:
    """A loaded module as far as it has a meaning without Qt."""

    def __init__(self, name: str, logic: Any):
        self.name = name
        self._logic = logic

    def logic(self) -> Any:
        """The module's C++ logic."""
        return self._logic


class Application:
    """The part of `slicer.app` that has a meaning without Qt."""

    applicationName = "slicer-headless"

    def __init__(self) -> None:
        self.temporaryPath = tempfile.mkdtemp(prefix="slicer-headless-")
        self._scene = slicer.vtkMRMLScene()
        self._logic = slicer.vtkSlicerApplicationLogic()
        self._io = InputOutput(self._scene, self._logic)
        self._data_io: tuple[Any, ...] = ()

    def mrmlScene(self) -> Any:
        """The scene."""
        return self._scene

    def applicationLogic(self) -> Any:
        """The application logic."""
        return self._logic

    def coreIOManager(self) -> InputOutput:
        """What `slicer.util.load*` and `saveNode` call."""
        return self._io

    ioManager = coreIOManager

    def testingEnabled(self) -> bool:
        """Whether this is a test run, as `--testing` says in Slicer."""
        return True

    def processEvents(self, *_flags: Any) -> None:
        """There is no event loop."""

    def pauseRender(self) -> None:
        """Hold back the views."""
        self._logic.PauseRender()

    def resumeRender(self) -> None:
        """Let the views draw again."""
        self._logic.ResumeRender()

    def layoutManager(self) -> None:
        """None, as in Slicer with ``--no-main-window``."""

    def connect_scene(self) -> None:
        """As qSlicerCoreApplication does when it gets its scene."""
        logic, scene, folder = self._logic, self._scene, self.temporaryPath
        for place in (logic.SetTemporaryPath, logic.SetHomeDirectory, scene.SetRootDirectory):
            place(folder)
        logic.SetShareDirectory("share")  # relative to the home
        (Path(folder) / "share" / "ColorFiles").mkdir(parents=True)
        for factory in (
            slicer.vtkMRMLThreeDViewDisplayableManagerFactory,
            slicer.vtkMRMLSliceViewDisplayableManagerFactory,
        ):
            factory.GetInstance().SetMRMLApplicationLogic(logic)
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        scene.AddNode(crosshair)
        logic.SetMRMLScene(scene)
        logic.SetSliceLogics(vtk.vtkCollection())
        logic.SetViewLogics(vtk.vtkCollection())
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)

    def connect_data_io(self) -> None:
        """As qSlicerCoreApplication does; without it scene bundles (.mrb) cannot be read."""
        remote, manager = slicer.vtkMRMLRemoteIOLogic(), slicer.vtkDataIOManagerLogic()
        for logic in (remote, manager):
            logic.SetMRMLApplicationLogic(self._logic)
            logic.SetMRMLScene(self._scene)
        remote.GetCacheManager().SetRemoteCacheDirectory(str(Path(self.temporaryPath) / "cache"))
        manager.SetAndObserveDataIOManager(remote.GetDataIOManager())
        remote.AddDataIOToScene()
        self._data_io = (remote, manager)

    def stop(self) -> None:
        """Free the scene while VTK is still there."""
        self._scene.Clear(1)
        shutil.rmtree(self.temporaryPath, ignore_errors=True)


def start() -> Any:
    """The module `slicer`, ready: ``slicer.mrmlScene``, ``slicer.app``, ``slicer.modules.markups.logic()``."""
    if getattr(slicer, "mrmlScene", None) is not None:
        return slicer
    app = Application()
    app.connect_scene()
    slicer.modules = types.SimpleNamespace()
    sys.modules["slicer.modules"] = slicer.modules
    for name, class_name in _LOGICS.items():
        setattr(slicer.modules, name.lower(), Module(name, _logic_of(app, name, class_name)))
    app.connect_data_io()
    follow_nodes(app.mrmlScene())
    slicer.app, slicer.mrmlScene = app, app.mrmlScene()
    atexit.register(app.stop)
    return slicer


def _logic_of(app: Application, name: str, class_name: str) -> Any:
    logic = getattr(slicer, class_name)()
    if hasattr(logic, "SetModuleShareDirectory"):
        logic.SetModuleShareDirectory(app.temporaryPath)
    logic.SetMRMLApplicationLogic(app.applicationLogic())
    logic.SetMRMLScene(app.mrmlScene())
    app.applicationLogic().SetModuleLogic(name, logic)
    return logic
