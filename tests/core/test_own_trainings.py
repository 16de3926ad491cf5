"""Real trainings of eight kinds of network: the fault is found, and what the finding recommends mends it."""

import pytest

from core.findings import findings
from tests.core.own_trainings import MORE, ONE_OF_EACH, SOUND, Pair, blamed, recorded, right_kind
from tests.tiers import only_nightly

PAIRS = (*ONE_OF_EACH, *MORE)
OFTEN = (ONE_OF_EACH[6], MORE[2])  # a transformer block and a convolutional network, seconds each


def name(pair: Pair) -> str:
    return f"{pair.name}: {pair.fault}"


@pytest.mark.parametrize("pair", only_nightly(PAIRS, but=()), ids=map(name, PAIRS))
def test_a_fault_is_found_and_gone_when_mended(pair, tmp_path):
    faulty, mended = recorded(pair.faulty, tmp_path), recorded(pair.mended, tmp_path)
    assert right_kind(pair, faulty)
    assert blamed(mended) == []
    if pair.faulty.loss == pair.mended.loss and pair.faulty.data is pair.mended.data:
        assert mended.moments[-1].loss < faulty.moments[-1].loss or faulty.moments[-1].loss < 0


@pytest.mark.parametrize("pair", OFTEN, ids=map(name, OFTEN))
def test_a_fault_of_what_is_no_stack_of_dense_layers_is_found(pair, tmp_path):
    assert right_kind(pair, recorded(pair.faulty, tmp_path))


@pytest.mark.parametrize("training", only_nightly(SOUND, but=("logits for every word", "a mean of words")))
def test_a_sound_network_is_left_alone(training, tmp_path):
    assert [one.kind for one in findings(recorded(SOUND[training], tmp_path))] == ["nothing"]
