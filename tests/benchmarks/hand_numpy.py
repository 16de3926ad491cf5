"""The loop somebody writes by hand: a tanh network in NumPy, nothing measured. What the engine is compared with."""

from __future__ import annotations

import numpy as np


def train(weights: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray, y: np.ndarray, batches: list[np.ndarray | None],
          learning_rate: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Gradient descent on the cross-entropy of a softmax (more than one output) or sigmoid output.

    `batches` are the rows of each step, None for all of them. Changes and returns `weights`, (kernel, bias) a layer.
    """
    kernels, biases = map(list, zip(*weights, strict=True))
    last = len(kernels) - 1
    for rows in batches:
        a = [x if rows is None else x[rows]]
        target = y if rows is None else y[rows]
        for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
            a.append(np.tanh(a[-1] @ kernel + bias))
        z = a[-1] @ kernels[-1] + biases[-1]
        if z.shape[1] == 1:
            p = 1 / (1 + np.exp(-z))
        else:
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
        delta = (p - target) / len(target)  # dL/dz of the output, (batch, outputs)
        for layer in range(last, -1, -1):
            kernel_gradient, bias_gradient = a[layer].T @ delta, delta.sum(axis=0)
            if layer:
                delta = (delta @ kernels[layer].T) * (1 - a[layer] ** 2)
            kernels[layer] -= learning_rate * kernel_gradient
            biases[layer] -= learning_rate * bias_gradient
    return list(zip(kernels, biases, strict=True))
