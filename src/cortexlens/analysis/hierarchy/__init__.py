"""Whether the order of a network's layers follows the visual hierarchy."""
