"""Pieces of a report: one page of HTML that holds its pictures in itself and asks no network."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.atomic import write_text

_INTERVAL = re.compile(r"\[-?[0-9.]+, -?[0-9.]+\]")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; } h3 { font-size: 1rem; margin-top: 1.4rem; }
table { border-collapse: collapse; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.18rem 0.7rem; text-align: right; border-bottom: 1px solid #e4e4e4; }
th { border-bottom: 1px solid #888; font-weight: 600; }
th:first-child, td:first-child, td.text { text-align: left; }
img { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 0.88rem; }
details { overflow-x: auto; } .failed { color: #a40000; }
"""


def write_page(path: Path, title: str, heading: str, body: Iterable[str]) -> Path:
    """Write a page; it needs no other file and no network."""
    lines = [f"<h1>{html.escape(heading)}</h1>", f"<p>Made by SpineRoot {html.escape(__version__)}.</p>", *body]
    page = f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>\n"
    page += f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(lines) + "\n</body></html>\n"
    return write_text(path, page)


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{html.escape(text)}</p>"


def picture(path: Path, caption: str) -> str:
    """A PNG picture, put into the page, with its caption."""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    text = html.escape(caption)
    return f"<figure><img src='data:image/png;base64,{data}' alt='{text}'><figcaption>{text}</figcaption></figure>"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; a row that says ``failed`` is marked."""
    lines = [
        "<table><thead><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in header) + "</tr></thead><tbody>"
    ]
    for row in rows:
        mark = " class='failed'" if "failed" in row else ""
        cells = "".join(f"<td>{_cell('' if cell is None else str(cell))}</td>" for cell in row)
        lines.append(f"<tr{mark}>{cells}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _cell(text: str) -> str:
    """The text of a cell; an interval such as ``[0.22, 0.40]`` stays on one line."""
    return _INTERVAL.sub(lambda found: found[0].replace(" ", "&nbsp;"), html.escape(text))


def folded(title: str, content: str) -> str:
    """What is shown when somebody asks for it."""
    return f"<details><summary>{html.escape(title)}</summary>\n{content}\n</details>"
