"""Time of learning a sparse autoencoder: our step, the plain dense one, and a whole training.

    python benchmarks/sae.py [--images 9000] [--places 64] [--channels 768] [--expansion 8]
        [--k 32] [--batch-size 4096] [--epochs 20] [--activation topk] [--device auto]
        [--whole]

Tokens are noise of a hundred directions, of the size of a ViT-B layer. Both ways take the same
steps in turns; what a whole training would take by each follows from the median step, or with
--whole is measured, for our way. Seconds of a processor count all threads, whatever else runs.
"""

import argparse
import time
from statistics import median

import torch

from cortexlens.compute.devices import choose_device, compute_dtype
from cortexlens.sae.model import About, Sae
from cortexlens.sae.settings import Settings
from cortexlens.sae.step import SaeTrainer

DIRECTIONS = 100


def drawn(n_tokens: int, n_channels: int, device: torch.device) -> torch.Tensor:
    """Tokens, float16 as stores have them, that vary by about 1."""
    generator = torch.Generator().manual_seed(0)
    directions = torch.randn(DIRECTIONS, n_channels, generator=generator) / DIRECTIONS**0.5
    tokens = torch.empty(n_tokens, n_channels, dtype=torch.float16)
    for part in tokens.split(2**16):
        part.copy_(torch.randn(len(part), DIRECTIONS, generator=generator) @ directions)
    return tokens.to(device)


def made(given: argparse.Namespace, n_steps: int, dense: bool | None) -> SaeTrainer:
    """An autoencoder that has learnt nothing yet."""
    device = choose_device(given.device)
    about = About(given.activation, given.k, "local")
    settings = Settings(given.expansion, given.epochs, given.batch_size)
    sae = Sae(about, given.channels, settings.n_units(given.channels)).to(device)
    dtype = compute_dtype("auto", device)
    return SaeTrainer(sae, settings, given.images * given.places, n_steps, dtype, dense)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("images", 9000), ("places", 64), ("channels", 768), ("k", 32)):
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in (("batch-size", 4096), ("epochs", 20), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--expansion", type=float, default=8)
    parser.add_argument("--activation", default="topk")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--whole", action="store_true", help="take all steps, our way")
    given = parser.parse_args()
    device = choose_device(given.device)
    n_tokens = given.images * given.places
    n_steps = given.epochs * (n_tokens // given.batch_size)
    tokens = drawn(n_tokens if given.whole else 4 * given.batch_size, given.channels, device)
    batches = tokens.split(given.batch_size)[:4]
    ours, plain = (made(given, n_steps, dense) for dense in (None, True))

    spent: dict[str, list[tuple[float, float]]] = {"ours": [], "dense": []}
    for _ in range(given.repeats + 1):
        for name, learner in (("ours", ours), ("dense", plain)):
            start = time.perf_counter(), time.process_time()
            learner.step(batches[0], 0).tolist()
            spent[name].append((time.perf_counter() - start[0], time.process_time() - start[1]))
    print(f"{torch.get_num_threads()} threads, {device}, {n_steps} steps of {given.batch_size}")
    for name, found in spent.items():
        # the first of each does not count
        wall, cpu = (median(each) for each in zip(*found[1:], strict=True))
        print(
            f"{name}: a step {wall:.2f} s, {cpu:.2f} s of a processor; "
            f"all steps {n_steps * wall:.0f} s, {n_steps * cpu:.0f} s of a processor"
        )
    if given.whole:
        learner, start, marks = made(given, n_steps, None), time.perf_counter(), []
        whole = n_tokens // given.batch_size
        for epoch in range(given.epochs):
            order = torch.randperm(n_tokens, generator=torch.Generator().manual_seed(epoch))
            for number, rows in enumerate(order.split(given.batch_size)[:whole]):
                found = learner.step(tokens[rows.to(device)], epoch * whole + number)
            marks.append(float(found[0]))
        print(f"all steps: {time.perf_counter() - start:.0f} s; not explained {median(marks):.3f}")


if __name__ == "__main__":
    main()
