"""Stimuli: their files, pixels, and the square that a network sees."""
