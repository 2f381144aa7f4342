"""Figures of sparse autoencoders and their units."""
