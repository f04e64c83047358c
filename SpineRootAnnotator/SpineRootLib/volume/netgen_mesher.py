"""Fills regions with tetrahedra by Netgen, one region at a time, each within its own surface.

As a region keeps its surface triangle for triangle, its neighbours fit. Netgen is LGPL-2.1 and an extra of the package.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.errors import GeometryError, MissingExtraError
from SpineRootLib.progress import Progress, report
from SpineRootLib.stopping_processes import deaf_to_ctrl_c, end_processes, leave_stopping_to_parent
from SpineRootLib.volume.labelled_surface import LabelledSurface
from SpineRootLib.volume.region_filling import Filled, fill_region
from SpineRootLib.volume.settings import MeshingSettings, RepairSettings
from SpineRootLib.volume.tetrahedra import TetrahedralMesh

_ADVICE = ": see which of its triangles are slivers (spineroot model --conforming), or try another --detail"


def require_netgen() -> None:
    """See that Netgen is there.

    Raises
    ------
    MissingExtraError
        if it is not installed.
    """
    if find_spec("netgen") is None:
        raise MissingExtraError("netgen-mesher", "mesh", "a volume mesh", " (--mesher none writes the surfaces alone)")


def fill(
    surface: LabelledSurface,
    settings: MeshingSettings | None = None,
    repair: RepairSettings | None = None,
    progress: Progress | None = None,
) -> TetrahedralMesh:
    """Tetrahedra in all regions of a surface.

    Raises
    ------
    MissingExtraError
        if Netgen is not installed.
    GeometryError
        if a region cannot be filled; the sentence names it.
    Cancelled
        if the progress callback asks to stop.
    """
    require_netgen()
    settings = settings or MeshingSettings()
    points, tetrahedra, region = [surface.vertices], [], []
    count = len(surface.vertices)
    for number, used, filled in _in_parallel(surface, settings, repair or RepairSettings(), progress):
        own = np.concatenate([used, count + np.arange(len(filled.points) - len(used))])
        points.append(filled.points[len(used) :])
        tetrahedra.append(own[filled.tetrahedra])
        region.append(np.full(len(filled.tetrahedra), number))
        count += len(points[-1])
    return TetrahedralMesh(np.concatenate(points), np.concatenate(tetrahedra), np.concatenate(region), surface)


def _in_parallel(
    surface: LabelledSurface, settings: MeshingSettings, repair: RepairSettings, progress: Progress | None
) -> Iterator[tuple[int, NDArray[np.int64], Filled]]:
    """Each region's number, the vertices of the surface that it uses, and what fills it, in the regions' order."""
    numbers = sorted(surface.names)
    jobs = {}
    for number in numbers:
        used, rank = np.unique(surface.region(number).triangles, return_inverse=True)
        jobs[number] = used, surface.vertices[used], rank.reshape(-1, 3)
    # the largest first, so that none is left to one worker alone at the end
    order = sorted(numbers, key=lambda number: -len(jobs[number][2]))
    found: dict[int, Filled] = {}
    work = {number: (*jobs[number][1:], settings, repair) for number in order}
    for done, (number, filled) in enumerate(_each(work, min(settings.workers, len(order)))):
        report(progress, done / len(order), f"filled {surface.names[number]}")
        if filled is None:
            raise GeometryError(f"region {surface.names[number]} cannot be filled with tetrahedra", advice=_ADVICE)
        found[number] = filled
    for number in numbers:
        yield number, jobs[number][0], found[number]


def _each(work: Mapping[int, tuple[Any, ...]], workers: int) -> Iterator[tuple[int, Filled | None]]:
    """What fills each region, as it is done: one after the other here, or several in processes of their own."""
    if workers < 2:
        yield from ((number, fill_region(*arguments)) for number, arguments in work.items())
        return
    # a process that begins anew: Netgen keeps much to itself
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), leave_stopping_to_parent)
    try:
        with deaf_to_ctrl_c():
            waiting = {pool.submit(fill_region, *arguments): number for number, arguments in work.items()}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    except BrokenProcessPool as error:
        raise GeometryError("the mesher came to a sudden end: too little memory?") from error
    except BaseException:
        end_processes(others)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
