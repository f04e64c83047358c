"""What has to be settled before something can be made of a discussion, in the panel's words."""

from __future__ import annotations

from collections.abc import Sequence

from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.errors import SpineRootError
from SpineRootLib.sentences import sentence
from SpineRootLib.translation import _


def require_names(pending: Sequence[Disagreement]) -> None:
    """See that nothing is to be averaged of roots whose names look exchanged.

    Raises
    ------
    SpineRootError
        if whose names they are is among what has to be settled and is not.
    """
    names = [each.exchange.text for each in pending if each.exchange is not None]
    if names:
        fault = _("names look exchanged: {texts}. Answer that first, at the top of Discuss")
        raise SpineRootError(fault.format(texts="; ".join(names)))


def require_settled(subject: str, pending: Sequence[Disagreement], outdated: Sequence[str] = ()) -> None:
    """See that a consensus can be made.

    Parameters
    ----------
    pending : what has to be settled and is not, the largest first.
    outdated : sentences that name what has to be settled again.

    Raises
    ------
    SpineRootError
        if something is; it says what to do.
    """
    require_names(pending)
    if not pending:
        return
    many = _("{count} places are").format(count=len(pending)) if len(pending) > 1 else _("1 place is")
    size = "" if pending[0].size_mm is None else _(" by {size:.1f} mm").format(size=pending[0].size_mm)
    fault = _("{many} in dispute in sub-{subject}, most of all {place}{size}: {ask}")
    ask = _("take one annotator's mark or the mean in Discuss, or tick 'Average what is open'")
    words = {"many": many, "subject": subject, "place": pending[0].place.title, "size": size, "ask": ask}
    raise SpineRootError(" ".join([sentence(fault.format(**words)), *outdated]))
