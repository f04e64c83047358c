"""The benchmark's results as a page: a table against the targets, and how errors grow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from score import CONTOUR_WRONG_MM, WRONG_MM, Scores, total
from targets import NAMES as _NAMES
from targets import Result, bins, root_proposals, target_rows, untuned
from targets import scores_of as _scores

# Tables of other scripts, which the page takes in as they are.
_APART = Path(__file__).with_name("apart.md")
_CURVES = """## Failure curves

![Error, corrections and confidence against crowding, noise, contrast and the distance of marks](accuracy-curves.png)

![Error by setting](accuracy-settings.png)

Confidence is the mean of what the tracer says of its points, beside the share of them that is right (off by 0.7 mm at
most). Where version 0.1 has no point it took the image for another subject's and proposed nothing.

"""
_REFUSED = """
Roots from a mark on every tenth slice of three crowded phantoms, where nothing else is said. Where version 0.1 has no
figure it took every image for another subject's and proposed nothing; its corrections are points to be made by hand.
Processor time is longer where other programs share the machine.
"""
_HEAD = """# How accurate assisted tracing is

Written by `Testing/benchmark/run.py`; the last part, of figures measured apart, is taken in as it stands.

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


def write_report(results: Sequence[Result], path: Path, missing: Sequence[str]) -> str:
    """Write the page; the text. `missing` are the names of cases that were not run."""
    parts = [
        _HEAD,
        f"**Not run:** {', '.join(missing)}.\n" if missing else "",
        _targets(results),
        _worst(results),
        _main_table(results),
        _by_marks(results),
        _beyond(results),
        _contours(results),
        _clicks(results),
        _curves(results),
    ]
    parts += [_never_worse(results), _reliability(results), _APART.read_text(encoding="utf-8")]
    text = "\n".join(part for part in parts if part)
    path.write_text(text, encoding="utf-8")
    return text


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


def _targets(results: Sequence[Result]) -> str:
    rows = target_rows(results)
    head = ("", *_NAMES, "target")
    return "## What is reached\n\n" + _table(head, rows) + _REFUSED if rows else ""


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
    rows = []
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
    text = "## One click\n\n" + _table(("", "off by > 0.5", "median", "refused", "clicks"), rows) if rows else ""
    return text + _annotator(results)


def _annotator(results: Sequence[Result]) -> str:
    """How many clicks the simulated annotator needs for a whole subject, by seed."""
    rows = []
    for each in results:
        for tracer, name, key in (
            ("now", "control", "clicks by the control"),
            ("0.1", "0.1", "clicks"),
            ("now", "now", "clicks"),
        ):
            found = each["tracers"].get(tracer, {}).get("clicks", {}).get(key)
            if found:
                parts = (found["start"], *(found.get(what, 0) for what in ("dura", "cord", "nerveroots")))
                rows.append([f"{name} (seed {each['seed']})", *map(str, (*parts, sum(found.values())))])
    head = ("", "to start with", "dura", "cord", "roots", "in all")
    title = "\n## Clicks for a whole subject\n\n"
    text = "An annotator is simulated who marks every tenth slice and corrects whatever is off.\n\n"
    return title + text + _table(head, rows) if rows else ""


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
    """In what the tracer is worse than interpolation, case by case; those alone in which it is."""
    rows, compared = [], 0
    for each in results:
        for marks in sorted(each["tracers"].get("now", {}).keys() - {"clicks"}):
            control, now = (_scores([each], name, marks, "roots") for name in ("control", "now"))
            if not control.subjects or not now.subjects:
                continue
            compared += 1
            worse = [
                f"{name} ({after:.3g}, interpolation {before:.3g})"
                for name, before, after in zip(_COMPARED, _compared(control), _compared(now), strict=True)
                if after > before
            ]
            if worse:
                rows.append([f"{_name(each)}, {_MARKS[marks]}", ", ".join(worse)])
    text = f"Of {compared} cases and ways of marking, in {len(rows)} it is worse in the 95th percentile of the\n"
    text += "error, the share on a wrong root, or corrections.\n"
    title = "## In what it is worse than interpolation\n\n"
    return title + text + ("\n" + _table(("case", "worse in"), rows) if rows else "") if compared else ""


def _name(each: Result) -> str:
    """A case in words."""
    value = each["label"] or (format(each["value"], "g") if each["group"] not in ("crowd", "tuning") else "")
    return " ".join(part for part in (each["group"], value) if part) + f" (seed {each['seed']})"


_MARKS = {
    "every5": "a mark on every 5th slice",
    "every10": "a mark on every 10th slice",
    "every20": "a mark on every 20th slice",
    "ends": "marks on the first and last slice",
    "inner": "a mark on every 10th slice, none on the first and last six",
}
_COMPARED = ("p95", "% on a wrong root", "corrections")


def _compared(scores: Scores) -> tuple[float, float, float]:
    found = bool(scores.off)
    return (
        float(np.percentile(scores.off, 95)) if found else np.inf,
        100 * float(np.mean(scores.wrong)) if found else np.inf,
        scores.corrections,
    )


def _reliability(results: Sequence[Result]) -> str:
    chosen, rows = untuned(results), []
    limits = (
        ("roots", WRONG_MM, root_proposals(chosen)),
        ("dura and cord", CONTOUR_WRONG_MM, total(_scores(chosen, "now", "every10", w) for w in ("dura", "cord"))),
    )
    for name, limit, scores in limits:
        for low, high, count, stated, right in bins(scores, limit):
            rows.append([name, f"{low:.2f}-{min(high, 1):.2f}", str(count), f"{stated:.3f}", f"{right:.3f}"])
    head = ("", "confidence", "proposals", "mean confidence", "right")
    return "## Is the confidence honest? (seeds it was not fitted to)\n\n" + _table(head, rows) if rows else ""


def _worst(results: Sequence[Result]) -> str:
    """The case with the largest 95th percentile."""
    found = []
    for each in results:
        scores = _scores([each], "now", "every10", "roots")
        if scores.off:
            found.append(
                (float(np.percentile(scores.off, 95)), _name(each), _scores([each], "control", "every10", "roots"))
            )
    if not found:
        return ""
    p95, name, control = max(found, key=lambda one: one[0])
    beside = f"; that of interpolation is {np.percentile(control.off, 95):.2f} mm there" if control.off else ""
    return f"The worst case is {name}, with a 95th percentile of {p95:.2f} mm{beside}.\n"
