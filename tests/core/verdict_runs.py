"""Runs and the kind of verdict that is right for each, as known from elsewhere than `diagnose`.

Each group says by which criterion and source its kind was written down, before the function was run on its rows;
`test_verdicts.py` checks criteria too. Thresholds were tuned on one half of the rows, and the other half was then
looked at: 100 of its 103 were right. Two of the three (a plateau called slow; batch norm of one example called
learning) led to a change, the third to a group of its own: at its pace it needs eight times the steps, not ten.
"""

from typing import NamedTuple


class Group(NamedTuple):
    """Runs of one kind: what may be said of them at their end, why, and their links."""

    kinds: tuple[str, ...]
    why: str
    queries: str


GROUPS = (
    Group(("vanishing",),
          "A signal of layer 1 under 1/100 of the last layer's, and the loss stays that of a guess. Sigmoid's slope "
          "is at most 1/4; kernels too small do the same to tanh and ReLU (Glorot & Bengio 2010; He et al. 2015).",
          """
steps=300
widths=32x20
widths=32x50
dataset=digits&widths=32x10
dataset=digits&widths=64x8&batch_size=32&steps=600
dataset=moons&widths=16x8&steps=1000
dataset=spirals&widths=32x6&steps=1000
dataset=blobs&widths=32x8&batch_size=16&steps=500
dataset=sine&widths=32x10&steps=500
dataset=diabetes&widths=32x10&batch_size=32
dataset=breast_cancer&widths=30x10&batch_size=32
activation=relu&widths=32x50&learning_rate=0.01
activation=relu&widths=32x30&dataset=moons&steps=500
activation=tanh&gain=0.3&widths=32x10
activation=tanh&gain=0.5&widths=32x20&dataset=moons
activation=tanh&initializer=random_normal&widths=32x20&steps=300
activation=relu&initializer=random_normal&widths=32x10&steps=300
activation=elu&initializer=random_uniform&widths=32x12&dataset=moons
activation=silu&initializer=glorot_uniform&widths=32x20
activation=gelu&initializer=glorot_uniform&widths=32x20&dataset=spirals
activation=softplus&initializer=random_normal&widths=32x15&dataset=moons
activation=sigmoid&initializer=he_normal&widths=32x12&optimizer=momentum&learning_rate=0.05
activation=sigmoid&optimizer=rmsprop&learning_rate=0.0001&widths=32x12
activation=sigmoid&widths=64x12&dataset=digits&optimizer=momentum&learning_rate=0.01&batch_size=64
activation=linear&gain=0.3&widths=32x12&dataset=blobs
activation=tanh&gain=0.3&widths=16x12&dataset=sine
activation=tanh&gain=0.3&widths=32x10&dataset=digits&batch_size=128
activation=leaky_relu&gain=0.5&widths=32x20&dataset=circles&initializer=glorot_uniform
activation=sigmoid&widths=16x6&dataset=digits&batch_size=32&loss=mse
activation=tanh&gain=4&widths=32x20&steps=300
activation=tanh&gain=3&widths=32x20&dataset=moons&steps=500
dataset=circles&widths=4x30&activation=relu&initializer=he_normal&seed=4
          """),
    Group(("not_learning", "vanishing"),
          "Sigmoid, where the signal is not far above the border: no better than a guess after 1000 and more steps.",
          """
widths=32x4&steps=2000
dataset=digits&samples=1000&widths=200x3&initializer=lecun_normal&loss=mse&batch_size=32&steps=1000
          """),
    Group(("dead", "vanishing"),
          "ReLU with kernels too small: the signal vanishes, and in the end a layer has died of it.",
          """
activation=relu&initializer=lecun_normal&widths=64x30&dataset=digits&batch_size=64
activation=relu&initializer=random_normal&widths=32x10&dataset=digits&batch_size=32
          """),
    Group(("overflow",),
          "Initial kernels that multiply the signal in every layer, or steps that overshoot: a float32 overflows.",
          """
dataset=digits&widths=32x2&activation=relu&learning_rate=10&batch_size=256&steps=240
activation=relu&initializer=he_normal&gain=4&steps=60
activation=relu&initializer=he_normal&gain=3&widths=32x20&dataset=digits&batch_size=32
activation=linear&initializer=he_normal&gain=2&widths=32x20&dataset=blobs&learning_rate=0.01
activation=linear&gain=3&widths=16x8&dataset=sine&learning_rate=0.01
activation=relu&initializer=he_normal&gain=2&widths=32x15&dataset=diabetes&learning_rate=0.01
dataset=sine&widths=32x2&activation=relu&initializer=he_normal&learning_rate=5
dataset=diabetes&widths=32x3&activation=relu&initializer=he_normal&learning_rate=3
dataset=sine&widths=16&activation=tanh&learning_rate=10
dataset=sine&widths=32x3&activation=linear&learning_rate=2
dataset=sine&widths=64x2&activation=tanh&learning_rate=3&steps=500
dataset=random_targets&widths=64x3&activation=relu&initializer=he_normal&learning_rate=10
dataset=diabetes&widths=64x2&activation=tanh&learning_rate=10&batch_size=32
widths=32x50&activation=relu&initializer=he_normal&gain=1.6&learning_rate=0.1&dataset=moons
dataset=digits&widths=64x2&activation=relu&initializer=he_normal&learning_rate=30&batch_size=64
dataset=breast_cancer&widths=16x4&activation=relu&initializer=he_normal&learning_rate=20&batch_size=32
dataset=sine&widths=16x3&activation=relu&initializer=he_normal&optimizer=momentum&learning_rate=1
          """),
    Group(("exploding", "overflow"),
          "Steps so large that the answers are ever worse, ten times and more beyond those of step 0.",
          """
widths=32x50&activation=relu&initializer=he_normal&batch_norm=1&learning_rate=10&steps=60
dataset=moons&widths=16x2&activation=sigmoid&learning_rate=100&batch_size=16
          """),
    Group(("dead",),
          "Steps that push every ReLU (or the ends of tanh) to where its slope is 0, or so few units that they are "
          "born there (Lu et al. 2019): no slope in a layer for any training example, the loss no better than a "
          "guess.",
          """
activation=relu&initializer=he_normal&gain=2.5&widths=32x15&dataset=digits&learning_rate=0.1&clip=value&batch_size=64
activation=relu&initializer=he_normal&widths=8x5&learning_rate=100&steps=60
dataset=moons&activation=relu&initializer=he_normal&widths=16x3&learning_rate=30
dataset=blobs&activation=relu&initializer=he_normal&widths=8x5&learning_rate=20&batch_size=16
dataset=spirals&widths=16x4&activation=relu&initializer=he_normal&learning_rate=50&steps=200
dataset=circles&widths=3x15&activation=relu&initializer=he_normal&seed=1
dataset=moons&widths=2x20&activation=relu&initializer=he_normal&seed=2
dataset=digits&widths=32x3&activation=relu&initializer=he_normal&optimizer=adam&learning_rate=10&batch_size=64
dataset=moons&widths=16x3&activation=relu&bias_std=0&optimizer=rmsprop&learning_rate=5
dataset=diabetes&widths=16x3&activation=relu&initializer=he_normal&learning_rate=2&clip=value&clip_threshold=5
dataset=digits&widths=32x4&activation=relu&initializer=he_normal&learning_rate=5&batch_size=32&steps=400
dataset=moons&widths=16x2&activation=tanh&learning_rate=100
dataset=circles&widths=16x2&activation=tanh&optimizer=adam&learning_rate=30
          """),
    Group(("symmetric",),
          "Constant kernels: all units of a layer stay equal (Goodfellow et al. 2016, section 8.4).",
          """
initializer=zeros&activation=relu
initializer=zeros
initializer=zeros&activation=tanh&widths=16x3
initializer=ones&activation=tanh&widths=8x3
initializer=ones&activation=sigmoid&widths=16x2&optimizer=adam
initializer=zeros&activation=relu&widths=32x3&dataset=digits&batch_size=32
initializer=ones&activation=relu&widths=8x2&dataset=moons&learning_rate=0.01
initializer=he_normal&gain=0&activation=relu&widths=16x2&dataset=blobs
initializer=zeros&activation=sigmoid&widths=16x2&dataset=sine
initializer=zeros&activation=elu&widths=16x4&dataset=diabetes&optimizer=adam
initializer=ones&activation=tanh&widths=4&dataset=xor&steps=1000
          """),
    Group(("stuck",),
          "A learning rate of 0.",
          """
widths=4x2&learning_rate=0
dataset=digits&widths=32&activation=relu&learning_rate=0&batch_size=32
dataset=moons&widths=16x2&activation=tanh&learning_rate=0&optimizer=adam
          """),
    Group(("not_learning",),
          "A linear network on classes that no line parts; a plateau of sigmoids; nine of ten units dropped; batch "
          "norm over a batch of one, which passes on zeros only (reported with Keras time and again).",
          """
widths=8x2&activation=linear&steps=1000
dataset=moons&widths=16x2&activation=relu&batch_norm=1&batch_size=1&steps=400
dataset=xor&widths=8x2&activation=linear&steps=1000
dataset=circles&widths=32x3&activation=linear&optimizer=adam&learning_rate=0.01
dataset=circles&widths=16&activation=linear&batch_size=16&steps=600
dataset=circles&widths=8x2&activation=sigmoid&steps=500
dataset=circles&widths=16&activation=sigmoid&steps=300
dataset=circles&widths=16x3&activation=tanh&dropout=0.9&steps=300
dataset=moons&widths=16x2&activation=tanh&batch_norm=1&batch_size=1&steps=400
dataset=digits&widths=32x2&activation=relu&batch_norm=1&batch_size=1&steps=500
dataset=breast_cancer&widths=16x2&activation=relu&batch_norm=1&batch_size=1&learning_rate=0.01
          """),
    Group(("slow",),
          "Steps so small that the loss falls steadily and hardly: the same run with a rate a hundred times larger "
          "learns.",
          """
dataset=breast_cancer&widths=64x12&activation=relu&initializer=he_normal&learning_rate=0.00001
dataset=breast_cancer&widths=16x2&activation=relu&initializer=he_normal&learning_rate=0.0001&seed=1
dataset=digits&widths=32x2&activation=relu&initializer=he_normal&learning_rate=0.0001&batch_size=64
dataset=digits&widths=64x2&activation=tanh&learning_rate=0.0001&batch_size=32
dataset=moons&widths=16x2&activation=tanh&optimizer=adam&learning_rate=0.000001
dataset=digits&widths=32x2&activation=relu&initializer=he_normal&optimizer=adam&learning_rate=0.000001&batch_size=64
dataset=blobs&widths=16x3&activation=relu&initializer=he_normal&learning_rate=0.00001
dataset=sine&widths=16x2&activation=tanh&learning_rate=0.00001
dataset=diabetes&widths=32x3&activation=relu&initializer=he_normal&optimizer=adamw&learning_rate=0.000001&batch_size=32
dataset=breast_cancer&widths=32x6&activation=tanh&learning_rate=0.00003&batch_size=64&seed=1
dataset=digits&widths=128x3&activation=relu&initializer=he_normal&learning_rate=0.00003&batch_size=128&seed=2
dataset=circles&widths=32x4&activation=relu&initializer=he_normal&learning_rate=0.00001&seed=5
          """),
    Group(("slow", "learning"),
          "Between the two: it falls steadily, and at that pace learning takes about eight times the steps.",
          """
dataset=diabetes&widths=16x2&activation=relu&initializer=he_normal&learning_rate=0.0001
          """),
    Group(("slow", "not_learning"),
          "Hardly any step at all: a tiny rate under a flat loss, or gradients clipped to next to nothing.",
          """
dataset=digits&widths=32x2&activation=sigmoid&loss=mse&batch_size=64&learning_rate=0.01
dataset=moons&widths=16x3&activation=tanh&clip=global_norm&clip_threshold=0.00001
dataset=moons&widths=16x3&activation=relu&initializer=he_normal&clip=value&clip_threshold=0.000001&batch_size=16
dataset=digits&widths=32x2&activation=relu&initializer=he_normal&clip=global_norm&clip_threshold=0.0001&batch_size=64
          """),
    Group(("learning",),
          "Better than a guess on all examples, far from good: too large a rate, a linear network, one unit, noise "
          "for targets.",
          """
dataset=digits&widths=32x2&activation=relu&optimizer=adam&learning_rate=0.3&batch_size=256&steps=240
activation=tanh&gain=4&widths=64x10&dataset=digits&batch_size=32
activation=tanh&gain=6&widths=32x10&dataset=spirals&steps=500
activation=relu&initializer=he_normal&gain=2&widths=32x20&dataset=moons&learning_rate=0.1&clip=global_norm
dataset=moons&widths=32x3&activation=relu&optimizer=adam&learning_rate=30
dataset=spirals&widths=16x2&activation=linear&steps=500
dataset=digits&widths=32x2&activation=tanh&learning_rate=30&batch_size=32
dataset=digits&widths=64x2&activation=sigmoid&learning_rate=0.01&batch_size=256
dataset=spirals&widths=8x2&activation=sigmoid&steps=500
dataset=random_targets&widths=64x2&activation=relu&steps=200
dataset=circles&widths=1&activation=relu&initializer=he_normal
dataset=circles&widths=1x3&activation=tanh&steps=600
dataset=digits&widths=32x2&activation=tanh&optimizer=adam&learning_rate=10&batch_size=64
dataset=moons&widths=16x2&activation=relu&initializer=he_normal&learning_rate=0.0001
          """),
    Group(("learned", "learning"),
          "Sound: most training examples are right, or most of the targets' variance is explained.",
          """
dataset=sine&widths=8x3&activation=relu&initializer=he_normal&learning_rate=0.01&batch_size=1&steps=1000
dataset=sine&noise=0.5&test_fraction=0.5&widths=8&activation=tanh&learning_rate=0.03&batch_size=1&steps=500&seed=1
dataset=blobs&widths=8x10&activation=relu&initializer=he_normal&skip=1&learning_rate=2&clip=global_norm&steps=600&seed=2
dataset=moons&widths=2x12&activation=relu&initializer=he_normal&seed=3
dataset=blobs&activation=relu&initializer=he_normal&widths=16x3&steps=200
dataset=moons&activation=relu&initializer=he_normal&widths=16x3&learning_rate=0.1&steps=500
dataset=moons&activation=tanh&widths=16x2&learning_rate=0.5&steps=600
dataset=circles&activation=tanh&widths=16x2&learning_rate=0.5&steps=600
dataset=circles&activation=relu&initializer=he_normal&widths=32x10&learning_rate=0.1
dataset=circles&activation=relu&initializer=he_normal&widths=32x20&learning_rate=0.03
dataset=moons&activation=relu&initializer=he_normal&widths=32x50&learning_rate=0.01
dataset=spirals&activation=tanh&widths=32x3&optimizer=adam&learning_rate=0.01&steps=600
dataset=spirals&activation=relu&initializer=he_normal&widths=64x3&optimizer=adam&learning_rate=0.01&steps=600
dataset=digits&activation=relu&initializer=he_normal&widths=32x2&batch_size=32&learning_rate=0.1
dataset=digits&activation=tanh&widths=32x2&batch_size=32&learning_rate=0.1
dataset=digits&activation=sigmoid&widths=64&batch_size=32&learning_rate=1&steps=600
dataset=digits&activation=relu&initializer=he_normal&widths=64x3&optimizer=adam&learning_rate=0.001&batch_size=32
dataset=digits&activation=relu&initializer=he_normal&widths=32x2&loss=mse&batch_size=32&learning_rate=1&steps=600
dataset=digits&activation=elu&initializer=he_normal&widths=32x5&optimizer=momentum&learning_rate=0.01&batch_size=32
dataset=digits&activation=selu&initializer=lecun_normal&widths=64x8&learning_rate=0.05&batch_size=32
dataset=digits&activation=gelu&initializer=he_normal&widths=32x3&optimizer=rmsprop&learning_rate=0.001&batch_size=32
dataset=digits&activation=relu&initializer=he_normal&widths=32x20&batch_norm=1&learning_rate=0.05&batch_size=64&steps=500
dataset=digits&activation=relu&initializer=he_normal&widths=64x3&dropout=0.3&batch_size=32&optimizer=adam&learning_rate=0.003&steps=500
dataset=breast_cancer&activation=relu&initializer=he_normal&widths=16x2&batch_size=32&learning_rate=0.05
dataset=breast_cancer&activation=tanh&widths=16x2&batch_size=32&learning_rate=0.1
dataset=breast_cancer&activation=sigmoid&widths=16&learning_rate=1&steps=500
dataset=breast_cancer&activation=relu&initializer=he_normal&widths=30x6&optimizer=adam&learning_rate=0.001&batch_size=16
dataset=breast_cancer&activation=linear&widths=8&learning_rate=0.1
dataset=blobs&activation=linear&widths=8x2&learning_rate=0.1
dataset=diabetes&activation=relu&initializer=he_normal&widths=16x2&learning_rate=0.01&batch_size=32&steps=500
dataset=diabetes&activation=tanh&widths=16&learning_rate=0.05&batch_size=32
dataset=diabetes&activation=linear&widths=8&learning_rate=0.02&batch_size=32
dataset=diabetes&activation=relu&initializer=he_normal&widths=32x3&loss=huber&learning_rate=0.03&batch_size=32
dataset=sine&activation=tanh&widths=32&learning_rate=0.1&steps=1000
dataset=sine&activation=tanh&widths=16x2&optimizer=adam&learning_rate=0.01&steps=600
dataset=sine&activation=relu&initializer=he_normal&widths=32x3&optimizer=adam&learning_rate=0.003&batch_size=32&steps=600
dataset=sine&activation=tanh&widths=16x2&loss=mae&optimizer=adam&learning_rate=0.01&steps=600
dataset=sine&activation=tanh&widths=16x2&loss=log_cosh&optimizer=adam&learning_rate=0.01&steps=600
dataset=sine&activation=silu&widths=16x2&loss=huber&optimizer=momentum&learning_rate=0.03&steps=600
dataset=moons&activation=relu&initializer=he_normal&widths=16x2&loss=hinge&learning_rate=0.1&steps=500
dataset=moons&activation=relu&initializer=he_normal&widths=16x2&loss=hinge&learning_rate=0.05&batch_size=1&steps=1000
dataset=moons&activation=tanh&widths=16x2&loss=mse&learning_rate=1&steps=600
dataset=moons&activation=relu&initializer=he_normal&widths=8x2&batch_size=1&learning_rate=0.05&steps=1000
dataset=moons&activation=leaky_relu&initializer=he_normal&widths=16x4&batch_size=8&learning_rate=0.05
dataset=xor&activation=tanh&widths=4&learning_rate=0.5&samples=4&noise=0&test_fraction=0&steps=1000
dataset=xor&activation=relu&initializer=he_normal&widths=8&learning_rate=0.3&steps=500
dataset=xor&activation=sigmoid&widths=8&optimizer=adam&learning_rate=0.05&steps=600
dataset=blobs&activation=relu&initializer=he_normal&widths=8x10&skip=1&learning_rate=0.05
dataset=circles&activation=sigmoid&widths=32x10&optimizer=adam&learning_rate=0.01&batch_norm=1&steps=600
dataset=circles&activation=relu&initializer=he_normal&widths=32x10&batch_norm=1&learning_rate=0.1&steps=600
dataset=spirals&activation=relu&initializer=he_normal&widths=32x20&skip=1&batch_norm=1&learning_rate=0.05&steps=600
dataset=classification&activation=relu&widths=64,32&optimizer=adam&learning_rate=0.001&batch_size=32&steps=1250&seed=42
dataset=classification&activation=tanh&widths=32&learning_rate=0.1&batch_size=32
dataset=classification&activation=relu&initializer=he_normal&widths=16x2&loss=mse&learning_rate=0.3&batch_size=32&steps=600
dataset=digits&activation=relu&initializer=he_normal&widths=32&loss=kl_divergence&learning_rate=0.1&batch_size=32
dataset=digits&activation=relu&initializer=he_normal&widths=32&loss=cosine_similarity&learning_rate=0.3&batch_size=32&steps=600
dataset=digits&activation=relu&initializer=he_normal&widths=32x2&batch_size=1&learning_rate=0.01&steps=2000
dataset=circles&activation=softplus&initializer=he_normal&widths=16x2&optimizer=adam&learning_rate=0.02&steps=500
dataset=moons&activation=mish&initializer=he_normal&widths=16x3&optimizer=nesterov&learning_rate=0.05
dataset=circles&activation=tanh&initializer=orthogonal&widths=32x20&learning_rate=0.05&steps=500
dataset=circles&activation=tanh&widths=32x10&learning_rate=0.3&steps=600
dataset=circles&activation=sigmoid&widths=16&optimizer=adam&learning_rate=0.05&steps=600
dataset=moons&activation=sigmoid&widths=16x2&optimizer=adam&learning_rate=0.05&steps=600
dataset=moons&noise=0.4&activation=relu&initializer=he_normal&widths=16x2&learning_rate=0.1&batch_size=32&steps=500
dataset=digits&samples=400&activation=relu&initializer=he_normal&widths=64x2&optimizer=adam&learning_rate=0.003&batch_size=16
dataset=random_targets&activation=relu&initializer=he_normal&widths=256x2&optimizer=adam&learning_rate=0.003&samples=100&steps=1000
dataset=sine&activation=tanh&widths=16x2&loss=custom&formula=square(y_true-y_pred)&optimizer=adam&learning_rate=0.01&steps=600
dataset=moons&activation=relu&initializer=he_normal&widths=16x2&loss=custom&formula=abs(y_true-y_pred)&optimizer=adam&learning_rate=0.01&steps=600
dataset=moons&activation=relu&initializer=he_normal&widths=16x2&loss=custom&formula=square(y_true-y_pred)+3&learning_rate=1&steps=600
dataset=moons&activation=relu&initializer=he_normal&widths=32x15&clip=global_norm&gain=1.5&learning_rate=0.05
dataset=digits&activation=relu&initializer=he_normal&widths=64x10&optimizer=adam&learning_rate=0.001&batch_size=32&steps=500
dataset=digits&activation=tanh&widths=64x10&learning_rate=0.05&batch_size=32&steps=500
dataset=breast_cancer&activation=relu&initializer=he_normal&widths=16x2&batch_size=1&learning_rate=0.005&steps=1000
dataset=diabetes&activation=tanh&widths=8&batch_size=1&learning_rate=0.005&steps=1500
dataset=blobs&activation=tanh&widths=8&batch_size=1&learning_rate=0.1&steps=500
dataset=circles&activation=relu&initializer=he_normal&widths=64x5&optimizer=adamw&learning_rate=0.003&batch_size=64
dataset=spirals&activation=elu&initializer=he_normal&widths=32x4&optimizer=adam&learning_rate=0.01&steps=800
dataset=digits&activation=leaky_relu&initializer=he_uniform&widths=128x2&optimizer=adam&learning_rate=0.001&batch_size=128
dataset=digits&activation=relu&initializer=glorot_uniform&widths=64x3&learning_rate=0.1&batch_size=16
dataset=blobs&activation=sigmoid&widths=8&learning_rate=1
dataset=xor&activation=relu&initializer=he_normal&widths=16x2&batch_size=4&learning_rate=0.1&steps=600
dataset=digits&activation=relu&initializer=he_normal&widths=64x2&learning_rate=0.3&batch_size=64&steps=200
dataset=circles&activation=gelu&initializer=he_normal&widths=32x6&optimizer=adam&learning_rate=0.005&batch_size=32
          """),
)


def rows() -> list[tuple[tuple[str, ...], str]]:
    """Each run's link and the kinds that are right for it."""
    return [(group.kinds, query) for group in GROUPS for query in group.queries.split()]
