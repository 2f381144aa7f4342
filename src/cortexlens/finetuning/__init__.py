"""Fine-tune networks on a new task, after which they can be mapped again."""
