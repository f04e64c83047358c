"""Fixtures for tests on real MRML; a conftest takes them with ``from headless.fixtures import *``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from headless.application import start
from headless.errors import vtk_errors
from headless.opengl import INSTALL_HINT, use_offscreen_window

if TYPE_CHECKING:
    from headless.slice_view import SliceView
    from headless.three_d_view import ThreeDView

__all__ = ["_slice_views", "_three_d_view", "green", "red", "reported_errors", "scene", "three_d"]


@pytest.fixture(autouse=True)
def reported_errors() -> Iterator[list[str]]:
    """What VTK and MRML report as errors; a test fails if anything is left in it."""
    start()
    with vtk_errors() as errors:
        yield errors
    assert not errors, errors[:3]


@contextlib.contextmanager
def empty_scene() -> Iterator[Any]:
    """The scene, empty before and after."""
    slicer = start()
    slicer.mrmlScene.Clear(0)
    yield slicer.mrmlScene
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetPlaceModePersistence(0)
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    slicer.mrmlScene.Clear(0)


@pytest.fixture(autouse=True)
def scene(reported_errors: list[str]) -> Iterator[Any]:  # noqa: ARG001
    """The scene, empty for each test."""
    with empty_scene() as emptied:
        yield emptied


@pytest.fixture(scope="session")
def _slice_views() -> Iterator[Callable[[str, str], SliceView]]:
    if not use_offscreen_window():
        pytest.skip(INSTALL_HINT)
    start()
    from headless.slice_view import SliceView

    views: dict[str, SliceView] = {}

    def view(name: str, orientation: str) -> SliceView:
        if name not in views:
            views[name] = SliceView(name, orientation)
        views[name].reset()
        return views[name]

    yield view
    for each in views.values():
        each.close()


@pytest.fixture
def red(_slice_views: Callable[[str, str], SliceView], scene: Any) -> SliceView:  # noqa: ARG001
    """The red slice view, axial, empty."""
    return _slice_views("Red", "Axial")


@pytest.fixture
def green(_slice_views: Callable[[str, str], SliceView], scene: Any) -> SliceView:  # noqa: ARG001
    """The green slice view, coronal, empty."""
    return _slice_views("Green", "Coronal")


@pytest.fixture(scope="session")
def _three_d_view() -> Iterator[ThreeDView]:
    if not use_offscreen_window():
        pytest.skip(INSTALL_HINT)
    start()
    from headless.three_d_view import ThreeDView

    view = ThreeDView()
    yield view
    view.close()


@pytest.fixture
def three_d(_three_d_view: ThreeDView, scene: Any) -> ThreeDView:  # noqa: ARG001
    """The 3D view, empty."""
    _three_d_view.reset()
    return _three_d_view
