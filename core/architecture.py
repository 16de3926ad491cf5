"""The part of a run that decides the shape of its computation, and where each parameter stands in the vector θ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.custom_loss import loss_of
from core.losses import Loss
from core.spec import RunSpec, skips


@dataclass(frozen=True)
class Architecture:
    """What decides the shape of the computation: equal architectures share one trace."""

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    alpha: float | None
    batch_norms: tuple[bool, ...]
    skips: tuple[bool, ...]
    dropout: float
    loss: str
    formula: str
    task: str
    output: str  # the output's activation
    classes: int  # 0 where numbers are predicted

    @classmethod
    def of(cls, spec: RunSpec, sizes: tuple[int, ...] | None = None) -> Architecture:
        """The architecture of a run; `sizes` (features, *widths, outputs) where they are not the data set's."""
        sizes = sizes or spec.sizes
        return cls(sizes, spec.activations, spec.alpha, spec.batch_norms, skips(sizes, spec.skip), spec.dropout,
                   spec.loss_name, spec.formula, spec.task, spec.output_activation, spec.data_set.classes)

    @property
    def loss_entry(self) -> Loss:
        """The loss itself, from the table or typed."""
        return loss_of(self.loss, self.formula)

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.sizes) - 2

    def normalised(self, layer: int) -> bool:
        """Whether layer (0 the first hidden one, `depth` the output) has batch norm."""
        return layer < self.depth and self.batch_norms[layer]

    def shapes(self, layer: int) -> list[tuple[int, ...]]:
        """Shapes of the parameters of a layer, in the order in which θ holds them."""
        fan_in, fan_out = self.sizes[layer:layer + 2]
        return [(fan_in, fan_out), (fan_out,)] + [(fan_out,), (fan_out,)] * self.normalised(layer)

    @property
    def all_shapes(self) -> list[tuple[int, ...]]:
        return [shape for layer in range(self.depth + 1) for shape in self.shapes(layer)]

    @property
    def parameters(self) -> int:
        """Entries of θ."""
        return sum(int(np.prod(shape)) for shape in self.all_shapes)

    @property
    def normalised_widths(self) -> tuple[int, ...]:
        return tuple(width for width, on in zip(self.sizes[1:], self.batch_norms, strict=False) if on)

    def activation(self, layer: int) -> tuple[str, float | None]:
        """Name and α of the activation of layer (0 the first hidden one, `depth` the output)."""
        if layer < self.depth:
            return self.activations[layer], self.alpha
        return self.output, None

    @property
    def usual_output(self) -> bool:
        """Whether the output's activation is the one that belongs to loss and task."""
        return self.output == self.loss_entry.outputs.get(self.task)
