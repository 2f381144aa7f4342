"""Maps of fits on the flat cortex, on slices, or as distributions."""
