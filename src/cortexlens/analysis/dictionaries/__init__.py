"""Units of sparse autoencoders compared with vertices: similarity, selectivity, agreement."""
