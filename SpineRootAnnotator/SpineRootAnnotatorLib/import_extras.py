"""The programs that an import of DICOM needs: installed where they are needed, and only with the user's consent."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from subprocess import CalledProcessError
from typing import TypeVar

import slicer

from SpineRootLib.errors import MissingExtraError, SpineRootError
from SpineRootLib.translation import _

# The same as the extra 'import' of the Python package.
REQUIREMENTS = ("dcm2niix>=1.0.20240202", "dcm2bids>=3.2", "pydicom>=2.4")
_REQUESTER = "SpineRoot"

Result = TypeVar("Result")


def with_import_extras(act: Callable[[], Result], confirm: Callable[[], bool]) -> Result:
    """Do something; if a program for it is missing, install what is missing and do it again.

    Parameters
    ----------
    confirm : asks the user whether packages may be installed, for Slicers that do not ask themselves.

    Raises
    ------
    MissingExtraError
        if the user does not want it installed.
    SpineRootError
        if it cannot be installed.
    """
    try:
        return act()
    except MissingExtraError as missing:
        if not _install(confirm):
            raise
        importlib.invalidate_caches()
        try:
            return act()
        except MissingExtraError:
            raise missing from None


def _install(confirm: Callable[[], bool]) -> bool:
    """Whether the user let it be installed."""
    try:
        from slicer.packaging import pip_ensure  # Slicer 5.11 and later; it asks the user itself
    except ImportError:
        pip_ensure = None
    if pip_ensure is None and not confirm():
        return False
    try:
        if pip_ensure is None:
            slicer.util.pip_install(list(REQUIREMENTS))
        else:
            pip_ensure(list(REQUIREMENTS), requester=_REQUESTER)
    except CalledProcessError as error:
        sentence = _("{libraries} cannot be installed: is there a network?")
        raise SpineRootError(sentence.format(libraries=", ".join(REQUIREMENTS))) from error
    except RuntimeError:  # how pip_ensure says that the user declined
        return False
    return True
