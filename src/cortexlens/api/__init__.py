"""Interface for scripts and notebooks: map a network onto the cortex, open results."""
