"""Recordings in the formats that laboratories use: arrays, volumes, surfaces and tables."""

from cortexlens.former_names import attributes_of

__getattr__ = attributes_of(__name__, "cortexlens.study.table.subject")
