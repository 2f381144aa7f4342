"""Residual networks for CIFAR-10 (He et al. 2016, arXiv 1512.03385, section 4.2).

A 3×3 convolution, then three stages of n two-convolution blocks with 16, 32 and 64 channels; the
first block of the second and third stage halves the map. Shortcuts have no parameters ("option
A"): they take every other pixel and fill new channels with zeros. The depth is 6 n + 2. The
networks are fully convolutional up to the classifier, so they run at any input size.
"""

import torch
from jaxtyping import Float
from torch import nn
from torch.nn import functional

STAGE_CHANNELS = (16, 32, 64)
N_CLASSES = 10


class Block(nn.Module):
    """Two 3×3 convolutions and a shortcut without parameters.

    Parameters
    ----------
    channels_in, channels_out
        Number of input and output channels; if they differ, the map is halved.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.stride = 1 if channels_in == channels_out else 2
        self.conv1 = _convolution(channels_in, channels_out, self.stride)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = _convolution(channels_out, channels_out, 1)
        self.bn2 = nn.BatchNorm2d(channels_out)

    def forward(
        self, x: Float[torch.Tensor, "batch before height width"]
    ) -> Float[torch.Tensor, "batch after high wide"]:
        """Return the rectified sum of shortcut and convolutions."""
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.stride == 2:
            new = y.shape[1] - x.shape[1]
            # half of the new channels precede the old ones, half follow, as the weights expect
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, new // 2, new - new // 2))
        return functional.relu(x + y)


class CifarResNet(nn.Module):
    """A CIFAR residual network of depth 6 n + 2.

    Parameters
    ----------
    n_blocks
        Number of blocks in each of the three stages, n.
    """

    def __init__(self, n_blocks: int) -> None:
        super().__init__()
        self.conv1 = _convolution(3, STAGE_CHANNELS[0], 1)
        self.bn1 = nn.BatchNorm2d(STAGE_CHANNELS[0])
        first, second, third = STAGE_CHANNELS
        self.layer1 = _stage(first, first, n_blocks)
        self.layer2 = _stage(first, second, n_blocks)
        self.layer3 = _stage(second, third, n_blocks)
        self.linear = nn.Linear(third, N_CLASSES)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)

    def forward(
        self, x: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch 10"]:
        """Return one logit per class, airplane to truck."""
        x = functional.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        logits: torch.Tensor = self.linear(x.mean((2, 3)))
        return logits


def _convolution(channels_in: int, channels_out: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels_out, 3, stride=stride, padding=1, bias=False)


def _stage(channels_in: int, channels_out: int, n_blocks: int) -> nn.Sequential:
    rest = [Block(channels_out, channels_out) for _ in range(n_blocks - 1)]
    return nn.Sequential(Block(channels_in, channels_out), *rest)


def resnet20() -> CifarResNet:
    """Build the network of 20 layers, 0.27 million parameters."""
    return CifarResNet(3)


def resnet32() -> CifarResNet:
    """Build the network of 32 layers, 0.46 million parameters."""
    return CifarResNet(5)


def resnet44() -> CifarResNet:
    """Build the network of 44 layers, 0.66 million parameters."""
    return CifarResNet(7)


def resnet56() -> CifarResNet:
    """Build the network of 56 layers, 0.85 million parameters."""
    return CifarResNet(9)
