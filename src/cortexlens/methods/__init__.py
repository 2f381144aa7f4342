"""Methods text of a study, from the records of what was really run."""
