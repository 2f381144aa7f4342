"""Drawn scenes, and a simulated visual cortex with known ground truth."""
