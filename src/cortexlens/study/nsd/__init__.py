"""The Natural Scenes Dataset in its released form."""

from cortexlens.former_names import attributes_of

__getattr__ = attributes_of(__name__, "cortexlens.study.nsd.subject")
