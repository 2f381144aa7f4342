"""cortexlens paints deep vision networks onto the human brain."""

__version__ = "0.1.0"
