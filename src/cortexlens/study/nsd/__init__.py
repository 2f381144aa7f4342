"""The Natural Scenes Dataset, as released."""
