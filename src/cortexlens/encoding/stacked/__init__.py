"""The stacked readout: exact ridge by window and layer, stacked without negative weights."""
