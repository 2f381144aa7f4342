"""Effects of fine-tuning: on maps, scores and features, and what is forgotten."""
