"""The study that a config describes: read, checked against its schemas, completed."""
