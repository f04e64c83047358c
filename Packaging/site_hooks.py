"""What the site needs beside the pages as GitHub shows them: pictures that lie elsewhere, links out of the folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "Resources" / "Screenshots"


def on_files(files: Files, config: Any) -> Files:
    """Add the pictures that README and pages share."""
    for picture in sorted(PICTURES.glob("*.png")):
        files.append(File.generated(config, f"{PICTURES.name}/{picture.name}", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, config: Any, **_others: Any) -> str:
    """Have links to pictures lead into the site, and those to other files of the repository to where it lies."""
    inside = markdown.replace(f"](../Resources/{PICTURES.name}/", f"]({PICTURES.name}/")
    return re.sub(r"\]\(\.\./([^)\s]+)", rf"]({config.repo_url.rstrip('/')}/blob/main/\1", inside)
