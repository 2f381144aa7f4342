"""The machine: devices, memory, remote workers, checkpoints of a training."""
