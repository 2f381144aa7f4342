"""Which jobs a study takes, and what they cost in time, memory and disk."""
