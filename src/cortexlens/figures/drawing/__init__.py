"""What all pictures are made of: style, colours, keys, labels, sheets."""
