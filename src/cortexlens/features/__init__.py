"""The 4-D feature store: written in blocks, read in batches."""
