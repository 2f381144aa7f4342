"""Brain scores, hierarchy and other numbers read off fits."""
