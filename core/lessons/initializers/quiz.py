"""The question of Initializers."""

from __future__ import annotations

from core.diagnosis import HEALTHY, kinds
from core.lessons.initializers.setups import DEEP_RELU
from core.quiz import Answer, Histories, Question
from core.side_by_side import under_each_initializer

RUNS = under_each_initializer(DEEP_RELU)
HOW_MANY = (0, 2, 5, 8)


def _learn(histories: Histories) -> Answer:
    good = [label for (label, spec), history in zip(RUNS.items(), histories, strict=True)
            if kinds(spec, history)[-1] in HEALTHY]
    right = min(range(len(HOW_MANY)), key=lambda place: abs(HOW_MANY[place] - len(good)))
    return Answer(right, f"{len(good)} of {len(RUNS)} learn: {', '.join(good) or 'none'}.")


QUESTIONS: dict[str, Question] = {
    "learn": Question(f"Thirty layers of ReLU, {len(RUNS)} initializers. With how many of them does the network learn?",
                      tuple(map(str, HOW_MANY)), _learn, tuple(RUNS.values()), "initializers / ReLU, 30 layers"),
}
