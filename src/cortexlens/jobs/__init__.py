"""A job of the workflow as it runs and ends: locks, outputs, logs, reasons of failure."""
