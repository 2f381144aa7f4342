"""Sparse autoencoders of layers, and the vertices that their units resemble."""
