"""How a network is fine-tuned."""

from dataclasses import dataclass

from cortexlens.errors import CortexlensError

TRAINED = ("all", "head", "lora")
AUGMENTATIONS = ("flip", "none")
NORM_STATISTICS = ("fixed", "batch")


@dataclass(frozen=True)
class Settings:
    """Section ``finetuning`` of the config, as far as it shapes the training itself.

    Attributes
    ----------
    steps, batch_size
        Steps of AdamW, and pictures in each.
    learning_rate, weight_decay
        Of AdamW.
    head_lr_multiplier
        Learning rate of the head, in units of ``learning_rate``.
    layer_decay
        Factor of the learning rate from a layer to the one before it.
    trained
        ``all``, ``head`` (a linear probe) or ``lora``.
    lora_rank
        Rank of LoRA's updates.
    frozen_layers
        Layers that do not learn, from the first that is read.
    augmentation
        ``flip`` or ``none``.
    norm_statistics
        ``fixed`` or ``batch``: statistics of batch normalisation.
    validation_interval
        Steps between two measurements of accuracy.
    checkpoints
        Steps after which the network is kept.
    seed
        Of the head, the order of pictures and their mirroring.

    Raises
    ------
    CortexlensError
        If a choice is unknown, or a checkpoint beyond the last step.
    """

    steps: int = 3000
    batch_size: int = 4
    learning_rate: float = 3e-5
    head_lr_multiplier: float = 1.0
    weight_decay: float = 0.01
    layer_decay: float = 1.0
    trained: str = "all"
    lora_rank: int = 8
    frozen_layers: int = 0
    augmentation: str = "flip"
    norm_statistics: str = "fixed"
    validation_interval: int = 250
    checkpoints: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for key, known in (
            ("trained", TRAINED),
            ("augmentation", AUGMENTATIONS),
            ("norm_statistics", NORM_STATISTICS),
        ):
            if getattr(self, key) not in known:
                raise CortexlensError(
                    f"{key} is {getattr(self, key)!r}; allowed: {', '.join(known)}. Change it in "
                    "section finetuning of the config."
                )
        for step in self.checkpoints:
            if not 1 <= step <= self.steps:
                raise CortexlensError(
                    f"checkpoints: found step {step}; allowed are steps from 1 to {self.steps}, "
                    "the last. Change it in section finetuning of the config."
                )

    def measured_after(self, step: int) -> bool:
        """Whether accuracy is measured after a step: every so often, and at the end."""
        return step == self.steps or step % self.validation_interval == 0
