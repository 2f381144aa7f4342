"""Data of the interactive page of a study: packed arrays, tables and images in scripts."""
