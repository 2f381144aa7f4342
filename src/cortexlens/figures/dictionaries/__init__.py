"""Pictures of sparse autoencoders and their units."""
