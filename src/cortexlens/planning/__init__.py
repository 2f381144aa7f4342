"""Which jobs a study takes, and what they cost in time, memory and disk."""

from cortexlens.former_names import attributes_of

__getattr__ = attributes_of(__name__, "cortexlens.planning.planner")
