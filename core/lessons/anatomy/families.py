"""The seven families of networks as small models, each with the example that is carried through it.

What each was trained on and how well it did is in `core.lessons.anatomy.family_training`, beside its weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.layer_table import Layer, Row, rows
from core.registry import Item, Registry

EXAMPLES = 10  # that a learner can choose from
RNN_STEPS, LSTM_STEPS, WORDS, NOISE = 24, 30, 6, 8
VOCABULARY = ("the", "a", "cat", "dog", "bird", "child", "sat", "ran", "slept", "on", "under", "near", "mat", "tree",
              "house", "river")
SENTENCES = ("the cat sat on the mat", "a dog ran near the river", "the bird slept under a tree",
             "a child sat near the house", "the dog slept on a mat", "a cat ran under the tree",
             "the child ran near a dog", "a bird sat on the house", "the river ran under a tree",
             "a dog sat near the cat")


@dataclass(frozen=True)
class Family(Item):
    """One family of networks.

    Attributes:
        models: its layers by the name of the model; one model but for the GAN.
        example: what is carried through, as a label for the choice of the example.
        shows: what is to be seen in the large picture.
    """

    models: Mapping[str, tuple[Layer, ...]]
    example: str
    shows: str

    @property
    def rows(self) -> list[Row]:
        """The layers of all its models."""
        return [row for layers in self.models.values() for row in rows(layers)]


def _layer(name: str, class_name: str, *inputs: str, **arguments: object) -> Layer:
    return Layer(name, class_name, arguments, inputs)


def _digit(name: str = "pixels") -> Layer:
    return _layer(name, "Input", shape=(64,))




FAMILIES: Registry[Family] = Registry("family", [
    Family(
        name="feed_forward", label="Feed-forward",
        formula=r"a^{(l)} = f\big(W^{(l)} a^{(l-1)} + b^{(l)}\big)",
        summary="Every unit takes every number of the layer before. The 64 pixels are just a list: the network is not "
        "told which of them are neighbours.",
        source="Rosenblatt, The perceptron, 1958; Rumelhart, Hinton & Williams, 1986",
        models={"Classifier": (
            _digit(), _layer("hidden", "Dense", units=32, activation="relu"),
            _layer("classes", "Dense", units=10, activation="softmax"))},
        example="Digit",
        shows="The kernel of each of the 32 hidden units over the 64 pixels, times how active it is: pale is off."),
    Family(
        name="cnn", label="CNN",
        formula=r"z_{ijk} = b_k + \sum_{u,v,c} W_{uvck}\, x_{i+u,\,j+v,\,c}",
        summary="One small kernel slides over the whole image, so a stroke is found wherever it is, with few weights. "
        "Pooling keeps the strongest answer in each block of 2 × 2.",
        source="LeCun et al., Backpropagation applied to handwritten zip code recognition, 1989",
        models={"Classifier": (
            _layer("image", "Input", shape=(8, 8, 1)),
            _layer("conv_1", "Conv2D", filters=8, kernel_size=3, padding="same", activation="relu"),
            _layer("pool_1", "MaxPooling2D", pool_size=2),
            _layer("conv_2", "Conv2D", filters=16, kernel_size=3, padding="same", activation="relu"),
            _layer("pool_2", "MaxPooling2D", pool_size=2),
            _layer("flat", "Flatten"),
            _layer("classes", "Dense", units=10, activation="softmax"))},
        example="Digit", shows="The eight feature maps of the first convolution: where each kernel found its stroke."),
    Family(
        name="rnn", label="RNN",
        formula=r"h_t = \tanh(W x_t + U h_{t-1} + b)",
        summary="The same layer works at every time step and takes its own last state h as a second input: that is its "
        "memory of what came before.",
        source="Elman, Finding structure in time, 1990",
        models={"Forecaster": (
            _layer("wave", "Input", shape=(RNN_STEPS, 1)), _layer("recurrent", "SimpleRNN", units=16),
            _layer("next", "Dense", units=1))},
        example="Wave", shows="The 16 numbers of the state h, from one time step to the next."),
    Family(
        name="lstm", label="LSTM",
        formula=r"c_t = f_t \odot c_{t-1} + i_t \odot g_t,\qquad h_t = o_t \odot \tanh c_t",
        summary="It can hold something over many steps, because gates alone change its second memory, the cell c: f "
        "forgets, i writes, o reads. It has four sets of weights where the RNN has one.",
        source="Hochreiter & Schmidhuber, Long short-term memory, 1997; Gers, Schmidhuber & Cummins, 2000",
        models={"Memory": (
            _layer("signal", "Input", shape=(LSTM_STEPS, 1)), _layer("recurrent", "LSTM", units=16),
            _layer("first", "Dense", units=1, activation="sigmoid"))},
        example="Sequence", shows="The 16 numbers of the cell c over time: those that keep their colour remember."),
    Family(
        name="gan", label="GAN",
        formula=r"\min_G \max_D\ \mathbb E_x \log D(x) + \mathbb E_z \log\big(1 - D(G(z))\big)",
        summary="Two networks play against each other: the generator makes images from noise, the discriminator says "
        "how real an image looks. Each learns from the other's success.",
        source="Goodfellow et al., Generative adversarial nets, 2014",
        models={
            "Generator": (
                _layer("noise", "Input", shape=(NOISE,)),
                _layer("g_hidden", "Dense", units=64, activation="relu"),
                _layer("g_pixels", "Dense", units=64, activation="sigmoid")),
            "Discriminator": (
                _digit("image"), _layer("d_hidden", "Dense", units=64, activation="leaky_relu"),
                _layer("real", "Dense", units=1, activation="sigmoid"))},
        example="Noise",
        shows="Above, digits that people wrote; below, what the generator made from ten draws of noise."),
    Family(
        name="autoencoder", label="Autoencoder",
        formula=r"\hat x = D(E(x)),\qquad L = \tfrac1{64} \textstyle\sum_i (\hat x_i - x_i)^2",
        summary="It learns to copy its input through a narrow middle: 64 pixels have to pass as four numbers, the "
        "code.",
        source="Hinton & Salakhutdinov, Reducing the dimensionality of data with neural networks, 2006",
        models={"Autoencoder": (
            _digit(), _layer("encoder", "Dense", units=32, activation="relu"), _layer("code", "Dense", units=4),
            _layer("decoder", "Dense", units=32, activation="relu"),
            _layer("copy", "Dense", units=64, activation="sigmoid"))},
        example="Digit",
        shows="Ten digits that it has not learned from; below each row, what the code has kept of them."),
    Family(
        name="transformer", label="Transformer",
        formula=r"\mathrm{softmax}\!\big(Q K^{\top} / \sqrt d\big)\, V",
        summary="Every word looks at all words at once: attention says how much of each word goes into it. A second "
        "embedding tells the network where a word stands.",
        source="Vaswani et al., Attention is all you need, 2017",
        models={"Encoder": (
            _layer("words", "Input", shape=(WORDS,)), _layer("positions", "Input", shape=(WORDS,)),
            _layer("word_vectors", "Embedding", "words", input_dim=len(VOCABULARY), output_dim=16),
            _layer("place_vectors", "Embedding", "positions", input_dim=WORDS, output_dim=16),
            _layer("sum", "Add", "word_vectors", "place_vectors"),
            _layer("attention", "MultiHeadAttention", "sum", "sum", num_heads=2, key_dim=8),
            _layer("skip_1", "Add", "sum", "attention"), _layer("norm_1", "LayerNormalization"),
            _layer("wide", "Dense", units=32, activation="relu"), _layer("narrow", "Dense", units=16),
            _layer("skip_2", "Add", "norm_1", "narrow"), _layer("norm_2", "LayerNormalization"),
            _layer("reversed", "Dense", units=len(VOCABULARY), activation="softmax"))},
        example="Sentence", shows="Attention: how much of each word (column) goes into each place (row), by head."),
])
