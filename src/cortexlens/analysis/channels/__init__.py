"""Channel selectors of fits: their clusters, where these lie, and their diversity."""
