"""Parameters and input files of the rules of the workflow."""
