"""The outlines of dura or cord on a run of slices, found together from the known ones about them.

Where an edge is seen the outline follows it; where a root clings to it, or nothing is seen, it follows its neighbours.
No edge is asked for: it is evidence among others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import PchipInterpolator

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.course_prior import course_prior
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.polar import Rays
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views
from SpineRootLib.tracing.wall_posterior import WallPosterior
from SpineRootLib.tracing.wall_prior import fourier_basis, fourier_coefficients, wall_prior
from SpineRootLib.tracing.wall_settings import LookSettings, WallPriorSettings, WallSettings

Array = NDArray[np.float64]
# What an edge that is not clear still counts in a first guess.
_LEAST_CLEAR = 1e-3


@dataclass(frozen=True, eq=False)
class KnownOutline:
    """An outline that others are found from: (a, 2) in-plane mm, and the deviation of its coefficients, mm."""

    flat: Flat
    noise_mm: float


class Wall:
    """The wall of one structure.

    Parameters
    ----------
    known : outlines by slice; more may be added.
    outward_mm : how far outside of the edge that is seen the outlines run.
    """

    def __init__(
        self, views: Views, structure: str, settings: WallSettings, known: Mapping[int, KnownOutline], outward_mm: float
    ):
        self.views, self.structure, self.settings = views, structure, settings
        self.known = dict(known)
        self.outward_mm = outward_mm
        self.trust = 1.0
        self._prior: WallPriorSettings = settings.dura if structure == DURA else settings.cord
        self._harmonics = len(self._prior.stray_mm) - 1
        self._basis = fourier_basis(settings.angles, self._harmonics)

    def find(
        self, numbers: Sequence[int], progress: Progress | None = None, look: LookSettings | None = None
    ) -> dict[int, Outline]:
        """The outlines on slices, (n,) ascending, all together.

        Parameters
        ----------
        progress : asked at each look at a slice.
        look : how the edge is looked for; by default as near known outlines.
        """
        s, look = self.settings, look or self.settings.near
        rays, posterior, between = self._begin(numbers)
        free = posterior.variance.copy()
        views = [self.views.view(number, each.centre) for number, each in zip(numbers, rays, strict=True)]
        steps = round(look.reach_mm / s.step_mm)
        offsets = s.step_mm * np.arange(-steps, steps + 1.0)
        for turn in range(look.looks):
            middle, evidence = posterior.radius.copy(), []
            for row, each in enumerate(zip(views, rays, middle - self.outward_mm, strict=True)):
                report(progress, (turn + row / len(rays)) / look.looks, f"Tracing {self.structure}")
                evidence.append(self._evidence(*each, offsets, look))
            for _ in range(s.rounds):
                posterior.believe(middle, offsets, s.share * self.trust * np.array(evidence))
        told = self._relied * posterior.precision * free / (1.0 + posterior.precision * free)
        radius = between + self._relied * (posterior.radius - between)
        rows = zip(numbers, rays, radius, np.sqrt(posterior.variance), told, strict=True)
        return {
            number: Outline(each.points(radius), np.clip(share, 0.0, 1.0), deviation)
            for number, each, radius, deviation, share in rows
        }

    def usual_shape(self, outline: Outline) -> Outline:
        """An outline completed by the structure's usual shape where its edge is not clear."""
        s, rays = self.settings, Rays.around(outline.centre, self.settings.angles, 1.0, 2.0)
        away = outline.flat - rays.centre
        angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
        order = np.argsort(angle, kind="stable")
        strength = np.interp(rays.angles, angle[order], outline.strength[order], period=2 * np.pi)
        weight = np.clip((strength - s.clear_from) / (s.clear_to - s.clear_from), _LEAST_CLEAR, 1.0) / s.clear_mm**2
        spread = np.array([*self._prior.usual_deviation_mm, *self._prior.constant_mm[3:]])
        trust = spread[(np.arange(self._basis.shape[1]) + 1) // 2] ** -2.0
        usual = np.zeros(len(trust))
        usual[[0, 3]] = self._prior.usual_mm
        information = self._basis.T @ (self._basis * weight[:, None]) + np.diag(trust)
        seen = self._basis.T @ (weight * rays.distances(outline.flat)) + trust * usual
        radius = self._basis @ np.linalg.solve(information, seen)
        return Outline(rays.points(radius), strength)

    def learn(self, progress: Progress | None = None) -> None:
        """Learn from the known outlines where beside the edge they were drawn, and how far such an edge can be trusted.

        Each is found as if it were hardly known.
        """
        if not self.known:
            return
        off = []
        for done, number in enumerate(sorted(self.known)):
            report(progress, done / len(self.known), f"Learning how {self.structure} was drawn")
            off.append(self._off(number))
        usual = self.outward_mm
        habit = float(np.median(off, axis=1).mean())
        share = len(off) / (len(off) + 1)
        self.outward_mm = share * (usual + habit) + (1 - share) * usual
        left = float(np.abs(np.array(off) - habit).mean())
        self.trust = min(1.0, (self.settings.trusted_mm / max(left, 1e-6)) ** 2)

    def _off(self, number: int) -> Array:
        """How far outside of what the image tells a known outline was drawn, (a,) mm."""
        known = self.known[number]
        others = {key: each for key, each in self.known.items() if key != number}
        loose = KnownOutline(known.flat, self.settings.rough_mm)
        wall = Wall(self.views, self.structure, self.settings, {number: loose, **others}, self.outward_mm)
        found = wall.find([number])[number]
        rays = Rays.around(found.centre, self.settings.angles, 1.0, 2.0)
        return rays.distances(known.flat) - rays.distances(found.flat)

    @property
    def _relied(self) -> float:
        """How far the outlines keep to what the image tells, 0..1; else they are interpolated between known ones."""
        low, high = self.settings.relied
        return float(np.clip((self.trust - low) / (high - low), 0.0, 1.0))

    def _begin(self, numbers: Sequence[int]) -> tuple[list[Rays], WallPosterior, Array]:
        """Rays from a smooth line of centres, the belief before the image is looked at, and the interpolated radii."""
        near = sorted(self.known, key=lambda known: min(abs(known - numbers[0]), abs(known - numbers[-1])))
        near = sorted(near[: self.settings.most_known])
        spacing = self.views.planes.spacing
        centres = {number: Outline(self.known[number].flat, np.ones(1)).centre for number in near}
        every = np.array(sorted({*numbers, *near}))
        line = dict(zip(every.tolist(), course_prior(every, centres, spacing, self.settings.centres).mean, strict=True))
        rays = {number: Rays.around(line[number], self.settings.angles, 1.0, 2.0) for number in line}
        radius = np.array([rays[number].distances(self.known[number].flat) for number in near])
        coefficients = fourier_coefficients(radius, self._harmonics)
        noise = np.array([self.known[number].noise_mm for number in near])
        depth = spacing * np.array(numbers, dtype=np.float64)
        prior = wall_prior(depth, spacing * np.array(near, dtype=np.float64), coefficients, noise, self._prior)
        inside = np.clip(numbers, near[0], near[-1])
        between = PchipInterpolator(near, radius)(inside) if len(near) > 1 else np.repeat(radius, len(numbers), axis=0)
        return [rays[number] for number in numbers], WallPosterior(prior, self._basis), between

    def _evidence(self, view: FluidView, rays: Rays, middle: Array, offsets: Array, look: LookSettings) -> Array:
        """Log-likelihood of the edge at offsets, (u,) mm, from a distance on each ray, (a,) mm; (a, u)."""
        s = self.settings
        if view.fault:
            return np.zeros((len(middle), len(offsets)))
        dark = self._dark(view, rays, middle)
        half = round(s.edge_mm / s.step_mm)
        margin = s.step_mm * np.arange(1, half + 1.0)
        more = np.concatenate([offsets[0] - margin[::-1], offsets, offsets[-1] + margin])
        at = np.maximum(middle[:, None] + more, 0.0)
        sampled = view.patch.sample(view.relative, rays.centre + rays.directions[:, None] * at[..., None])
        profile = (sampled.astype(np.float64) - dark) / (1.0 - dark)
        sign, gain = (1.0, look.cord_gain) if self.structure == CORD else (-1.0, look.dura_gain)
        grey = look.grey if self.structure == DURA else 0.0
        bright = np.maximum(profile - grey, 0.0) / (1.0 - grey)
        kernel = np.concatenate([np.full(half, -1.0), [0.0], np.full(half, 1.0)]) / half
        rise = sign * ndimage.correlate1d(bright, kernel, axis=1)[:, half:-half]
        fluid = np.clip((profile[:, half:-half] - 0.5) / s.soft, -1.0, 1.0)
        density = s.fluid_gain * np.maximum(fluid, 0.0) - s.dark_gain * np.maximum(-fluid, 0.0)
        total = np.cumsum(density, axis=1) * s.step_mm
        # fluid outside of the cord and inside of the dura speaks for it, dark there a little against it
        return np.asarray(gain * np.clip(rise, 0.0, 1.0) - sign * total)

    def _dark(self, view: FluidView, rays: Rays, middle: Array) -> float:
        """The brightness on the dark side of the edge, part of the fluid's level."""
        s = self.settings
        shares = np.array(s.cord_dark_at if self.structure == CORD else s.dura_dark_at)
        at = rays.centre + rays.directions * (middle * shares[:, None])[..., None]
        return float(np.clip(np.median(view.patch.sample(view.relative, at)), *s.dark_limits))
