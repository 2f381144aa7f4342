"""One module a rule of the workflow: read files, call the package, write files."""
