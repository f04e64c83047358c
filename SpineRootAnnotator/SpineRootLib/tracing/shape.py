"""The plain shape behind a measured outline: dura and cord are round, what sticks to them is not theirs."""

from __future__ import annotations

import numpy as np

from SpineRootLib.second_differences import squared_periodic
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.polar import Radii
from SpineRootLib.tracing.wall_prior import fourier_basis


def plain_shape(distance: Radii, weight: Radii, protrudes: int, settings: ContourSettings) -> Radii:
    """A few harmonics through an outline, (a,) mm on equal angles, blind to roots that touch it.

    Iteratively reweighted least squares with Tukey's biweight, narrower on the side where roots lie.

    Parameters
    ----------
    weight : (a,) how clear the edge is.
    protrudes : 1 where roots touch from outside (cord), -1 where from inside (dura).
    """
    basis = fourier_basis(len(distance), settings.harmonics)
    robust = np.ones(len(distance))
    fitted = np.full(len(distance), float(np.median(distance)))
    for turn in range(settings.shape_turns):
        chosen = (weight * robust)[:, None]
        information = basis.T @ (basis * chosen) + 1e-6 * np.eye(basis.shape[1])
        fitted = basis @ np.linalg.solve(information, basis.T @ (distance * chosen[:, 0]))
        beyond = (distance - fitted) * protrudes
        loosening = 1.0 + 2.0 * max(0, 3 - turn) / 3
        limit = np.where(beyond > 0, settings.stuck_mm, 3 * settings.stuck_mm) * loosening
        robust = np.clip(1.0 - (beyond / limit) ** 2, 0.01, None) ** 2
    return np.asarray(fitted)


def settle(distance: Radii, weight: Radii, shape: Radii, settings: ContourSettings) -> Radii:
    """The smooth outline through what was measured, (a,), leaning on the plain shape where nothing was.

    The least of weighted squared deviations, of `shape_pull` times those from the shape, and of `smoothness` times the
    squared second differences of the deviation from the shape.
    """
    count = len(distance)
    trusted = weight * (np.abs(distance - shape) < 2 * settings.stuck_mm)
    stiff = settings.smoothness * squared_periodic(count)
    matrix = np.diag(trusted + settings.shape_pull) + stiff
    return np.asarray(shape + np.linalg.solve(matrix, trusted * (distance - shape)))
