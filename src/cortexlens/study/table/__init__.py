"""Recordings as laboratories keep them: arrays, volumes, surfaces and tables."""
