"""Pictures of channel selectors."""
