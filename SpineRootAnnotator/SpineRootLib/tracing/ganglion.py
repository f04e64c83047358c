"""A ganglion on an overview image (DESS, T2TSE): the middle of the oval near a click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from SpineRootLib.frames import Points, as_points
from SpineRootLib.images import Image
from SpineRootLib.tracing.confidence import logistic
from SpineRootLib.tracing.proposals import PointProposal
from SpineRootLib.tracing.settings import GanglionSettings
from SpineRootLib.translation import _

Volume = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Box:
    """The image around a click on a grid of its own, along RAS.

    Parameters
    ----------
    values : (a, b, c) intensities, negative where ganglia are bright, so that they are the darker in any case.
    corner : (3,) RAS mm of its first place.
    step : mm from place to place.
    thick : (3,) direction across the image's slices where these are thick, else zero.
    is_dark : whether ganglia are dark in the image itself.
    """

    values: Volume
    corner: Points
    step: float
    thick: Points
    is_dark: bool

    def places(self) -> Volume:
        """RAS mm of each place, (a, b, c, 3)."""
        return np.asarray(self.corner + self.step * _grid(self.values.shape))


def propose_ganglion(
    image: Image, click: ArrayLike, settings: GanglionSettings | None = None, bright: bool = True
) -> PointProposal:
    """The centre of the oval near a click, (3,) RAS mm, or the reason for none.

    An upright oval of a ganglion's size is moved about the click; it lies best where it is of one brightness and the
    shell about it of another, on most sides. Its centre is then the centre of gravity of what is as bright as its
    inside.

    Parameters
    ----------
    bright : whether ganglia are brighter than what surrounds them, as on DESS; on T2TSE they are dark in bright fat.
    """
    chosen = settings or GanglionSettings()
    point = as_points(click)[0]
    fault = _fault(image, point)
    if fault:
        return PointProposal(None, reason=fault)
    box = _box(image, point, chosen, bright)
    if not np.all(np.isfinite(box.values)):
        return PointProposal(None, reason=_("voxels here are no numbers (NaN or infinite)"))
    if np.ptp(box.values) <= 1e-9 * np.abs(box.values).max():  # what interpolation adds is no contrast
        return PointProposal(None, reason=_("the image is constant here"))
    start, clear = _best_oval(box, point, chosen)
    if clear < (chosen.least_bright if bright else chosen.least_dark):
        return PointProposal(
            None, reason=_("no bright oval lies near the click") if bright else _("no dark oval lies near the click")
        )
    middle = _centred(box, start, chosen)
    if _is_cut(image, middle, chosen):
        return PointProposal(None, reason=_("the image ends within the oval near the click: its middle is not seen"))
    return PointProposal(middle, logistic(chosen.gain * (clear - chosen.half_sure)))


def _fault(image: Image, point: Points) -> str:
    if image.voxels.ndim != 3:
        return _("the image is {count}D, not 3D").format(count=image.voxels.ndim)
    if not np.all(np.isfinite(point)):
        return _("the click has no finite position")
    index = image.index_of(point)[0]
    if np.any(index < -0.5) or np.any(index > np.array(image.voxels.shape) - 0.5):
        return _("the click lies outside of the image")
    return ""


def _is_cut(image: Image, middle: Points, settings: GanglionSettings) -> bool:
    """Whether the image ends so near to an oval's middle that this is a guess: beyond its edge nothing is known."""
    shares = settings.seen * np.array([settings.radius_mm, settings.radius_mm, settings.half_length_mm])
    ends = np.vstack([middle + np.diag(shares), middle - np.diag(shares)])
    index = image.index_of(ends)
    return bool(np.any(index < -0.5) or np.any(index > np.array(image.voxels.shape) - 0.5))


def _box(image: Image, point: Points, settings: GanglionSettings, bright: bool) -> _Box:
    """The image about the click; beyond the image's edge its last voxels go on."""
    reach = np.array([settings.radius_mm, settings.radius_mm, settings.half_length_mm]) + settings.shell_mm
    count = np.ceil((settings.search_mm + reach) / settings.step_mm).astype(int)
    corner = point - settings.step_mm * count
    grid = _grid(2 * count + 1)
    index = image.index_of((corner + settings.step_mm * grid).reshape(-1, 3))
    low = np.clip(np.floor(index.min(axis=0)).astype(int), 0, np.array(image.voxels.shape) - 1)
    high = np.clip(np.ceil(index.max(axis=0)).astype(int) + 1, low + 1, image.voxels.shape)
    part = image.voxels[tuple(slice(*ends) for ends in zip(low, high, strict=True))].astype(np.float64)
    values = ndimage.map_coordinates(part, (index - low).T, order=1, mode="nearest")
    values = -values if bright else values
    return _Box(values.reshape(grid.shape[:3]), corner, settings.step_mm, _thick(image), not bright)


def _thick(image: Image) -> Points:
    steps = np.linalg.norm(image.affine[:3, :3], axis=0)
    across = int(np.argmax(steps))
    return np.asarray(image.affine[:3, across] / steps[across] * (steps[across] > 2 * steps.min()))


def _best_oval(box: _Box, point: Points, settings: GanglionSettings) -> tuple[Points, float]:
    """The centre of the oval that stands out most near the click, and by how much."""
    inside, shell = _oval(box.thick, settings)
    reach = np.maximum(inside.max(axis=0), shell.max(axis=0))
    middles = np.argwhere(np.ones(np.array(box.values.shape) - 2 * reach)) + reach
    away = np.linalg.norm(box.corner + box.step * middles - point, axis=1)
    middles, away = middles[away <= settings.search_mm], away[away <= settings.search_mm]
    inner, around = (box.values[tuple((middles[:, None] + part).T)].T for part in (inside, shell))
    level = np.median(inner, axis=1)
    low, high = np.percentile(box.values, (5, 95))
    beyond = np.maximum(around - level[:, None], 0.0)
    spread = np.hypot(inner.std(axis=1), settings.floor * (high - low))
    if not box.is_dark:  # in the fat about a dark one lie bone and muscle; a bright one lies in even grey
        spread = np.hypot(spread, around.std(axis=1))
    clear = beyond.mean(axis=1) / spread
    clear *= np.mean(beyond > 0.5 * np.percentile(beyond, 75, axis=1)[:, None], axis=1) >= settings.enclosed
    if box.is_dark:
        clear *= level > low + settings.not_black * (high - low)
    best = int(np.argmax(clear - settings.distance_weight * away))
    return np.asarray(box.corner + box.step * middles[best]), float(clear[best])


def _oval(thick: Points, settings: GanglionSettings) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places inside an oval and in the shell about it, steps from its centre, each (n, 3).

    Across thick slices there is no shell: what lies beside the fat would fill half of it.
    """
    axes = np.array([settings.radius_mm, settings.radius_mm, settings.half_length_mm])
    count = np.ceil((axes + settings.shell_mm) / settings.step_mm).astype(int)
    steps = _grid(2 * count + 1).reshape(-1, 3) - count
    place = settings.step_mm * steps
    inside = np.linalg.norm(place / axes, axis=1) <= 1
    shell = np.linalg.norm(place / (axes + settings.shell_mm), axis=1) <= 1
    shell &= np.linalg.norm(place / (axes + settings.rim_mm), axis=1) > 1
    shell &= np.abs(place @ thick) <= settings.radius_mm
    return steps[inside], steps[shell]


def _grid(shape: Iterable[int]) -> NDArray[np.intp]:
    """The indices of all places of a box, (a, b, c, 3)."""
    return np.moveaxis(np.indices(tuple(int(count) for count in shape)), 0, -1)


def _centred(box: _Box, start: Points, settings: GanglionSettings) -> Points:
    """The centre of gravity of what is more like the oval's inside than like the shell about it."""
    axes = np.array([settings.radius_mm, settings.radius_mm, settings.half_length_mm])
    places = box.places()
    middle = start
    for _turn in range(settings.most_turns):
        size = np.linalg.norm((places - middle) / (axes + settings.rim_mm), axis=-1)
        core, around = size <= 0.5, (size > 1.0) & (size <= 1.5)
        inner, outer = float(np.median(box.values[core])), float(np.percentile(box.values[around], 75))
        like = 1.0 - np.abs(box.values - inner) / max(0.5 * abs(outer - inner), 1e-9)
        weight = np.clip(2.0 * like, 0.0, 1.0) * (size <= 1.0)
        if weight.sum() <= 0:
            break
        middle = np.einsum("abc,abcd->d", weight, places) / weight.sum()
    return np.asarray(middle)
