"""Figures of scores, hierarchy and stability."""
