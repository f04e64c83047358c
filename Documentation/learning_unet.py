"""A small U-Net for slices, in plain PyTorch, trained on what `spineroot to-nnunet` wrote: an example to start from.

python Documentation/learning_unet.py DATASET101_ROOTS PREDICTIONS [--epochs 12] [--channels 12]

It learns on the training set, and writes for each held-out case a label map and, for the queue of what is least
certain, the probability of the likeliest label of each voxel. It needs PyTorch and SimpleITK and nothing of SpineRoot.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch
from torch import Tensor, nn
from torch.nn import functional

_BESIDE = (-1, 0, 1)  # the slices that are seen at once
_EDGE = 8  # three times halved, a slice must still have whole pixels


class Block(nn.Sequential):
    """Two convolutions."""

    def __init__(self, before: int, after: int):
        layers = [
            layer
            for first, last in ((before, after), (after, after))
            for layer in (
                nn.Conv2d(first, last, 3, padding=1),
                nn.InstanceNorm2d(last, affine=True),
                nn.LeakyReLU(0.01),
            )
        ]
        super().__init__(*layers)


class UNet(nn.Module):
    """Three times down and up again."""

    def __init__(self, inputs: int, classes: int, width: int):
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width]
        self.down = nn.ModuleList(Block(*each) for each in zip([inputs, *widths[:-1]], widths, strict=True))
        self.up = nn.ModuleList(Block(a + b, b) for a, b in zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.last = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores, (batch, classes, i, j), of slices, (batch, inputs, i, j)."""
        kept = []
        for number, block in enumerate(self.down):
            x = block(x if number == 0 else functional.max_pool2d(x, 2))
            kept.append(x)
        for block, beside in zip(self.up, kept[-2::-1], strict=True):
            x = block(torch.cat([functional.interpolate(x, scale_factor=2.0), beside], dim=1))
        return self.last(x)


def read(path: Path) -> tuple[np.ndarray, sitk.Image]:
    """Voxels, (slices, j, i), and the image that they are of."""
    image = sitk.ReadImage(str(path))
    return sitk.GetArrayFromImage(image), image


def inputs_of(voxels: np.ndarray) -> Tensor:
    """What the network sees of each slice: it, those beside it, and where it is, since levels and sides have names."""
    middle, spread = np.median(voxels), np.percentile(voxels, 95) - np.percentile(voxels, 5)
    scaled = torch.from_numpy(((voxels - middle) / spread).astype(np.float32))
    count, rows, columns = scaled.shape
    numbers = torch.arange(count)
    beside = [scaled[(numbers + step).clamp(0, count - 1)] for step in _BESIDE]
    places = torch.meshgrid(*(torch.linspace(-1, 1, size) for size in (count, rows, columns)), indexing="ij")
    stacked = torch.stack([*beside, *places], dim=1)
    return functional.pad(stacked, (0, -columns % _EDGE, 0, -rows % _EDGE))


def together(cases: list[Tensor]) -> Tensor:
    """The slices of all cases, with zeros beside those of the smaller ones."""
    rows, columns = (max(case.shape[axis] for case in cases) for axis in (2, 3))
    padded = [functional.pad(case, (0, columns - case.shape[3], 0, rows - case.shape[2])) for case in cases]
    return torch.cat(padded)


def loss_of(scores: Tensor, truth: Tensor, weights: Tensor, ignored: int) -> Tensor:
    """Weighted cross entropy and the Dice loss, over what is not to be ignored."""
    entropy = functional.cross_entropy(scores, truth, weights, ignore_index=ignored)
    there = (truth != ignored)[:, None]
    shares = scores.softmax(dim=1) * there
    classes = functional.one_hot(truth.where(there[:, 0], torch.zeros_like(truth)), scores.shape[1])
    wanted = classes.permute(0, 3, 1, 2) * there
    both, all_of = (shares * wanted).sum((0, 2, 3)), (shares + wanted).sum((0, 2, 3))
    present = wanted.sum((0, 2, 3)) > 0
    return entropy + 1.0 - (2.0 * both[present] / all_of[present]).mean()


def train(folder: Path, names: list[str], classes: int, options: argparse.Namespace) -> UNet:
    """The network, trained on all slices of the training set."""
    cases = [
        (read(folder / f"imagesTr/{name}_0000.nii.gz")[0], read(folder / f"labelsTr/{name}.nii.gz")[0])
        for name in names
    ]
    seen = together([inputs_of(voxels) for voxels, _labels in cases])
    truth = torch.full((len(seen), *seen.shape[2:]), classes, dtype=torch.long)
    first = 0
    for _voxels, labels in cases:
        truth[first : first + len(labels), : labels.shape[1], : labels.shape[2]] = torch.from_numpy(
            labels.astype(np.int64)
        )
        first += len(labels)
    counts = torch.bincount(truth.ravel(), minlength=classes + 1)[:classes].clamp(min=1)
    weights = (counts.sum() / counts).pow(0.33)
    weights /= weights.mean()
    network = UNet(seen.shape[1], classes, options.channels)
    optimizer = torch.optim.Adam(network.parameters(), lr=options.rate)
    steps = options.epochs * -(-len(seen) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps)
    for epoch in range(options.epochs):
        total = 0.0
        for batch in torch.randperm(len(seen)).split(options.batch):
            # another brightness and contrast each time; no mirroring, for left is not right
            changed = seen[batch].clone()
            changed[:, : len(_BESIDE)] *= 1.0 + 0.1 * torch.randn(len(batch), 1, 1, 1)
            changed[:, : len(_BESIDE)] += 0.1 * torch.randn(len(batch), 1, 1, 1)
            optimizer.zero_grad()
            loss = loss_of(network(changed), truth[batch], weights, classes)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(seen):.3f}, {time.process_time():.0f} s of CPU", flush=True)
    return network


def predict(network: UNet, path: Path, out: Path, name: str) -> None:
    """Write the label map of a case, and the probability of the label of each voxel."""
    voxels, image = read(path)
    with torch.no_grad():
        shares = torch.cat([network(part).softmax(dim=1) for part in inputs_of(voxels).split(8)])
    sure, labels = shares[:, :, : voxels.shape[1], : voxels.shape[2]].max(dim=1)
    for written, ending in ((labels.numpy().astype(np.uint8), ""), (sure.numpy().astype(np.float32), "_confidence")):
        found = sitk.GetImageFromArray(written)
        found.CopyInformation(image)
        sitk.WriteImage(found, str(out / f"{name}{ending}.nii.gz"))


def main() -> None:
    """Train, and predict what was held out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    document = json.loads((options.dataset / "dataset.json").read_text(encoding="utf-8"))
    classes = len([name for name in document["labels"] if name != "ignore"])
    names = sorted(path.name.removesuffix(".nii.gz") for path in (options.dataset / "labelsTr").glob("*.nii.gz"))
    network = train(options.dataset, names, classes, options)
    options.out.mkdir(parents=True, exist_ok=True)
    network.eval()
    for path in sorted((options.dataset / "imagesTs").glob("*_0000.nii.gz")):
        predict(network, path, options.out, path.name.removesuffix("_0000.nii.gz"))


if __name__ == "__main__":
    main()
