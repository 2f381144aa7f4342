"""Charts of scores, hierarchy and stability."""
