"""Elements that all figures share: style, colours, keys, labels, sheets."""
