"""What is shown where a panel could not be put together."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _


def show_fault(layout: Any, fault: str) -> None:
    """Add to a panel's layout why there is no panel, `fault`, and what to do."""
    label = qt.QLabel(
        _(
            "This panel could not be put together. Nothing of your work is touched. Please report this:\n\n{fault}"
        ).format(fault=fault)
    )
    label.setWordWrap(True)
    label.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
    layout.addWidget(label)
