"""Stimuli, responses and cortex of a subject."""
