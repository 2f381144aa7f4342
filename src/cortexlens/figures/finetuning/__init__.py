"""Pictures of what fine-tuning changes."""
