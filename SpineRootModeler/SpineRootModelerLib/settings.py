"""What a user can set of the modeler's session, and what is tuned in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from SpineRootLib.agreement.disagreements import DisagreementSettings
from SpineRootLib.agreement.resolutions import MEAN


@dataclass
class ModelerSettings:
    """What the user can set of a session.

    Parameters
    ----------
    live : a root is built again at once when one of its points is settled.
    by : who settles disagreements, for the record.
    average : how the consensus averages; see `ConsensusSettings`.
    agreeing : of the time to build from what is discussed, the share that it takes to agree on the contours, for the
        progress bar (measured on the sample subject).
    """

    disagreements: DisagreementSettings = field(default_factory=DisagreementSettings)
    live: bool = False
    by: str = ""
    average: str = MEAN
    agreeing: float = 0.4
