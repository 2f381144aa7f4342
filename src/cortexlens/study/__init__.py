"""Stimuli, responses and cortex of a subject, for each kind of dataset."""
