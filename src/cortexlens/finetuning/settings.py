"""Training settings of fine-tuning."""

from dataclasses import dataclass

from cortexlens.errors import CortexlensError

TRAINED = ("all", "head", "lora")
AUGMENTATIONS = ("flip", "none")
NORM_STATISTICS = ("fixed", "batch")


@dataclass(frozen=True)
class Settings:
    """Training settings of fine-tuning, from section ``finetuning`` of the config.

    Attributes
    ----------
    steps
        Number of AdamW steps.
    batch_size
        Images per step.
    learning_rate, weight_decay
        Learning rate and weight decay of AdamW.
    head_lr_multiplier
        Learning rate of the classification head, as a multiple of ``learning_rate``.
    layer_decay
        Factor by which the learning rate shrinks from each layer to the one before it.
    trained
        Which weights learn: ``all``, ``head`` (a linear probe) or ``lora``.
    lora_rank
        Rank of the LoRA updates.
    frozen_layers
        Number of layers, counted from the first, whose weights do not learn.
    augmentation
        ``flip`` (random horizontal mirroring) or ``none``.
    norm_statistics
        Statistics that batch normalisation uses in training: ``fixed`` (those of the pretrained
        network) or ``batch``.
    validation_interval
        Number of steps between two measurements of validation accuracy.
    checkpoints
        Steps after which the weights of the network are saved.
    seed
        Seed of the head's initial weights, the order of images and their mirroring.

    Raises
    ------
    CortexlensError
        If ``trained``, ``augmentation`` or ``norm_statistics`` is not an allowed choice, or a
        checkpoint is not between 1 and ``steps``.
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
                    "the last step. Change it in section finetuning of the config."
                )

    def measured_after(self, step: int) -> bool:
        """Whether accuracy is measured after a step: at regular intervals and after the last."""
        return step == self.steps or step % self.validation_interval == 0
