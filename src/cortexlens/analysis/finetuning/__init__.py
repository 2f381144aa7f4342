"""What fine-tuning changes: maps, scores, features, and what is forgotten."""
