"""The cohort's report: one page that holds its tables and pictures in itself."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.atomic import write_text
from SpineRootLib.cohort.job import FAILED
from SpineRootLib.cohort.summary import StructureSummary
from SpineRootLib.tables import MISSING

# Sheets of the gallery that are put into the page: 56 models; the others lie beside it.
_SHEETS = 4
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.18rem 0.7rem; text-align: right; border-bottom: 1px solid #e4e4e4; }
th { border-bottom: 1px solid #888; font-weight: 600; }
th:first-child, td:first-child, td.text { text-align: left; }
img { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 0.88rem; }
.failed { color: #a40000; }
"""


@dataclass(frozen=True)
class Report:
    """What the page shows.

    Parameters
    ----------
    runs : the records of the subjects' runs.
    """

    summaries: Sequence[StructureSummary]
    figures: Sequence[Path]
    gallery: Sequence[Path]
    quality: Sequence[Path]
    runs: Sequence[dict[str, Any]]


def write_html(path: Path, content: Report) -> Path:
    """Write the page; it needs no other file and no network."""
    body = [
        "<h1>Spinal nerve roots: the cohort</h1>",
        f"<p>Made by SpineRoot {html.escape(__version__)}.</p>",
        *_failures(content.runs),
        *_agreement(content),
        *_gallery(content.gallery),
        *_quality(content.quality),
        *_runs(content.runs),
    ]
    page = "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>SpineRoot: the cohort</title>\n"
    page += f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    return write_text(path, page)


def _failures(runs: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Who failed and why, before anything else, as their numbers are missing from all that follows."""
    failed = [run for run in runs if run.get("status") == FAILED]
    if failed:
        yield f"<p class='failed'>{len(failed)} of {len(runs)} subjects failed and are missing below:</p><ul>"
        for run in failed:
            why = html.escape(f"sub-{run.get('subject')}: {run.get('message')}")
            yield f"<li class='failed'>{why}</li>"
        yield "</ul>"


def _agreement(content: Report) -> Iterable[str]:
    if not content.figures:
        return
    yield "<h2>Agreement between annotators</h2>"
    caption = "Mean distance between annotators, a dot a subject; bars: mean and standard deviation between subjects."
    yield from (_picture(path, caption) for path in content.figures)
    names = {ROOTS: "root", GANGLIA: "ganglion", **{name: name for name in CONTOUR_STRUCTURES}}
    rows = []
    for each in content.summaries:
        if each.matched or each.only_one:
            row = each.row()
            name = f"{names[each.place.structure]} {str(each.place.root).replace('_', ' ') if each.place.root else ''}"
            counts = [row["n_subjects"], row["n_matched"], row["n_only_one"]]
            rows.append([name, *counts, *(_mm(row.get(f"{key}_mm")) for key in ("mean", "sd", "median", "min", "max"))])
    header = ["structure", "subjects", "marked by both", "by one only", "mean, mm", "sd", "median", "least", "most"]
    yield _table(header, rows)


def _gallery(gallery: Sequence[Path]) -> Iterable[str]:
    if not gallery:
        return
    yield "<h2>Models</h2>"
    caption = "Seen from behind, one scale, the highest planes of the duras at one level."
    yield from (_picture(path, caption) for path in gallery[:_SHEETS])
    if len(gallery) > _SHEETS:
        beside = ", ".join(html.escape(path.name) for path in gallery[_SHEETS:])
        yield f"<p>Beside this page: {beside}.</p>"


def _quality(figures: Sequence[Path]) -> Iterable[str]:
    if figures:
        yield "<h2>Image quality</h2>"
        yield from (
            _picture(path, "Signal and contrast to noise of the slices, subject by subject.") for path in figures
        )


def _runs(runs: Sequence[dict[str, Any]]) -> Iterable[str]:
    if not runs:
        return
    failed = sum(run.get("status") == FAILED for run in runs)
    yield "<h2>Runs</h2>"
    yield f"<p>{len(runs)} subjects, {failed} failed.</p>"
    rows = []
    for run in sorted(runs, key=lambda each: each.get("status") != FAILED):
        seconds = sum(run.get("seconds", {}).values())
        steps = " ".join(run.get("seconds", {}))
        rows.append([f"sub-{run.get('subject')}", run.get("status"), steps, f"{seconds:.1f}", run.get("message")])
    yield _table(["subject", "result", "steps", "seconds", "why"], rows)


def _picture(path: Path, caption: str) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    text = html.escape(caption)
    return f"<figure><img src='data:image/png;base64,{data}' alt='{text}'><figcaption>{text}</figcaption></figure>"


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [
        "<table><thead><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in header) + "</tr></thead><tbody>"
    ]
    for row in rows:
        mark = " class='failed'" if "failed" in row else ""
        cells = "".join(f"<td>{html.escape('' if cell is None else str(cell))}</td>" for cell in row)
        lines.append(f"<tr{mark}>{cells}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _mm(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}"
