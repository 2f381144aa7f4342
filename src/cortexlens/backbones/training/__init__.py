"""Training of the demo zoo's networks: one module per task, and what the tasks share."""
