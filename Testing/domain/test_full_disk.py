"""A disk that fills up while an image or a surface is written: one sentence, and the old file stays."""

from __future__ import annotations

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="this system has no limit on the size of files")

# a file cannot grow beyond this, which is as good as a full disk
LIMIT_BYTES = 4000
SCRIPT = f"""
import resource, sys
from pathlib import Path
import numpy as np
sys.path[:0] = {sys.path!r}
from straight_spine import straight_spine
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, write_image
from SpineRootLib.surfaces import ModelSettings, build_model, write_model

def write(name, folder):
    if name == "image":
        voxels = np.random.default_rng(1).integers(0, 4000, (40, 40, 9), dtype=np.int16)
        return lambda: write_image(folder / "sub-01_CISS.nii.gz", Image(voxels, np.diag([0.3, 0.3, 2.0, 1.0])))
    model = build_model(straight_spine(), ModelSettings(csf=False))
    return lambda: write_model(model, folder, [name])

work = write(sys.argv[1], Path(sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT_BYTES}, {LIMIT_BYTES}))
try:
    work()
except SpineRootError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["image", "vtp", "vtk", "stl", "ply", "obj"])
def test_a_full_disk_is_said_in_one_sentence_and_nothing_is_half_written(tmp_path, name):
    (tmp_path / "sub-01_CISS.nii.gz").write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1 and ": cannot be written" in done.stdout
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"sub-01_CISS.nii.gz": b"old"}
