"""Methods text of a study, written from the records of what was run."""
