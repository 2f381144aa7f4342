"""Any vision network seen as layers of tokens; the demo zoo."""
