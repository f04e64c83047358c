"""The lock of a subject's folder, where scripts written for version 0.1 import it."""

from __future__ import annotations

from SpineRootAnnotatorLib.work.folder_lock import FolderLock

__all__ = ["FolderLock"]
