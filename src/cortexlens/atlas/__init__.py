"""Data of the page that shows a study: packed arrays, tables and pictures in scripts."""
