"""Finding the drivers of the self-tests: they lie with the tests, and the built extension has none of them."""

from __future__ import annotations

import sys
from pathlib import Path

from slicer.i18n import tr as _


def add_test_drivers(module: str) -> None:
    """Put a module's ``Testing/Python`` on Python's path, and the mouse and keys of the Annotator's.

    Parameters
    ----------
    module : the module's name; its folder and the Annotator's lie beside each other.

    Raises
    ------
    FileNotFoundError
        where there is no such folder.
    """
    for name in dict.fromkeys((module, "SpineRootAnnotator")):
        # the tests are started with the folder of the module's source on Python's path
        sources = [path.with_name(name) for path in (Path(entry).resolve() for entry in sys.path) if path.name]
        drivers = next((path for path in (each / "Testing" / "Python" for each in sources) if path.is_dir()), None)
        if drivers is None:
            text = _("The self-test of {module} lies in Testing/Python of its source, which is not here.")
            raise FileNotFoundError(text.format(module=name))
        if str(drivers) not in sys.path:
            sys.path.append(str(drivers))
