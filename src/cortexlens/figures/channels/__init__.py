"""Figures of channel selectors."""
