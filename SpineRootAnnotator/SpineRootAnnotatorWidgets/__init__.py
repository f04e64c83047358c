"""The parts of the annotator's panel: each connects some widgets with the session and shows what it says."""
