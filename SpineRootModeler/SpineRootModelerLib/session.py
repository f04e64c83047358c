"""The modeler's session: one subject's annotation, and the surfaces built from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.progress import Progress
from SpineRootLib.surfaces import Model, ModelSettings, build_model, write_model
from SpineRootModelerLib.surface_nodes import show_model


class ModelSession:
    """Builds surfaces and shows them on the MRML scene.

    Parameters
    ----------
    scene : the MRML scene.
    """

    def __init__(self, scene: Any):
        self.scene = scene
        self.dataset: Dataset | None = None
        self.annotation: Annotation | None = None
        self.model: Model | None = None
        self.nodes: list[Any] = []

    def open(self, dataset: Path, subject: str, annotator: str | None) -> None:
        """Read an annotation, the consensus for None.

        Raises
        ------
        SpineRootError
            if it cannot be read; what was open before stays.
        """
        opened = Dataset.open(dataset)
        self.annotation = opened.read(subject, annotator)
        self.dataset, self.model = opened, None

    def build(self, settings: ModelSettings | None = None, progress: Progress | None = None) -> None:
        """Build the surfaces of the open annotation and show them in place.

        Raises
        ------
        SpineRootError
            if nothing is open, nothing can be built of it, or it was cancelled; what was shown before stays.
        """
        if self.annotation is None:
            raise SpineRootError("open a subject first")
        self.model = build_model(self.annotation, settings, progress)
        self.nodes = show_model(self.model, self.scene)

    def save(self) -> list[Path]:
        """Write the surfaces to the dataset's ``derivatives/model``; the paths are returned."""
        if self.model is None or self.dataset is None:
            raise SpineRootError("build the surfaces first")
        return write_model(self.model, self.dataset.derivative("model", self.model.subject))

    def forget(self) -> None:
        """The scene was closed: nothing is open any more."""
        self.dataset = self.annotation = self.model = None
        self.nodes = []
