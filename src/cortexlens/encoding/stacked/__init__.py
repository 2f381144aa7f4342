"""The stacked readout: ridge regressions by window and layer, stacked with non-negative weights."""
