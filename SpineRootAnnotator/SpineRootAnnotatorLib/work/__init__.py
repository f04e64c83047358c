"""The bookkeeping of an annotator's work: marks, history, files, locks. Nothing here needs Slicer."""
