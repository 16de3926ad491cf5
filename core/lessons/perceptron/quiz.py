"""The question of Perceptron."""

from __future__ import annotations

from core.lessons.perceptron.rule import XOR, learn
from core.quiz import Answer, Histories, Quiz


def _answer(_: Histories) -> Answer:
    line = learn(XOR).states[-1]
    predictions = [line.predict(x1, x2) for x1, x2, _ in XOR]
    wrong = sum(predicted != label for predicted, (*_, label) in zip(predictions, XOR, strict=True))
    return Answer((1, 2, 3, 4).index(wrong), f"After 100 epochs the line answers {', '.join(map(str, predictions))} "
                  f"where 0, 1, 1, 0 is right: {wrong} of the four are wrong.")


QUIZ = Quiz("The rule goes over XOR's four points a hundred times. How many does its line get wrong at the end?",
            ("One", "Two", "Three", "All four"), _answer)
