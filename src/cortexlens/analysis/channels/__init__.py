"""Channel selectors of fits: their clusters, where these lie, and how many differ."""
