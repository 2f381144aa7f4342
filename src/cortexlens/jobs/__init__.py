"""How jobs of the workflow run and end: locks, outputs, logs, reasons for failure."""
