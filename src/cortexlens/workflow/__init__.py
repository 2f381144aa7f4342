"""What the rules of the workflow ask for: parameters and inputs of their jobs."""
