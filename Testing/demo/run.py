"""What `make run` does: the whole chain on a synthetic subject, then Slicer with that subject open where there is one.

With ``--picture`` the picture is drawn instead, as where there is none.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from pictures import draw

from SpineRootLib.commands import main as spineroot
from SpineRootLib.dataset import Dataset

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "run"
DATASET = OUT / "dataset"
SUBJECT = "01"
# the phantom keeps its truth where a consensus is usually written
CONSENSUS = "consensus"


def main() -> int:
    """Make the subject, run the chain, show the result; the exit status."""
    run_chain(Dataset(DATASET))
    slicer = None if "--picture" in sys.argv else find_slicer()
    if slicer is not None:
        return open_slicer(slicer)
    print(f"\n{draw(DATASET, SUBJECT, CONSENSUS, OUT / 'picture.png')}")
    print(f"All of it lies in {OUT}")
    return 0


def run_chain(dataset: Dataset) -> None:
    """Every command from the images to the surfaces, as a user would type it."""
    if not (dataset.derivatives / "markers-B" / f"sub-{SUBJECT}").is_dir():
        command("phantom", dataset.root, "--subject", SUBJECT, "--seed", "1", "--annotators", "A", "B")
    annotators = dataset.markers("A"), dataset.markers("B")
    subject = ("--subject", SUBJECT)
    consensus = dataset.markers(CONSENSUS)
    command("compare", *annotators, *subject, "--out", dataset.derivative("agreement", SUBJECT))
    command("consensus", *annotators, *subject, "--out", consensus, "--accept")
    command("check", consensus, *subject)
    command("model", consensus, *subject, "--out", dataset.derivative("model", SUBJECT))


def command(*words: str | Path) -> None:
    """Show a command line and run it; a failure ends the whole."""
    arguments = [str(word) for word in words]
    shown = [os.path.relpath(word) if Path(word).is_absolute() else word for word in arguments]
    print(f"\n$ spineroot {shlex.join(shown)}", flush=True)
    status = spineroot(arguments)
    if status:
        sys.exit(status)


def find_slicer() -> str | None:
    """The Slicer to open: ``SLICER``, or the one on PATH; None without a display to open it on."""
    has_display = sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return (os.environ.get("SLICER") or shutil.which("Slicer")) if has_display else None


def open_slicer(slicer: str) -> int:
    """Slicer with both modules loaded and the subject open in the Modeler, beside its images."""
    modules = [str(ROOT / name) for name in ("SpineRootAnnotator", "SpineRootModeler")]
    script = Path(__file__).with_name("open_subject.py")
    print(f"\nOpening {slicer}")
    loading = ["--additional-module-paths", *modules]
    opening = ["--python-script", str(script), str(DATASET), SUBJECT, CONSENSUS]
    return subprocess.run([slicer, *loading, *opening], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
