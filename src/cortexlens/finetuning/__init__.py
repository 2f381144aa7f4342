"""Networks learn a new task; the mapping is then done again."""
