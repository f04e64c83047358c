"""What Slicer's settings keep of a user for both modules."""

# the label of who annotates, or discusses, in this Slicer
ANNOTATOR_SETTING = "SpineRoot/Annotator"
