"""Options of commands whose models may have surroundings: what lies around the dura, and a lead."""

from __future__ import annotations

import argparse
import math

from SpineRootLib.commands.base import argument
from SpineRootLib.errors import SpineRootError
from SpineRootLib.leads import known_leads, read_lead
from SpineRootLib.surfaces.surroundings_settings import LeadPlacement, SurroundingsSettings

# farther aside than this, and turned by more, is a slip
_FARTHEST_MM, _WHOLE_TURN = 50.0, 360.0


def add_surroundings(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--surroundings",
        action="store_true",
        help="with dura, epidural fat, back and grey matter, which are modelled and not traced",
    )
    add_lead(parser)


def add_lead(parser: argparse.ArgumentParser) -> None:
    """Those of a lead alone."""
    parser.add_argument(
        "--lead",
        metavar="NAME",
        help=f"with a lead on the back of the dura: {', '.join(known_leads())}, or a description FILE.json",
    )
    parser.add_argument("--at", metavar="LEVEL", help="its middle lies where the roots of this segment leave the cord")
    parser.add_argument(
        "--lateral",
        type=argument(lambda text: _number(text, _FARTHEST_MM, "mm aside")),
        metavar="MM",
        help="how far it lies to the left of the middle; to the right below 0 (default: 0)",
    )
    parser.add_argument(
        "--rotate",
        type=argument(lambda text: _number(text, _WHOLE_TURN, "degrees")),
        metavar="DEG",
        help="how far it is turned, against the clock as seen from behind (default: 0)",
    )


def surroundings_settings(options: argparse.Namespace) -> SurroundingsSettings | None:
    """The surroundings that options ask for; None for none.

    Raises
    ------
    SpineRootError
        if a lead is placed that is not named, or named and not placed, or is none.
    """
    placing = {"--at": options.at, "--lateral": options.lateral, "--rotate": options.rotate}
    given = [name for name, value in placing.items() if value is not None]
    if options.lead is None:
        if given:
            raise SpineRootError(f"{given[0]} places a lead: name it with --lead")
        return SurroundingsSettings() if getattr(options, "surroundings", False) else None
    if options.at is None:
        raise SpineRootError("--lead needs the level at which the lead lies: --at L1")
    placement = LeadPlacement(read_lead(options.lead), options.at, options.lateral or 0.0, options.rotate or 0.0)
    return SurroundingsSettings(lead=placement)


def _number(text: str, most: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= most:
        raise SpineRootError(f"'{text}' {what} make no sense: from {-most:g} to {most:g}")
    return number
