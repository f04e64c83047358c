"""Names under which Slicer keeps what both modules read of its settings."""

# the label of who annotates in this Slicer
ANNOTATOR_SETTING = "SpineRoot/Annotator"
