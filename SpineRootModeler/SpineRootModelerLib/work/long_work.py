"""Work that takes its time: one at a time, and given up when what it is about goes away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from SpineRootLib.errors import Cancelled, SpineRootError
from SpineRootLib.progress import Progress
from SpineRootLib.translation import _


class LongWork:
    """Keeps what a user does meanwhile from reaching into running work.

    Slicer handles clicks, and closes scenes, whenever work tells of its progress.
    """

    def __init__(self) -> None:
        # what is being done, as a user reads it; empty while nothing is
        self.title = ""
        self._reason = ""

    @property
    def is_running(self) -> bool:
        """Whether something is being done."""
        return bool(self.title)

    def require_idle(self) -> None:
        """See that nothing is being done.

        Raises
        ------
        SpineRootError
            if something is.
        """
        if self.is_running:
            raise SpineRootError(_("{work} is not done yet: wait for it, or cancel it").format(work=self.title))

    def give_up(self, reason: str) -> None:
        """Have running work end, with a sentence that says why."""
        if self.is_running:
            self._reason = reason

    @contextlib.contextmanager
    def running(self, title: str, progress: Progress | None) -> Iterator[Progress]:
        """Within, this is being done; it tells of its progress by what is yielded, which tells `progress`.

        Raises
        ------
        SpineRootError
            if something is being done already, or this was given up.
        """
        self.require_idle()
        self.title, self._reason = title, ""

        def watched(fraction: float, text: str) -> bool:
            goes_on = progress is None or progress(fraction, text) is not False
            return goes_on and not self._reason

        try:
            yield watched
        except Cancelled as cancelled:
            if self._reason:
                raise SpineRootError(self._reason) from cancelled
            raise
        finally:
            self.title = ""
