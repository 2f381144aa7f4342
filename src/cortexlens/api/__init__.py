"""What scripts and notebooks use: map a network, open results."""
