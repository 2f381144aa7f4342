"""Meshes, coordinates, regions of interest and flat maps."""
