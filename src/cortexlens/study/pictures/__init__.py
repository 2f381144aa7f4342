"""Stimuli: image files, their pixels, and the square part that a network sees."""
