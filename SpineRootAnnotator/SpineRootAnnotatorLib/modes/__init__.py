"""What clicks and keys mean while an annotator works on ganglia, contours or roots, or reviews."""
