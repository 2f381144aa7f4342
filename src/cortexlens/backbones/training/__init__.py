"""How the demo zoo's networks are trained: a module a task, and what they share."""
