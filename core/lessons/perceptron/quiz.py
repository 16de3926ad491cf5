"""The questions of Perceptron."""

from __future__ import annotations

from core.lessons.perceptron.rule import AND, NETWORK, XOR, learn
from core.quiz import Answer, Histories, HowMuch, Question, whole
from core.words import count

EPOCHS = 12


def _xor(_: Histories) -> Answer:
    line = learn(XOR).states[-1]
    predictions = [line.predict(x1, x2) for x1, x2, _ in XOR]
    wrong = sum(predicted != label for predicted, (*_, label) in zip(predictions, XOR, strict=True))
    return Answer((1, 2, 3, 4).index(wrong), f"After 100 epochs the line answers {', '.join(map(str, predictions))} "
                  f"where 0, 1, 1, 0 is right: {wrong} of the four are wrong.")


def _and(_: Histories) -> Answer:
    learning = learn(AND)
    assert learning.converged is not None
    return Answer(learning.converged - 1, f"Epoch {learning.converged} is the first without a mistake; before it there "
                  f"were {sum(learning.errors)} of them.")


def _hidden(histories: Histories) -> Answer:
    ((*_, last),) = histories
    right = round((last.accuracy or 0.0) * len(XOR))
    return Answer(right, f"After {count(last.step, 'step')} the network has {right} of the four right.")


QUESTIONS: dict[str, Question] = {
    "xor": Question("The rule goes over XOR's four points a hundred times. How many does its line get wrong at the "
                    "end?", ("One", "Two", "Three", "All four"), _xor, setup="perceptron rule / XOR cannot be"),
    "and": HowMuch("The rule goes over AND's four points again and again. Which epoch is the first without a mistake?",
                   whole(1, EPOCHS), _and, setup="perceptron rule / AND", within=1),
    "hidden": HowMuch("XOR's four points, and four hidden units between input and output. How many of the four are "
                      "right at the end of training?", whole(0, len(XOR)), _hidden, (NETWORK,),
                      "perceptron hidden / XOR solved"),
}
