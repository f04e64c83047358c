"""A small U-Net that finds cord, fluid and nerve roots slice by slice, in plain PyTorch: an example to start from.

python Documentation/learning_unet.py DATASET101_ROOTS PREDICTIONS [--epochs 40] [--channels 12]

It learns on the training set that `spineroot to-nnunet` wrote. Of each held-out case it writes a label map and, beside
it, how sure it is of each voxel's label; what PREDICTIONS/atlas gets is the control: roots where they lie on average in
the training set, aligned to the middle of the sac that is seen, without a look at roots: over the tissues that the
network found, and where roots overlap in the order of how sure it is of them. It needs PyTorch and SimpleITK and
nothing of SpineRoot.

Roots are a few pixels among thousands, so that a network which labels pixels is nearly right without any. This one is
asked where on the slice each root is instead: a probability for each pixel and for "on none", 1 in all. It sees each
slice between those beside it, and where it lies in the stack: levels are told by that, and by how roots lie to another.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from learning_slices import BESIDE, WINDOW, Case, Labels, average, case_of, draw, peaks, read, write
from torch import Tensor, nn
from torch.nn import functional

SIGMA = 1.0  # pixels: how far off a root's middle is still nearly right


class Block(nn.Sequential):
    """Two convolutions. To normalize each slice by itself would hide from the network where in the stack it is."""

    def __init__(self, before: int, after: int):
        super().__init__(
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
        )


class UNet(nn.Module):
    """Three times down and up again; scores of tissues, of each root at each pixel, and of each root being nowhere."""

    def __init__(self, roots: int, width: int):
        super().__init__()
        widths = [width, 2 * width, 4 * width, 4 * width]
        self.down = nn.ModuleList(Block(*each) for each in zip([len(BESIDE) + 3, *widths[:-1]], widths, strict=True))
        self.up = nn.ModuleList(Block(a + b, b) for a, b in zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.tissue, self.where = nn.Conv2d(width, 3, 1), nn.Conv2d(width, roots, 1)
        self.nowhere = nn.Linear(widths[-1], roots)

    def forward(self, seen: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of tissues, (batch, 3, rows, columns), and log probabilities, (batch, roots, pixels + 1)."""
        count, _slices, rows, columns = seen.shape
        down, right = torch.linspace(-1, 1, rows)[:, None], torch.linspace(-1, 1, columns)[None]
        places = [each.expand(count, 1, rows, columns) for each in (down, right, depth[:, None, None, None])]
        x, kept = torch.cat([seen, *places], dim=1), []
        for number, block in enumerate(self.down):
            x = block(x if number == 0 else functional.max_pool2d(x, 2))
            kept.append(x)
        nowhere = self.nowhere(x.mean(dim=(2, 3)))
        for block, beside in zip(self.up, kept[-2::-1], strict=True):
            x = block(torch.cat([functional.interpolate(x, scale_factor=2.0), beside], dim=1))
        scores = torch.cat([self.where(x).flatten(2), nowhere[:, :, None]], dim=2)
        return self.tissue(x), scores.log_softmax(dim=2)


def varied(case: Case, batch: Tensor, mirrored: list[int]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Slices, depths, tissues and roots, turned, stretched, moved, mirrored with the names, in another light."""
    assert case.tissue is not None and case.roots is not None
    count, (rows, columns) = len(batch), WINDOW
    turn, grow = torch.randn(count) * 0.05, 1.0 + 0.05 * torch.randn(count, 2)
    move, flip = torch.randn(count, 2) * 2.0, torch.rand(count) < 0.5
    middle = torch.tensor([(rows - 1) / 2, (columns - 1) / 2])
    # from a pixel of the new slice to one of the old, in rows and columns from the middle
    matrix = torch.stack([turn.cos(), -turn.sin(), turn.sin(), turn.cos()], dim=1).reshape(-1, 2, 2) / grow[:, :, None]
    matrix[flip, :, 1] *= -1
    grid = torch.stack(torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij"), dim=-1) - middle
    source = torch.einsum("bij,rcj->brci", matrix, grid) + move[:, None, None]
    places = source.flip(-1) / middle.flip(0)  # grid_sample wants columns and rows from -1 to 1
    seen = functional.grid_sample(case.seen[batch], places, align_corners=True)
    tissue = functional.grid_sample(case.tissue[batch][:, None].float(), places, mode="nearest", align_corners=True)
    roots = torch.linalg.solve(matrix, (case.roots[batch] - middle - move[:, None]).transpose(1, 2)).transpose(1, 2)
    roots[flip] = roots[flip][:, mirrored]
    seen = seen * (1.0 + 0.1 * torch.randn(count, 1, 1, 1)) + 0.03 * torch.randn(1) * torch.randn_like(seen)
    return seen, case.depth[batch] + 0.03 * torch.randn(count), tissue[:, 0].long(), roots + middle


def loss_of(tissue: Tensor, where: Tensor, true_tissue: Tensor, roots: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropies, of each pixel's tissue and of each root's place; a little beside its middle is nearly right."""
    rows, columns = (torch.arange(size, dtype=torch.float32) for size in WINDOW)
    heat = torch.exp(
        -((rows - roots[..., :1]) ** 2)[..., :, None] / 2 / SIGMA**2
        - ((columns - roots[..., 1:]) ** 2)[..., None, :] / 2 / SIGMA**2
    ).flatten(2)
    heat = torch.cat([heat, torch.zeros_like(heat[..., :1])], dim=2)
    heat[roots[..., 0].isnan()] = 0.0
    heat[..., -1] = (heat.sum(dim=2) < 0.5).float()
    heat = heat / heat.sum(dim=2, keepdim=True)
    return functional.cross_entropy(tissue, true_tissue), -(heat * where).sum(dim=2).mean()


def train(cases: list[Case], labels: Labels, options: argparse.Namespace) -> UNet:
    """The network, trained on all slices of the training set, as long as there is time."""
    every = Case(
        *(torch.cat([getattr(case, name) for case in cases]) for name in ("seen", "depth")),
        np.empty(0),
        *(torch.cat([getattr(case, name) for case in cases]) for name in ("tissue", "roots")),
    )
    network = UNet(len(labels.roots), options.channels).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-3)
    steps = options.epochs * (len(every.seen) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps)
    for epoch in range(options.epochs):
        totals, start = np.zeros(2), time.process_time()
        for batch in torch.randperm(len(every.seen)).split(options.batch):
            if len(batch) < options.batch:
                continue
            seen, depth, tissue, roots = varied(every, batch, labels.mirrored)
            optimizer.zero_grad()
            losses = loss_of(*network(seen.to(memory_format=torch.channels_last), depth), tissue, roots)
            sum(losses).backward()
            optimizer.step()
            schedule.step()
            totals += [float(each.detach()) / (len(every.seen) // options.batch) for each in losses]
        print(
            f"epoch {epoch + 1}: tissues {totals[0]:.3f}, roots {totals[1]:.3f}, "
            f"{time.process_time() - start:.1f} s of CPU, {time.process_time():.0f} in all",
            flush=True,
        )
    return network


def probabilities(network: UNet, case: Case, labels: Labels) -> tuple[Tensor, Tensor]:
    """Of tissues, (slices, 3, rows, columns), and of each root, (slices, roots, pixels + 1), also seen mirrored."""
    tissues, wheres = [], []
    for seen, depth in zip(case.seen.split(8), case.depth.split(8), strict=True):
        tissue, where = network(seen, depth)
        other_tissue, other = network(seen.flip(3), depth)
        back = other[:, labels.mirrored, :-1].unflatten(2, WINDOW).flip(3).flatten(2)
        other = torch.cat([back, other[:, labels.mirrored, -1:]], dim=2)
        tissues.append((tissue.softmax(dim=1) + other_tissue.flip(3).softmax(dim=1)) / 2)
        wheres.append((where.exp() + other.exp()) / 2)
    return torch.cat(tissues), torch.cat(wheres)


def predict(network: UNet, cases: list[Case], labels: Labels, path: Path, out: Path) -> None:
    """Write what the network finds in an image, how sure it is, and the control."""
    voxels, image = read(path)
    name, pixel_mm, case = path.name.removesuffix("_0000.nii.gz"), image.GetSpacing()[0], case_of(voxels)
    with torch.no_grad():
        tissue, where = probabilities(network, case, labels)
    places, sure = peaks(where, pixel_mm)
    there = where[..., -1].numpy() < 0.5
    found, confidence = draw(voxels.shape, case.corners, tissue, places, sure, there, labels, pixel_mm)
    write(found, image, out / f"{name}.nii.gz")
    write(confidence, image, out / f"{name}_confidence.nii.gz")
    places, there = average(cases, case.depth)
    control, _confidence = draw(voxels.shape, case.corners, tissue, places, sure, there, labels, pixel_mm)
    write(control, image, out / f"atlas/{name}.nii.gz")


def main() -> None:
    """Train, and predict what was held out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    labels = Labels.of(json.loads((options.dataset / "dataset.json").read_text(encoding="utf-8"))["labels"])
    cases = []
    for path in sorted((options.dataset / "labelsTr").glob("*.nii.gz")):
        name = path.name.removesuffix(".nii.gz")
        voxels = read(options.dataset / f"imagesTr/{name}_0000.nii.gz")[0]
        cases.append(case_of(voxels, read(path)[0], labels))
    network = train(cases, labels, options).eval()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), options.out / "network.pt")
    for path in sorted((options.dataset / "imagesTs").glob("*_0000.nii.gz")):
        predict(network, cases, labels, path, options.out)


if __name__ == "__main__":
    main()
