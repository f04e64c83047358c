"""Fixtures for tests on real MRML; a conftest takes them with ``from headless.fixtures import *``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from headless.application import start
from headless.errors import vtk_errors
from headless.opengl import INSTALL_HINT, use_offscreen_window

if TYPE_CHECKING:
    from headless.slice_view import SliceView
    from headless.three_d_view import ThreeDView

__all__ = ["_red_view", "_three_d_view", "red", "reported_errors", "scene", "three_d"]


@pytest.fixture(autouse=True)
def reported_errors() -> Iterator[list[str]]:
    """What VTK and MRML report as errors; a test fails if anything is left in it."""
    start()
    with vtk_errors() as errors:
        yield errors
    assert not errors, errors[:3]


@pytest.fixture(autouse=True)
def scene(reported_errors: list[str]) -> Iterator[Any]:  # noqa: ARG001
    """The scene, empty for each test."""
    slicer = start()
    slicer.mrmlScene.Clear(0)
    yield slicer.mrmlScene
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetPlaceModePersistence(0)
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    slicer.mrmlScene.Clear(0)


@pytest.fixture(scope="session")
def _red_view() -> Iterator[SliceView]:
    if not use_offscreen_window():
        pytest.skip(INSTALL_HINT)
    start()
    from headless.slice_view import SliceView

    view = SliceView()
    yield view
    view.close()


@pytest.fixture
def red(_red_view: SliceView, scene: Any) -> SliceView:  # noqa: ARG001
    """The red slice view, axial, empty."""
    _red_view.reset()
    return _red_view


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
