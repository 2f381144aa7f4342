"""Vision networks as stacks of layers of tokens, and the demo zoo."""
