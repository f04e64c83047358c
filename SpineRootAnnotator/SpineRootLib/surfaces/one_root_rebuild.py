"""One root built again while its points are edited, without the rest of the model."""

from __future__ import annotations

from dataclasses import replace

from SpineRootLib.anatomy import CORD, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.blas_threads import one_blas_thread
from SpineRootLib.surfaces.roots import RootTube, obstacle_walls, root_tubes
from SpineRootLib.surfaces.settings import ModelSettings
from SpineRootLib.surfaces.walls import WallBuilder


class LiveRoots:
    """Builds single roots against the walls of an annotation, which are built once.

    A root keeps clear of the cord and the dura, not of its neighbours: that is left to `build_model`.

    Raises
    ------
    GeometryError, MarkupsFileError
        as `build_model`.
    """

    def __init__(self, annotation: Annotation, settings: ModelSettings | None = None) -> None:
        self._settings = settings or ModelSettings()
        walls = WallBuilder(annotation, self._settings, []).build()
        self._cord = walls.get(CORD)
        self._walls = obstacle_walls(annotation.require_planes(), walls)

    @one_blas_thread()
    def build(self, annotation: Annotation, root: Root, radius_mm: float | None = None) -> RootTube | None:
        """A root as it is annotated now; None where its points make none.

        Parameters
        ----------
        annotation : whose contours are those that the walls were built from.
        radius_mm : by default as the settings say.
        """
        points = annotation.roots.get(root)
        if points is None:
            return None
        radius = self._settings.roots.radius(root) if radius_mm is None else radius_mm
        alone = replace(annotation, roots={root: points})
        tubes, _ = root_tubes(alone, self._cord, self._walls, {root: radius}, self._settings)
        return tubes[0] if tubes else None
