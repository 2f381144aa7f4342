"""Recordings in the formats that laboratories use: arrays, volumes, surfaces and tables."""
