"""The machine: devices, memory, remote workers, and checkpoints of training."""
