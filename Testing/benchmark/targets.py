"""What is to be reached, beside what control, version 0.1 and this tracer reach: the first table of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from score import WRONG_MM, Scores, total

Result = Mapping[str, Any]
NAMES = ("control", "0.1", "now")
# A contour from one click is off beyond this, in the mean, mm.
_CLICK_OFF_MM = 0.5
# The confidence is judged in these bins, those with fewer proposals than the last number only in the long table.
_BINS, _FEWEST = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.001), 100


def scores_of(results: Iterable[Result], tracer: str, marks: str, what: str) -> Scores:
    """The scores of a tracer in all these results as one."""
    found = [each["tracers"].get(tracer, {}).get(marks, {}).get(what) for each in results]
    return total(Scores(**each) for each in found if each)


def untuned(results: Iterable[Result]) -> list[Result]:
    """The cases to which nothing was fitted."""
    return [each for each in results if each["group"] != "tuning"]


def root_proposals(results: Sequence[Result]) -> Scores:
    """The roots that this tracer proposes from few marks and from more."""
    return total(scores_of(results, "now", marks, "roots") for marks in ("every10", "every20", "ends"))


def bins(scores: Scores, limit: float) -> Iterator[tuple[float, float, int, float, float]]:
    """Of each bin of confidence that is not empty its ends, how many, mean confidence, share off by `limit` at most."""
    off, confidence = np.array(scores.off), np.array(scores.confidence, dtype=float)
    for low, high in zip(_BINS[:-1], _BINS[1:], strict=True):
        here = (confidence >= low) & (confidence < high)
        if here.any():
            yield low, high, int(here.sum()), float(confidence[here].mean()), float(np.mean(off[here] <= limit))


def target_rows(results: Sequence[Result]) -> list[list[str]]:
    """What is measured, then control, 0.1, now and target, in words."""
    crowd = [each for each in results if each["group"] == "crowd"]

    def roots(tell: Callable[[Scores], str], marks: str = "every10", among: Sequence[Result] = crowd) -> list[str]:
        found = [scores_of(among, name, marks, "roots") for name in NAMES]
        return [tell(scores) if scores.off or scores.missing else "-" for scores in found]

    def apart(value: float) -> list[Result]:
        return [each for each in results if each["group"] == "crowding" and each["value"] == value]

    def contours(what: str) -> list[str]:
        return [_mean(scores_of(crowd, name, "every10", what)) for name in NAMES]

    def told(tell: Callable[[Mapping[str, Any]], str]) -> list[str]:
        found = [[each["tracers"].get(name, {}) for each in crowd] for name in NAMES]
        return [tell({"all": [one for one in each if one]}) if any(each) else "-" for each in found]

    rows = [
        ["roots, median / p95", *roots(_middle), "0.10 / 0.35"],
        ["on a wrong root (longest run)", *roots(_wrong), "0.3 % (3)"],
        ["corrections a subject", *roots(lambda scores: f"{scores.corrections:.0f}"), "35"],
        ["marks on every 20th slice: p95, wrong", *roots(_far, "every20"), "0.6, 1 %"],
        ["marks on first and last slice: p95", *roots(_p95, "ends"), "1.0"],
        *(
            [f"crowding {value:g}: median / p95", *roots(_middle, among=apart(value)), "that of 0.1"]
            for value in (0.0, 0.5)
        ),
        ["of confidence >= 0.9 off by > 0.7 (share)", *roots(_sure), "0.5 % (60 %)"],
        ["stated confidence against what is right, worst bin", "-", "-", _honesty(results), "0.05"],
        ["cord between contours, mean (refused)", *contours("cord"), "half the control's (0)"],
        ["dura between contours, mean (refused)", *contours("dura"), "0.06 (0)"],
        *(
            [f"one click, {what}: off by > 0.5 (refused)", *told(lambda found, what=what: _click(found, what)), target]
            for what, target in (("dura", "2 % (1 %)"), ("cord", "3 % (1 %)"))
        ),
        ["processor time a subject, s", *told(_seconds), "6"],
        ["clicks a subject, simulated annotator", *_annotator(crowd), "190"],
    ]
    return rows if crowd else []


def _middle(scores: Scores) -> str:
    return f"{np.median(scores.off):.2f} / {_p95(scores)}" if scores.off else "-"


def _p95(scores: Scores) -> str:
    return f"{np.percentile(scores.off, 95):.2f}" if scores.off else "-"


def _wrong(scores: Scores) -> str:
    return f"{100 * np.mean(scores.wrong):.1f} % ({max(scores.runs, default=0)})" if scores.off else "-"


def _far(scores: Scores) -> str:
    return f"{_p95(scores)}, {100 * np.mean(scores.wrong):.1f} %" if scores.off else "-"


def _sure(scores: Scores) -> str:
    off, sure = np.array(scores.off), np.array(scores.confidence, dtype=float) >= 0.9
    return f"{100 * np.mean(off[sure] > WRONG_MM):.1f} % ({100 * sure.mean():.0f} %)" if sure.any() else "-"


def _honesty(results: Sequence[Result]) -> str:
    found = [
        (abs(stated - right), stated, right)
        for _, _, count, stated, right in bins(root_proposals(untuned(results)), WRONG_MM)
        if count >= _FEWEST
    ]
    if not found:
        return "-"
    gap, stated, right = max(found)
    return f"{gap:.2f} (said {stated:.2f}, right {right:.2f})"


def _mean(scores: Scores) -> str:
    if not scores.off:
        return f"- ({scores.missing})" if scores.missing else "-"
    return f"{np.mean(scores.off):.3f} ({scores.missing})"


def _click(found: Mapping[str, Any], what: str) -> str:
    clicked = [each["clicks"]["contours"][what] for each in found["all"] if "contours" in each.get("clicks", {})]
    values = [value for each in clicked for value in each]
    off = np.array([value for value in values if value is not None])
    if not len(off):
        return "-"
    return f"{100 * np.mean(off > _CLICK_OFF_MM):.1f} % ({100 * (1 - len(off) / len(values)):.1f} %)"


def _seconds(found: Mapping[str, Any]) -> str:
    values = [each["every10"].get("processor_seconds") for each in found["all"] if "every10" in each]
    known = [value for value in values if value is not None]
    return f"{np.median(known):.1f}" if known else "-"


def _annotator(crowd: Sequence[Result]) -> list[str]:
    """Clicks by control, 0.1 and now, by seed; the control works beside this tracer."""
    words = []
    for tracer, key in (("now", "clicks by the control"), ("0.1", "clicks"), ("now", "clicks")):
        clicks = [each["tracers"].get(tracer, {}).get("clicks", {}).get(key) for each in crowd]
        words.append("; ".join(str(sum(each.values())) for each in clicks if each) or "-")
    return words
