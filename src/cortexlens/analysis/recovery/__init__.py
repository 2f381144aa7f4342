"""What fits recover of a planted truth."""
