"""Slices for the example of a U-Net: cut around the sac to learn from, and label maps drawn of what is predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch
from torch import Tensor
from torch.nn import functional

Array = np.ndarray
BESIDE = (-2, -1, 0, 1, 2)  # the slices that are seen at once
WINDOW = (72, 80)  # pixels around the middle of the sac; both divisible by 8, for it is halved three times
BRIGHT = 0.5  # of a slice's brightest percentile: the fluid
ROOT_MM = 0.5  # the radius of the roots that are drawn


@dataclass
class Labels:
    """Which numbers of the data set stand for what."""

    tissues: list[int]  # background, cord, fluid
    roots: list[int]
    mirrored: list[int]  # of each root the place in the list of that on the other side

    @classmethod
    def of(cls, names: dict[str, int]) -> Labels:
        """From the labels of ``dataset.json``."""
        roots = [name for name in names if name.startswith("nerveroots")]
        other = {name: name[:-1] + {"L": "R", "R": "L"}.get(name[-1], name[-1]) for name in roots}
        return cls(
            [0, names["cord"], names["csf"]],
            [names[each] for each in roots],
            [roots.index(other[each]) for each in roots],
        )


@dataclass
class Case:
    """A stack, cut to a window around the middle of the sac on each slice.

    seen: (slices, 5, rows, columns), the slices that are seen at once; depth: (slices,), -1 to 1;
    tissue: (slices, rows, columns), 0 to 2; roots: (slices, roots, 2), row and column, NaN where there is none.
    """

    seen: Tensor
    depth: Tensor
    corners: Array
    tissue: Tensor | None = None
    roots: Tensor | None = None


def read(path: Path) -> tuple[Array, sitk.Image]:
    """Voxels, (slices, rows, columns), and the image that they are of."""
    image = sitk.ReadImage(str(path))
    return sitk.GetArrayFromImage(image), image


def windows(voxels: Array) -> Array:
    """First row and column, (slices, 2), of a window around the middle of what is bright, smooth along the stack."""
    middles = []
    for each in voxels.astype(float):
        rows, columns = np.nonzero(each > BRIGHT * np.percentile(each, 99))
        middles.append([(rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2])
    smooth = np.array([np.median(middles[max(n - 2, 0) : n + 3], axis=0) for n in range(len(middles))])
    return np.round(smooth - np.array(WINDOW) / 2).astype(int)


def cut(voxels: Array, corners: Array) -> Array:
    """The windows of slices, (slices, rows, columns); zeros beside the image."""
    padded = np.pad(voxels, [(0, 0), *((size, size) for size in WINDOW)])
    return np.stack(
        [
            each[r + WINDOW[0] :, c + WINDOW[1] :][: WINDOW[0], : WINDOW[1]]
            for each, (r, c) in zip(padded, corners, strict=True)
        ]
    )


def case_of(voxels: Array, truth: Array | None = None, labels: Labels | None = None) -> Case:
    """What is learnt from, or predicted."""
    corners, count = windows(voxels), len(voxels)
    bright = np.percentile(voxels, 99, axis=(1, 2)).astype(float)
    scaled = voxels / bright[:, None, None]
    beside = [cut(scaled[np.clip(np.arange(count) + step, 0, count - 1)], corners) for step in BESIDE]
    seen = torch.from_numpy(np.stack(beside, axis=1).astype(np.float32))
    found = Case(seen, torch.linspace(-1, 1, count), corners)
    if truth is not None and labels is not None:
        inside = cut(truth, corners)
        tissue = np.where(np.isin(inside, labels.roots), 2, 0)
        for kind, number in enumerate(labels.tissues):
            tissue[inside == number] = kind
        roots = np.full((count, len(labels.roots), 2), np.nan, dtype=np.float32)
        for at in range(count):
            for rank, number in enumerate(labels.roots):
                pixels = np.argwhere(inside[at] == number)
                if len(pixels):
                    roots[at, rank] = pixels.mean(axis=0)
        known = truth.reshape(count, -1).max(axis=1) <= max(labels.roots)  # a slice to be ignored has a higher label
        found = Case(
            seen[known],
            found.depth[known],
            corners[known],
            torch.from_numpy(tissue)[known],
            torch.from_numpy(roots)[known],
        )
    return found


def disc(pixel_mm: float) -> Tensor:
    """1 within a root's radius, on an odd number of pixels."""
    reach = int(np.ceil(ROOT_MM / pixel_mm))
    across = torch.arange(-reach, reach + 1) * pixel_mm
    return ((across[:, None] ** 2 + across[None] ** 2) <= ROOT_MM**2).float()


def peaks(where: Tensor, pixel_mm: float) -> tuple[Array, Array]:
    """Of each root on each slice: row and column, (slices, roots, 2), and the probability that it is there."""
    round_about = disc(pixel_mm)
    shares = where[..., :-1].unflatten(2, WINDOW)
    count, roots = shares.shape[:2]
    mass = functional.conv2d(shares.flatten(0, 1)[:, None], round_about[None, None], padding=len(round_about) // 2)
    sure, at = mass.flatten(1).max(dim=1)
    rows, columns = at // WINDOW[1], at % WINDOW[1]
    # to a part of a pixel: the mean of the probability within the disc
    reach = len(round_about) // 2
    around = functional.pad(shares.flatten(0, 1), (reach,) * 4)
    steps = torch.arange(-reach, reach + 1, dtype=torch.float32)
    middle = torch.empty(len(at), 2)
    for number, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        part = around[number, row : row + 2 * reach + 1, column : column + 2 * reach + 1] * round_about
        total = part.sum().clamp(min=1e-9)
        middle[number, 0] = row + (part.sum(dim=1) * steps).sum() / total
        middle[number, 1] = column + (part.sum(dim=0) * steps).sum() / total
    return middle.reshape(count, roots, 2).numpy(), sure.reshape(count, roots).numpy()


def draw(
    shape: tuple[int, ...],
    corners: Array,
    tissue: Tensor,
    places: Array,
    sure: Array,
    there: Array,
    labels: Labels,
    pixel_mm: float,
) -> tuple[Array, Array]:
    """The label map of a case, and how sure it is of each voxel; of two roots that overlap the surer one is seen."""
    found, confidence = np.zeros(shape, dtype=np.uint8), np.ones(shape, dtype=np.float32)
    share, kind = tissue.max(dim=1)
    rows, columns = np.meshgrid(*map(np.arange, shape[1:]), indexing="ij")
    for at, corner in enumerate(corners):
        inside = tuple(
            slice(max(c, 0), min(c + size, most)) for c, size, most in zip(corner, WINDOW, shape[1:], strict=True)
        )
        part = tuple(slice(each.start - c, each.stop - c) for each, c in zip(inside, corner, strict=True))
        found[at][inside] = np.array(labels.tissues)[kind[at].numpy()[part]]
        confidence[at][inside] = share[at].numpy()[part]
        for rank in np.argsort(sure[at]):
            if there[at, rank]:
                row, column = places[at, rank] + corner
                here = (rows - row) ** 2 + (columns - column) ** 2 <= (ROOT_MM / pixel_mm) ** 2
                found[at][here], confidence[at][here] = labels.roots[rank], sure[at, rank]
    return found, confidence


def average(cases: list[Case], depth: Tensor) -> tuple[Array, Array]:
    """Where roots lie on average in the training set, by depth, (slices, roots, 2), and whether most have them."""
    stacks = [
        each.roots[(each.depth[None] - depth[:, None]).abs().argmin(dim=1)].numpy()
        for each in cases
        if each.roots is not None
    ]
    found = np.array(stacks)
    there = np.isfinite(found[..., 0])
    total = np.where(there[..., None], found, 0.0).sum(axis=0)
    return total / np.maximum(there.sum(axis=0), 1)[..., None], there.mean(axis=0) > 0.5


def write(voxels: Array, image: sitk.Image, path: Path) -> None:
    """Voxels on an image's grid."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = sitk.GetImageFromArray(voxels)
    written.CopyInformation(image)
    sitk.WriteImage(written, str(path))
