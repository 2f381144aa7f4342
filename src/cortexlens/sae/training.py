"""Training loop of an autoencoder; an interrupted run resumes after its last finished epoch.

The random numbers of an epoch depend on the seed and the epoch's number alone, so that a resumed
run gives the same result as an uninterrupted one.
"""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import torch

from cortexlens.compute.checkpoints import read_state, write_state
from cortexlens.compute.divergence import DivergedError, LossMonitor, retry_at_lower_rate
from cortexlens.progress import say, track
from cortexlens.sae.activations import batch_threshold, n_candidates
from cortexlens.sae.model import Sae
from cortexlens.sae.settings import Settings
from cortexlens.sae.step import SaeTrainer, strongest
from cortexlens.sae.tokens import Tokens, batches

COLUMNS: Final = ("epoch", "steps", "fvu", "l0", "dead")
# Dead units are resampled in this first fraction of the epochs, so that all units can converge.
RESAMPLED: Final = 0.6
# Number of training tokens on which the threshold of batchtopk is determined.
MEASURED: Final = 2**15


@dataclass
class SaeTrainingState:
    """Progress of a training run.

    Attributes
    ----------
    history
        One row per epoch, with columns :data:`COLUMNS`: fraction of variance unexplained (``fvu``)
        and active units per token (``l0``), both means over the epoch's steps, and fraction of
        units that were not active for a whole epoch (``dead``).
    seconds
        Training time so far, in seconds.
    diverged
        Message of the first attempt if that diverged and training was restarted at a tenth of the
        learning rate; otherwise None.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    diverged: str | None = None


def train_autoencoder(
    sae: Sae,
    tokens: Tokens,
    settings: Settings,
    state: Path,
    key: str,
    dtype: torch.dtype = torch.float32,
) -> SaeTrainingState:
    """Train an autoencoder, resuming after the last finished epoch of an interrupted run.

    Parameters
    ----------
    sae
        Autoencoder that already normalises its input; trained in place.
    tokens
        Training tokens.
    settings
        Training settings.
    state
        Checkpoint file, written after every epoch. A note of a divergence is written beside it.
    key
        Hash of everything that determines the training; a checkpoint with another key is ignored.
    dtype
        Number format of the large matrix products.

    Returns
    -------
    SaeTrainingState

    Raises
    ------
    DivergedError
        If the training diverges, and again at a tenth of the learning rate. The checkpoint is then
        removed.
    """
    note = note_of(state), key

    def attempt(rate: float) -> SaeTrainingState:
        slower = rate != settings.learning_rate
        own = f"{key} at {rate:g}" if slower else key
        return _train(sae, tokens, replace(settings, learning_rate=rate), state, own, dtype)

    try:
        progress, diverged = retry_at_lower_rate(
            attempt, settings.learning_rate, "sae.learning_rate", note
        )
    except DivergedError:
        remove_state(state)
        raise
    progress.diverged = diverged
    return progress


def note_of(state: Path) -> Path:
    """Return the path of the file beside a checkpoint that notes that the training diverged.

    Parameters
    ----------
    state
        Checkpoint file.
    """
    return state.with_name(f"{state.name}.diverged")


def remove_state(state: Path) -> None:
    """Remove a checkpoint that is no longer needed, and the note beside it.

    Parameters
    ----------
    state
        Checkpoint file.
    """
    for path in (state, note_of(state)):
        path.unlink(missing_ok=True)


def _train(
    sae: Sae, tokens: Tokens, settings: Settings, state: Path, key: str, dtype: torch.dtype
) -> SaeTrainingState:
    """Train at one learning rate; arguments as for :func:`train_autoencoder`."""
    watch = LossMonitor()
    size = settings.step_tokens(tokens.n_tokens)
    per_epoch = tokens.n_tokens // size
    n_steps = per_epoch * settings.epochs
    learner = SaeTrainer(sae, settings, tokens.n_tokens, n_steps, dtype)
    progress = _resume(learner, watch, state, key)
    started = time.monotonic() - progress.seconds
    epochs = range(len(progress.history), settings.epochs)
    for epoch in track(epochs, f"epochs of {per_epoch} steps") if epochs else ():
        seen = []
        for number, raw in enumerate(batches(tokens, size, settings.sae_seed, epoch)):
            seen.append(learner.step(raw, epoch * per_epoch + number))
        error, active = torch.stack(seen).mean(0).tolist()
        where = f"the training diverged in epoch {epoch + 1} of {settings.epochs}"
        # Normalised tokens have a variance of 1, which is the loss of the mean token.
        watch.check(error, lambda: 1.0, where)
        dead = len(learner.dead()) / sae.n_units
        if epoch + 1 < RESAMPLED * settings.epochs:
            learner.resample(raw, epoch)
        numbers = (epoch + 1, (epoch + 1) * per_epoch, error, active, dead)
        progress.history.append(dict(zip(COLUMNS, numbers, strict=True)))
        progress.seconds = time.monotonic() - started
        parts = {"learner": learner.state_dict(), "watch": watch.state_dict()}
        write_state(state, key, {**parts, "progress": vars(progress)})
    if sae.activation == "batchtopk":
        _set_threshold(sae, tokens, settings)
    return progress


@torch.no_grad()
def _set_threshold(sae: Sae, tokens: Tokens, settings: Settings) -> None:
    """Set the threshold at which ``k`` units per token are active on average.

    In inference, unlike in training, the code of a token must not depend on other tokens of the
    batch (Bussmann et al. 2024, arXiv 2412.06410, section 3).
    """
    about = sae.about
    n_kept = n_candidates(about.activation, about.k, sae.n_units)
    values = []
    size = settings.step_tokens(tokens.n_tokens)
    for raw in batches(tokens, size, settings.sae_seed, settings.epochs):
        largest, _ = strongest(sae.normalised(raw), sae.encoder.weight, sae.encoder.bias, n_kept)
        values.append(largest)
        if sum(map(len, values)) >= MEASURED:
            break
    threshold = batch_threshold(torch.cat(values), about.k)
    sae.threshold.fill_(max(0.0, float(threshold)))


def _resume(learner: SaeTrainer, watch: LossMonitor, path: Path, key: str) -> SaeTrainingState:
    """Load the checkpoint of this training run, or return an empty state if there is none."""
    state = read_state(path, key)
    if state is None:
        return SaeTrainingState()
    learner.load_state_dict(state["learner"])
    watch.load_state_dict(state["watch"])
    progress = SaeTrainingState(**state["progress"])
    say(f"{path}: resuming after epoch {len(progress.history)}.")
    return progress
