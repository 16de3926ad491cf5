"""Some 200 runs whose verdict is known from elsewhere: the kind at their end, why it is right, how often it changed.

`python -m tests.core.test_verdicts` trains them all and prints what was expected beside what was said;
`python -m tests.core.test_verdicts cures` trains the cures of each that does not learn, and prints what the first did.
"""

import sys
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from urllib.parse import parse_qsl

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, mean_squared_error

from core.activations import ACTIVATIONS
from core.diagnosis import HEALTHY, LEARNED, diagnose, kinds
from core.spec import RunSpec
from core.training import Snapshot, train
from core.trials import Ended
from tests.core.verdict_runs import rows
from tests.tiers import only_nightly

ROWS = rows()
FEW = ROWS[::16]
MOST_CHANGES = 4


@lru_cache(maxsize=4)
def trained(query: str) -> tuple[RunSpec, list[Snapshot]]:
    spec, notes = RunSpec.from_query(dict(parse_qsl(query.replace("+", "%2B"))) | {"v": "1"})
    assert not notes
    return spec, list(train(spec))


def share_left(spec: RunSpec, loss: float) -> float:
    """The loss in units of that of scikit-learn's dummy, which ignores the input; of losses that it knows."""
    data = spec.data()
    y = data.y_train.argmax(1) if data.y_train.shape[1] > 1 else data.y_train[:, 0]
    if spec.task == "regression":
        return loss / mean_squared_error(y, DummyRegressor().fit(y[:, None], y).predict(y[:, None]))
    dummy = DummyClassifier(strategy="prior").fit(y[:, None], y)
    probabilities = dummy.predict_proba(y[:, None])
    if spec.loss_name == "mse":
        return loss / np.square(data.y_train - probabilities[:, -data.y_train.shape[1]:]).mean()
    return loss / log_loss(y, probabilities)


def like_a_guess(spec: RunSpec, last: Snapshot) -> bool:
    return share_left(spec, last.training_loss) > 0.975


def sound(spec: RunSpec, last: Snapshot) -> bool:
    """Three quarters of the examples are right, or a third of the targets' variance is explained."""
    if spec.task == "regression":
        return last.training_loss < 2 / 3 * np.square(spec.data().y_train).mean()
    return last.accuracy >= 0.75


@pytest.mark.parametrize(("allowed", "query"), only_nightly(ROWS, but=FEW))
def test_the_verdict_at_the_end_is_the_right_one(allowed, query):
    spec, history = trained(query)
    found = kinds(spec, history)
    assert found[-1] in allowed
    assert sum(one != other for one, other in pairwise(found)) <= MOST_CHANGES


@pytest.mark.parametrize(("allowed", "query"), only_nightly(ROWS, but=FEW))
def test_the_kind_that_was_written_down_has_its_criterion(allowed, query):
    spec, history = trained(query)
    start, last = history[0], history[-1]
    signal = [state.layers.signal_rms[:-1] for state in (start, last)]
    if allowed == ("learned", "learning"):
        assert sound(spec, last)
    elif allowed == ("overflow",):
        assert not last.finite
    elif allowed == ("symmetric",):
        assert spec.initializer in ("zeros", "ones") or spec.gain == 0
    elif allowed == ("stuck",):
        assert spec.learning_rate == 0
    elif allowed == ("vanishing",):
        assert like_a_guess(spec, last)
        assert signal[1][0] <= signal[1][-1] / 100
    elif allowed == ("dead",):
        assert like_a_guess(spec, last)
        assert (last.dead_for_all[:-1] == 1).any()
    elif allowed == ("not_learning",):
        assert like_a_guess(spec, last)
    elif allowed == ("slow",):
        assert like_a_guess(spec, last)
        assert last.training_loss < history[len(history) // 2].training_loss < start.training_loss
    elif allowed == ("learning",):
        better = share_left(spec, last.training_loss) < 0.98
        assert better or last.accuracy > 0.6
    else:
        assert not set(allowed) & set(HEALTHY)


def test_faulty_and_sound_runs_are_about_half_each_and_of_every_sort():
    faulty = [allowed for allowed, _ in ROWS if not set(allowed) & set(HEALTHY)]
    assert 0.4 < len(faulty) / len(ROWS) < 0.6
    specs = [RunSpec.from_query(dict(parse_qsl(query.replace("+", "%2B"))) | {"v": "1"})[0] for _, query in ROWS]
    assert {spec.depth for spec in specs} >= {1, 2, 10, 20, 50}
    assert {spec.batch_size for spec in specs} >= {None, 1, 32}
    assert len({spec.dataset for spec in specs}) >= 9
    assert len({spec.loss_name for spec in specs}) >= 9
    assert {spec.optimizer for spec in specs} >= {"sgd", "momentum", "adam", "rmsprop", "adamw"}
    assert {name for spec in specs for name in spec.activations} >= set(ACTIVATIONS) - {"softmax", "selu"}


FAULTY = [(allowed, query) for allowed, query in ROWS if "learned" not in allowed]


def first_cure(query: str) -> tuple[str, str, float, float, float]:
    """Cause and first cure of a run, what was left to lose, what that cure leaves, and the least that any leaves."""
    spec, history = trained(query)
    verdict = diagnose(spec, history)
    left = [Ended.of(one.of(spec), list(train(one.of(spec)))).left for one in verdict.cures if one.name != "steps"]
    return verdict.cause, verdict.cures[0].name, Ended.of(spec, history).left, left[0], min(left)


def helped(before: float, first: float, best: float) -> bool:
    """Whether nine tenths are gone, or at least half of the way to the best that any of the candidates reaches."""
    return first <= LEARNED or (np.isfinite(first) and first - best <= (before - best) / 2)


@pytest.mark.parametrize(("allowed", "query"), only_nightly(FAULTY[::8], but=()))
def test_the_first_cure_helps(allowed, query):
    assert helped(*first_cure(query)[2:])


def cures() -> None:
    """Of each run that does not learn the cause, the first cure, and what it did."""
    good = 0
    for _, query in FAULTY:
        cause, name, *left = first_cure(query)
        good += helped(*left)
        print(f"{cause:16} {name:11} left {left[0]:8.2g} → {left[1]:8.2g}, best of all {left[2]:8.2g}"
              f"{'' if helped(*left) else '   <--'}  {query[:80]}")
    print(f"the first cure helped in {good} of {len(FAULTY)}")


def confusion() -> None:
    """Trains all rows and prints expected and said, with counts, and how often a verdict changed."""
    counts, changes = Counter(), Counter()
    for allowed, query in ROWS:
        found = kinds(*trained(query))
        counts[" or ".join(allowed), found[-1]] += 1
        changes[sum(one != other for one, other in pairwise(found))] += 1
    for (expected, said), number in sorted(counts.items()):
        print(f"{expected:24} {said:14} {number:4}{'' if said in expected.split(' or ') else '   <--'}")
    print("changes of the verdict in a run:", dict(sorted(changes.items())))


if __name__ == "__main__":
    cures() if sys.argv[1:] == ["cures"] else confusion()
