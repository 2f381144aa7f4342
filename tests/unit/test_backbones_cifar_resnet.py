import pytest
import torch
from torch.nn import functional

from cortexlens.backbones import cifar_resnet
from cortexlens.backbones.checkpoints import load_weights, read_state_dict, weights_path

DEPTHS = {20: 0.27, 32: 0.46, 44: 0.66, 56: 0.85}


def trained(depth):
    network = getattr(cifar_resnet, f"resnet{depth}")().eval().requires_grad_(False)
    load_weights(network, weights_path(f"packaged:resnet{depth}_cifar10"))
    return network


@pytest.mark.parametrize(("depth", "millions"), DEPTHS.items())
def test_depth_size_and_weights_agree(depth, millions):
    network = trained(depth)
    layers = [m for m in network.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    assert len(layers) == depth
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.007)


def test_agrees_with_a_literal_float64_forward_pass():
    """Written over the file's tensors alone, without the module's classes."""
    w = {
        k: v.double() for k, v in read_state_dict(weights_path("packaged:resnet20_cifar10")).items()
    }

    def norm(x, name):
        mean, var = w[f"{name}.running_mean"], w[f"{name}.running_var"]
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        return x * w[f"{name}.weight"][:, None, None] + w[f"{name}.bias"][:, None, None]

    image = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    x = norm(functional.conv2d(image.double(), w["conv1.weight"], padding=1), "bn1").clamp(min=0)
    for stage in (1, 2, 3):
        for block in range(3):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            y = functional.conv2d(x, w[f"{name}.conv1.weight"], padding=1, stride=stride)
            y = norm(y, f"{name}.bn1").clamp(min=0)
            y = norm(functional.conv2d(y, w[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
            if stride == 2:
                zeros = torch.zeros_like(x[:, : x.shape[1] // 2, ::2, ::2])
                x = torch.cat([zeros, x[:, :, ::2, ::2], zeros], dim=1)
            x = (x + y).clamp(min=0)
    expected = x.mean((2, 3)) @ w["linear.weight"].T + w["linear.bias"]
    torch.testing.assert_close(trained(20)(image).double(), expected, rtol=1e-4, atol=1e-4)


def test_batch_statistics_are_those_of_smooth_pictures():
    """The weights fit this wiring: natural (1/f) pictures give the stored spread of activations."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.fft.fft2(torch.randn(64, 3, 32, 32, generator=generator))
    frequency = torch.fft.fftfreq(32)[:, None].hypot(torch.fft.fftfreq(32)).clamp(min=1 / 32)
    pictures = torch.fft.ifft2(noise / frequency**1.2).real
    pictures = pictures / pictures.std()
    network, deviations = trained(56), []

    def compare(module, inputs):
        ratio = inputs[0].var((0, 2, 3)) / module.running_var
        deviations.append(ratio.log().abs().median())

    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.register_forward_pre_hook(compare)
    with torch.inference_mode():
        network(pictures)
    assert len(deviations) == 55
    # Within a factor of e in every stage; new channels all behind the old ones give 7 in the last.
    for stage in torch.stack(deviations).split([19, 18, 18]):
        assert stage.median() < 1
