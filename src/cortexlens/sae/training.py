"""Training of an autoencoder: pass after pass, and what was killed goes on after its last pass.

Each pass draws from its own number alone, so what follows is the same whether the run was
interrupted there or not.
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
# Dead units are resampled over this first part of the passes; the last ones shall be left alone.
RESAMPLED: Final = 0.6
# Training tokens that the threshold of batchtopk is found on.
MEASURED: Final = 2**15


@dataclass
class SaeTrainingState:
    """How far a training is.

    Attributes
    ----------
    history
        A row a pass, :data:`COLUMNS`: means over its steps of the part of the variance that is not
        explained and of the active units a token; the part of units that were not active in it.
    seconds
        Spent so far.
    diverged
        What was said when it diverged, before it was begun anew at a tenth of the learning rate.
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
    """Train an autoencoder, from the end of the last pass that an earlier run made.

    Parameters
    ----------
    sae
        Normalises its input already; trained in place.
    tokens
        To learn from.
    settings
        How.
    state
        File that is written after every pass; a note of a divergence lies beside it.
    key
        Stands for all that shapes the training: a state with another key is left out.
    dtype
        Of the large products.

    Raises
    ------
    DivergedError
        If the training diverges, and does so again at a tenth of the learning rate. Then the
        state is gone.
    """
    note = note_of(state), key

    def attempt(rate: float) -> SaeTrainingState:
        slower = rate != settings.learning_rate
        own = f"{key} at {rate:g}" if slower else key
        return _train(sae, tokens, replace(settings, learning_rate=rate), state, own, dtype)

    try:
        found = retry_at_lower_rate(attempt, settings.learning_rate, "sae.learning_rate", note)
    except DivergedError:
        remove_state(state)
        raise
    progress, progress.diverged = found[0], found[1]
    return progress


def note_of(state: Path) -> Path:
    """File beside a state that says that the training diverged once."""
    return state.with_name(f"{state.name}.diverged")


def remove_state(state: Path) -> None:
    """Remove a state that is not needed any more, and the note beside it."""
    for path in (state, note_of(state)):
        path.unlink(missing_ok=True)


def _train(
    sae: Sae, tokens: Tokens, settings: Settings, state: Path, key: str, dtype: torch.dtype
) -> SaeTrainingState:
    """Train at one learning rate; arguments as of :func:`train`."""
    watch = LossMonitor()
    size = settings.step_tokens(tokens.n_tokens)
    per_epoch = tokens.n_tokens // size
    n_steps = per_epoch * settings.epochs
    learner = SaeTrainer(sae, settings, tokens.n_tokens, n_steps, dtype)
    progress = _resume(learner, watch, state, key)
    started = time.monotonic() - progress.seconds
    epochs = range(len(progress.history), settings.epochs)
    for epoch in track(epochs, f"passes of {per_epoch} steps") if epochs else ():
        seen = []
        for number, raw in enumerate(batches(tokens, size, settings.sae_seed, epoch)):
            seen.append(learner.step(raw, epoch * per_epoch + number))
        error, active = torch.stack(seen).mean(0).tolist()
        where = f"the training diverged in pass {epoch + 1} of {settings.epochs}"
        # of tokens that vary by 1
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
    """Find the threshold at which ``k`` units a token are active, in the mean.

    A token shall be encoded alike whatever other tokens come with it, unlike in training
    (Bussmann et al. 2024, arXiv 2412.06410, section 3).
    """
    about = sae.about
    n_kept = n_candidates(about.activation, about.k, sae.n_units)
    values = []
    size = settings.step_tokens(tokens.n_tokens)
    for raw in batches(tokens, size, settings.sae_seed, settings.epochs):
        found = strongest(sae.normalised(raw), sae.encoder.weight, sae.encoder.bias, n_kept)
        values.append(found[0])
        if sum(map(len, values)) >= MEASURED:
            break
    threshold = batch_threshold(torch.cat(values), about.k)
    sae.threshold.fill_(max(0.0, float(threshold)))


def _resume(learner: SaeTrainer, watch: LossMonitor, path: Path, key: str) -> SaeTrainingState:
    """Take up a state, if there is one of this very training."""
    state = read_state(path, key)
    if state is None:
        return SaeTrainingState()
    learner.load_state_dict(state["learner"])
    watch.load_state_dict(state["watch"])
    progress = SaeTrainingState(**state["progress"])
    say(f"{path}: resuming after pass {len(progress.history)}.")
    return progress
