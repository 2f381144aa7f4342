"""One step of a fit: the literal order of equation (1) against the order that fits use.

    python benchmarks/fit_step.py

At the size of a real subject: 37,984 vertices, 12 layers of 768 channels, 8 × 8 tokens, 128
shared channels. A step is all of it: selectors, number formats, both passes, clipping, AdamW.
"""

import torch
from torch import Tensor

from cortexlens.compute.devices import choose_device, compute_dtype
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.literal import reference_readout
from cortexlens.encoding.reading import read_by_cell
from cortexlens.encoding.selectors import Selectors, TopologicalSelectors
from timing import Measured, compare, seconds, summary

N_VERTICES, N_LAYERS, N_CHANNELS, SIDE, DIMENSIONS = 37_984, 12, 768, 8, 128
LITERAL_BATCH, BATCH = 8, 128
# Spread of the selectors' logits over vertices: places then lie all over the picture, as after a
# fit, while those of a new model are all in its middle.
SPREAD = 0.6


def new_model(device: torch.device) -> FactorTopy:
    """A model whose vertices read in different places and layers."""
    torch.manual_seed(0)
    coordinates = 100 * torch.rand(N_VERTICES, 3)
    model = FactorTopy([N_CHANNELS] * N_LAYERS, N_VERTICES, DIMENSIONS, coordinates)
    selectors = model.selectors
    assert isinstance(selectors, TopologicalSelectors)
    with torch.no_grad():
        for network in (selectors.space, selectors.layer, selectors.scale):
            torch.nn.init.normal_(network[-1].weight)
            network[-1].weight *= SPREAD / network(selectors.codes).std()
    return model.to(device)


def batch_of(n_images: int, device: torch.device) -> tuple[list[Tensor], Tensor]:
    """Features as they are stored, and responses."""
    generator = torch.Generator().manual_seed(1)
    tokens = [
        torch.randn(n_images, SIDE**2 + 1, N_CHANNELS, generator=generator).half().to(device)
        for _ in range(N_LAYERS)
    ]
    return tokens, torch.randn(n_images, N_VERTICES, generator=generator).to(device)


class Step:
    """A step of a fit with one order of operations."""

    def __init__(self, n_images: int, dtype: torch.dtype, device: torch.device) -> None:
        self.device, self.model = device, new_model(device)
        self.model.compute_dtype = dtype
        self.tokens, self.response = batch_of(n_images, device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3)

    def predicted(self) -> Tensor:
        return self.model(self.tokens)

    def __call__(self) -> None:
        self.optimizer.zero_grad()
        loss = torch.nn.functional.smooth_l1_loss(self.predicted(), self.response, beta=0.1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 0.5)
        self.optimizer.step()
        if self.device.type == "cuda":
            torch.cuda.synchronize()


class LiteralStep(Step):
    """The same with the literal order."""

    def predicted(self) -> Tensor:
        aligned = self.model.align([layer.float() for layer in self.tokens])
        selectors = self.model.selectors()
        return reference_readout(aligned, selectors, self.model.weight, self.model.bias)


def operations(n_images: int) -> float:
    """Multiplications and additions that a step cannot do without, in this order."""
    reading = N_VERTICES * 5 * N_LAYERS * DIMENSIONS
    aligning = N_LAYERS * (SIDE**2 + 1) * N_CHANNELS * DIMENSIONS
    hidden = 128
    selecting = N_VERTICES * 3 * (192 * hidden + hidden**2)
    # Once forward and, for each operand with a gradient, once backward: tokens and codes have none.
    return 2 * (n_images * (3 * reading + 2 * aligning) + 3 * selecting)


def peak(dtype: torch.dtype, device: torch.device, side: int = 4096) -> float:
    """Operations a second of one large matrix product."""
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))

    def product() -> None:
        left @ right
        if device.type == "cuda":
            torch.cuda.synchronize()

    product()
    return 2 * side**3 / min(seconds(product) for _ in range(5))


def parts(step: Step, repeats: int) -> list[Measured]:
    """What of a step is spent where: both passes of each part, as shares of the whole step."""
    model, tokens = step.model, [layer.to(step.model.compute_dtype) for layer in step.tokens]
    # of a model that reads at one place there is no mask
    found = [part for part in model.selectors() if part is not None]
    chosen = Selectors(*(part.detach().requires_grad_() for part in found))
    aligned = model.align(tokens).detach().requires_grad_()
    upstream = torch.randn_like(step.response)

    def select() -> None:
        sum(part.square().sum() for part in model.selectors() if part is not None).backward()

    def align() -> None:
        model.align(tokens).backward(aligned.detach())

    def read() -> None:
        read_by_cell(aligned, chosen, model.weight, model.bias).backward(upstream)

    lines = []
    for name, work in {"selectors": select, "alignment": align, "reading": read}.items():
        line = compare(f"fit_step_part_{name}", step, work, repeats=repeats, unit="s a step")
        lines.append(line)
    return lines


def measure(repeats: int = 3) -> list[Measured]:
    """Ratio of the step to the literal one, share of the machine's own speed, and its parts."""
    device = choose_device("auto")
    dtype = compute_dtype("auto", device)
    name = f"fit_step_{'cpu' if device.type == 'cpu' else 'gpu'}"
    ours = Step(BATCH, dtype, device)
    speed = max(peak(dtype, device) for _ in range(repeats))
    ours()
    times = [seconds(ours) / BATCH for _ in range(2 * repeats)]
    floor = operations(BATCH) / speed / BATCH
    shares = [floor / time for time in times]
    share = summary(f"{name}_share_of_peak", [1e3 * t for t in times], shares, "ms an image")
    found = [share, *parts(ours, repeats)]
    literal = LiteralStep(LITERAL_BATCH, torch.float32, device)
    ratio = compare(
        name,
        ours,
        literal,
        repeats=repeats,
        amount=(BATCH, LITERAL_BATCH),
        unit="ms an image",
        factor=1e3,
    )
    return [ratio, *found]


if __name__ == "__main__":
    for line in measure():
        print(line)
