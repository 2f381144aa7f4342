"""Sparse autoencoders of layers, and the similarity of their units to vertices."""
