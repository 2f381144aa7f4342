"""Cortical meshes, coordinates, simulated regions of interest, and flat maps."""
