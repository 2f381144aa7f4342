"""Drawn scenes, and a simulated visual cortex whose truth is known."""
