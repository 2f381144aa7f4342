"""The study that a config describes: read, completed, and validated against its schemas."""

from cortexlens.former_names import attributes_of

__getattr__ = attributes_of(__name__, "cortexlens.config.study")
