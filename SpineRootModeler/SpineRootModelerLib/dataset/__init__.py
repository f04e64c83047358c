"""What is shown of a whole dataset, and of the quality of its images."""
