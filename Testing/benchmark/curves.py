"""The benchmark's results as pictures: how errors and confidence grow with what makes a subject hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import numpy as np  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from score import WRONG_MM, Scores, total  # noqa: E402

Result = Mapping[str, Any]
# Okabe and Ito (2008): apart for colour-blind readers, and apart in shape.
_STYLES = {"control": ("#999999", "s"), "0.1": ("#D55E00", "^"), "now": ("#0072B2", "o")}
_WHOLE = {"crowding": 1.0, "noise": 0.006, "contrast": 4.4}
_AXES = {
    "crowding": "crowding",
    "noise": "noise, part of the brightest fluid",
    "contrast": "contrast of fluid to root",
    "distance": "slices from mark to mark",
}
_DISTANCES = {"every5": 5.0, "every10": 10.0, "every20": 20.0, "ends": 45.0}


def draw_curves(results: Sequence[Result], folder: Path) -> list[Path]:
    """Write ``accuracy-curves.png`` and ``accuracy-settings.png`` into a folder; those for which there are results."""
    written = []
    figure, axes = plt.subplots(3, 4, figsize=(13, 8), sharey="row", squeeze=False)
    for column, kind in enumerate(_AXES):
        for name, (color, marker) in _STYLES.items():
            curve = _curve(results, kind, name)
            if curve:
                _draw(axes[:, column], curve, name, color, marker)
        axes[2, column].set_xlabel(_AXES[kind])
    for row, label in enumerate(
        ("95th percentile of the error, mm", "corrections a subject", "confidence; share right")
    ):
        axes[row, 0].set_ylabel(label)
        axes[row, 0].set_ylim(bottom=0.0)
    for row in (0, 2):
        if axes[row, 0].has_data():
            axes[row, 0].legend(frameon=False)
    written.append(_saved(figure, folder / "accuracy-curves.png"))
    settings = [each for each in results if each["group"] == "setting"]
    if settings:
        written.append(_saved(_settings_figure(settings), folder / "accuracy-settings.png"))
    return written


def _curve(results: Sequence[Result], kind: str, name: str) -> list[tuple[float, Scores]]:
    """Scores of a tracer by value, ascending; what the unchanged crowd gives is a point of each curve."""
    crowd = [each for each in results if each["group"] == "crowd"]
    if kind == "distance":
        found = [(value, _roots(crowd, name, marks)) for marks, value in _DISTANCES.items()]
    else:
        own = [each for each in results if each["group"] == kind]
        found = [(float(each["value"]), _roots([each], name, "every10")) for each in own]
        found.append((_WHOLE[kind], _roots(crowd, name, "every10")))
    return sorted(((value, scores) for value, scores in found if scores.off), key=lambda each: each[0])


def _roots(results: Sequence[Result], name: str, marks: str) -> Scores:
    found = [each["tracers"].get(name, {}).get(marks, {}).get("roots") for each in results]
    return total(Scores(**each) for each in found if each)


def _draw(axes: Sequence[Any], curve: Sequence[tuple[float, Scores]], name: str, color: str, marker: str) -> None:
    values = [value for value, _ in curve]
    style = {"color": color, "marker": marker, "markersize": 4, "linewidth": 1.2}
    axes[0].plot(values, [np.percentile(scores.off, 95) for _, scores in curve], label=name, **style)
    axes[1].plot(values, [scores.corrections for _, scores in curve], **style)
    if name == "now":
        sure = [np.nanmean(np.array(scores.confidence, dtype=float)) for _, scores in curve]
        right = [np.mean(np.array(scores.off) <= WRONG_MM) for _, scores in curve]
        axes[2].plot(values, sure, label="confidence", **style)
        axes[2].plot(values, right, label="right", linestyle="--", **{**style, "marker": "x"})


def _settings_figure(settings: Sequence[Result]) -> Any:
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True)
    names = [each["label"] for each in settings]
    for shift, name in ((0.2, "control"), (-0.2, "now")):
        found = [_roots([each], name, "every10") for each in settings]
        place = np.arange(len(names)) + shift
        p95 = [float(np.percentile(scores.off, 95)) if scores.off else np.nan for scores in found]
        axes[0].barh(place, p95, 0.38, color=_STYLES[name][0], label=name)
        axes[1].barh(place, [scores.corrections for scores in found], 0.38, color=_STYLES[name][0])
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    axes[0].set_xlabel("95th percentile of the error, mm")
    axes[1].set_xlabel("corrections a subject")
    axes[0].legend(frameon=False)
    return figure


def _saved(figure: Any, path: Path) -> Path:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25, linewidth=0.5)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return path
