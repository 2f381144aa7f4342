"""The study that a config describes: read, completed, and validated against its schemas."""
