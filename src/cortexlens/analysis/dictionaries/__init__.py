"""Units of sparse autoencoders beside vertices: similarity, selectivity, agreement."""
