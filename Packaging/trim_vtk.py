"""Takes away the libraries of VTK that SpineRoot does not load: python trim_vtk.py, with the Python that has both.

VTK is half of what is installed, most of it for interaction and web pages. What is loaded is asked of Linux, after
importing every module of SpineRoot and all of VTK that its sources name.
"""

import importlib
import pkgutil
import re
from pathlib import Path

import vtkmodules

import SpineRootLib


def main() -> None:
    """Remove what is not loaded, and say how much that is."""
    for module in pkgutil.walk_packages(SpineRootLib.__path__, "SpineRootLib."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for source in Path(SpineRootLib.__file__).parent.rglob("*.py"):
        for name in re.findall(r"\bvtkmodules\.[\w.]+", source.read_text(encoding="utf-8")):
            importlib.import_module(name)
    folder = Path(vtkmodules.__file__).resolve().parent
    loaded = set(re.findall(r"\S+\.so\S*$", Path("/proc/self/maps").read_text(encoding="utf-8"), re.MULTILINE))
    unused = [path for path in folder.rglob("*.so*") if str(path) not in loaded]
    size = sum(path.stat().st_size for path in unused)
    for path in unused:
        path.unlink()
    print(f"{len(unused)} libraries of VTK removed, {size / 1e6:.0f} MB; {len(list(folder.rglob('*.so*')))} stay")


if __name__ == "__main__":
    main()
