"""Agreement between annotators: distances, what to discuss, and the consensus."""
