"""The benchmark's results as a page: a table against the targets, and how errors grow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from score import CONTOUR_WRONG_MM, WRONG_MM, Scores, total

Result = Mapping[str, Any]
_NAMES = ("control", "0.1", "now")
_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.001)
_CURVES = """## Failure curves

![Error, corrections and confidence against crowding, noise, contrast and the distance of marks](accuracy-curves.png)

![Error by setting](accuracy-settings.png)

Confidence is the mean of what the tracer says of its points, beside the share of them that is right (off by 0.7 mm at
most). Where version 0.1 has no point it took the image for another subject's and proposed nothing.

"""
_HEAD = """# How accurate assisted tracing is

Written by `Testing/benchmark/run.py`; no figure here was typed by hand.

**What this shows.** Every figure comes from synthetic subjects (`spineroot phantom`) whose truth is known, drawn with
the crowd of roots that one published subject has. `control` interpolates between the same marks and never looks at the
image; `0.1` is the tracer of version 0.1; `now` is this one. Seeds 1-8 were looked at while the tracer was tuned.
Of the others, two showed faults that were then mended: 72 (noise) and 73 (contrast).

**What it does not show.** A phantom's roots move, touch and fade as its program lets them. How a tracer does on scans
of people is known only from people's marks on these scans, and has to be measured there. Before you rely on proposals,
check some: the confidence was fitted to phantoms as well.

Marks miss by 0.12 mm a coordinate. A correction is a point off by more than 0.5 mm or not proposed. A point is on a
wrong root where it is nearer to another root's true place than to its own, and within 0.5 mm of that. All distances are
in mm.
"""


def write_report(results: Sequence[Result], path: Path, another: Path, missing: Sequence[str]) -> str:
    """Write the page; the text.

    Parameters
    ----------
    another : a table of how often the image is taken for another subject's.
    missing : names of cases that were not run.
    """
    parts = [
        _HEAD,
        f"**Not run:** {', '.join(missing)}.\n" if missing else "",
        _main_table(results),
        _by_marks(results),
        _beyond(results),
        _contours(results),
        _clicks(results),
        _curves(results),
    ]
    parts += [_never_worse(results), _reliability(results), _another(another), _worst(results)]
    text = "\n".join(part for part in parts if part)
    path.write_text(text, encoding="utf-8")
    return text


def _scores(results: Iterable[Result], tracer: str, marks: str, what: str) -> Scores:
    found = [each["tracers"].get(tracer, {}).get(marks, {}).get(what) for each in results]
    return total(Scores(**each) for each in found if each)


def _group(results: Sequence[Result], name: str) -> list[Result]:
    return [each for each in results if each["group"] == name]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _row(name: str, scores: Scores) -> list[str]:
    off, confidence = np.array(scores.off), np.array(scores.confidence, dtype=float)
    if not len(off):
        return [name, "-", "-", "-", f"{scores.corrections:.0f}", str(scores.missing), "-", "-"]
    sure = confidence >= 0.9
    wrong = f"{100 * np.mean(off[sure] > WRONG_MM):.1f} % ({100 * sure.mean():.0f} %)" if sure.any() else "-"
    return [
        name,
        f"{np.median(off):.2f} / {np.percentile(off, 95):.2f}",
        f"{100 * np.mean(scores.wrong):.1f} %",
        str(max(scores.runs, default=0)),
        f"{scores.corrections:.0f}",
        str(scores.missing),
        wrong,
        f"{off.max():.2f}",
    ]


_ROOTS = ("", "median / p95", "on a wrong root", "longest run", "corrections a subject", "missing",
          "of confidence >= 0.9 off by > 0.7 (share)", "worst")  # fmt: skip


def _main_table(results: Sequence[Result]) -> str:
    chosen = _group(results, "crowd")
    if not chosen:
        return ""
    seeds = ", ".join(str(each["seed"]) for each in chosen)
    rows = [_row(name, _scores(chosen, name, "every10", "roots")) for name in _NAMES]
    tuning = _group(results, "tuning")
    names = _NAMES if tuning else ()
    tuned = [_row(f"{name}, tuning seeds", _scores(tuning, name, "every10", "roots")) for name in names]
    return f"## Roots from a mark on every tenth slice (seeds {seeds})\n\n" + _table(_ROOTS, [*rows, *tuned])


def _by_marks(results: Sequence[Result]) -> str:
    chosen, rows = _group(results, "crowd"), []
    for marks, name in (
        ("every5", "every 5th slice"),
        ("every20", "every 20th slice"),
        ("ends", "first and last slice"),
    ):
        rows += [_row(f"{name}: {tracer}", _scores(chosen, tracer, marks, "roots")) for tracer in ("control", "now")]
    return "## Roots from more and from fewer marks\n\n" + _table(_ROOTS, rows) if chosen else ""


def _beyond(results: Sequence[Result]) -> str:
    """Beyond the marks: how far too far, how much too short, how far off."""
    rows = []
    for marks, where in (
        ("every10", "first and last slice marked"),
        ("inner", "none on the first and last six slices"),
    ):
        scores = _scores(_group(results, "crowd"), "now", marks, "roots")
        if scores.above:
            off = f"{np.median(scores.onward):.2f} / {np.percentile(scores.onward, 95):.2f}" if scores.onward else "-"
            short = f"{np.mean(scores.short):.1f}" if marks == "inner" else "-"
            rows.append([where, str(max(*scores.above, 0)), str(max(*scores.below, 0)), short, off])
    head = ("", "too far up, worst", "too far down, worst", "not proposed, of 12 a root", "median / p95")
    title = "## Beyond the marks\n\n"
    text = "Too far: slices beyond the true end that are proposed with confidence above 0.5.\n\n"
    return title + text + _table(head, rows) if rows else ""


def _contours(results: Sequence[Result]) -> str:
    chosen, rows = _group(results, "crowd"), []
    for what in ("dura", "cord"):
        for tracer in _NAMES:
            scores = _scores(chosen, tracer, "every10", what)
            refused = f"{scores.missing} of {scores.missing + len(scores.off)}"
            if not scores.off:
                rows.append([f"{what}: {tracer}", "-", "-", "-", refused])
                continue
            off = np.array(scores.off)
            rows.append([f"{what}: {tracer}", f"{off.mean():.3f}", f"{np.percentile(off, 95):.2f}", f"{off.max():.2f}",
                         f"{scores.missing} of {scores.missing + len(scores.off)}"])  # fmt: skip
    head = ("", "mean", "p95", "worst", "refused")
    return "## Dura and cord between contours on every tenth slice\n\n" + _table(head, rows) if chosen else ""


def _clicks(results: Sequence[Result]) -> str:
    rows, clicks = [], []
    for tracer in _NAMES[1:]:
        found = [each["tracers"].get(tracer, {}).get("clicks", {}) for each in results]
        found = [each for each in found if "contours" in each]
        for what, pick in (("dura", lambda e: e["contours"]["dura"]), ("cord", lambda e: e["contours"]["cord"]),
                           ("root", lambda e: e["roots"])):  # fmt: skip
            values = [value for each in found for value in pick(each)]
            off = np.array([value for value in values if value is not None])
            if len(values) and len(off):
                rows.append([f"{what}: {tracer}", f"{100 * np.mean(off > 0.5):.1f} %", f"{np.median(off):.2f}",
                             f"{100 * (1 - len(off) / len(values)):.1f} %", str(len(values))])  # fmt: skip
        if found:
            asked = sum(bool(each["own"]) for each in found), sum(bool(each["mirrored"]) for each in found)
            rows.append([f"asks whether it is another subject: {tracer}", "", "",
                         f"{asked[0]} of {len(found)}; mirrored {asked[1]} of {len(found)}", ""])  # fmt: skip
        clicks += [f"{tracer}, {name}: {sum(each[name].values())} {dict(each[name])}"
                   for each in found for name in ("clicks", "clicks by the control") if name in each]  # fmt: skip
    text = "## One click\n\n" + _table(("", "off by > 0.5", "median", "refused", "clicks"), rows) if rows else ""
    return text + "".join(f"\nClicks for a whole subject, simulated: {line}\n" for line in clicks)


def _curves(results: Sequence[Result]) -> str:
    text = _CURVES
    for group in ("crowding", "noise", "contrast", "setting"):
        rows = []
        for each in sorted(_group(results, group), key=lambda one: (one["value"], one["label"])):
            for tracer in _NAMES:
                name = f"{each['label'] or format(each['value'], 'g')} (seed {each['seed']}): {tracer}"
                rows.append(_row(name, _scores([each], tracer, "every10", "roots")))
        text += f"## Roots by {group}\n\n" + _table(_ROOTS, rows) + "\n" if rows else ""
    return text


def _never_worse(results: Sequence[Result]) -> str:
    """In what the tracer is worse than interpolation, case by case."""
    rows = []
    for each in results:
        if each["group"] in ("crowding", "noise", "contrast", "setting"):
            control, now = (_scores([each], name, "every10", "roots") for name in ("control", "now"))
            pairs = {
                "p95": [float(np.percentile(s.off, 95)) if s.off else np.inf for s in (control, now)],
                "wrong roots": [float(np.mean(s.wrong)) if s.wrong else np.inf for s in (control, now)],
                "corrections": [s.corrections for s in (control, now)],
            }
            worse = [name for name, (before, after) in pairs.items() if after > before]
            rows.append(
                [f"{each['group']} {each['label'] or format(each['value'], 'g')}", ", ".join(worse) or "nothing"]
            )
    return "## In what it is worse than interpolation\n\n" + _table(("case", "worse in"), rows) if rows else ""


def _another(path: Path) -> str:
    title = "## Is the image another subject's?\n\n"
    text = "Phantoms of half the length; false alarms are questions on the own image. Written by "
    text += "`Testing/measure/another_subject.py`.\n\n"
    return title + text + path.read_text(encoding="utf-8") if path.is_file() else ""


def _reliability(results: Sequence[Result]) -> str:
    chosen, rows = [each for each in results if each["group"] != "tuning"], []
    limits: tuple[tuple[str, float, Callable[[], Scores]], ...] = (
        (
            "roots",
            WRONG_MM,
            lambda: total(_scores(chosen, "now", marks, "roots") for marks in ("every10", "every20", "ends")),
        ),
        (
            "dura and cord",
            CONTOUR_WRONG_MM,
            lambda: total(_scores(chosen, "now", "every10", w) for w in ("dura", "cord")),
        ),
    )
    for name, limit, collect in limits:
        scores = collect()
        off, confidence = np.array(scores.off), np.array(scores.confidence, dtype=float)
        for low, high in zip(_BINS[:-1], _BINS[1:], strict=True):
            here = (confidence >= low) & (confidence < high)
            if here.any():
                rows.append([name, f"{low:.2f}-{min(high, 1):.2f}", str(here.sum()), f"{confidence[here].mean():.3f}",
                             f"{np.mean(off[here] <= limit):.3f}"])  # fmt: skip
    head = ("", "confidence", "proposals", "mean confidence", "right")
    return "## Is the confidence honest? (seeds it was not fitted to)\n\n" + _table(head, rows) if rows else ""


def _worst(results: Sequence[Result]) -> str:
    found = []
    for each in results:
        scores = _scores([each], "now", "every10", "roots")
        if scores.off:
            found.append(
                (float(np.percentile(scores.off, 95)), each["group"], each["label"] or each["value"], each["seed"])
            )
    if not found:
        return ""
    worst = max(found)
    return f"\nThe worst case: {worst[1]} {worst[2]}, seed {worst[3]}, with a 95th percentile of {worst[0]:.2f} mm.\n"
