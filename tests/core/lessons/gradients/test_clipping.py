"""What clipping did, from the recorded norms, against gradients that are clipped here entry by entry."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.charts import moving
from core.charts.rows import table
from core.charts.scales import Scale
from core.layer_table import of_run, total
from core.lessons.gradients import clipping
from core.lessons.gradients.charts import clipping as drawing
from core.lessons.gradients.charts import clipping_frame
from core.network import backpropagate
from core.spec import RunSpec
from core.training import Trainer, batch_rows, train

P9 = RunSpec(dataset="random_targets", test_fraction=0.0, widths=(128, 64), activation="relu", optimizer="adam",
             learning_rate=0.001, batch_size=32, clip="norm", steps=320)
SMALL = replace(P9, widths=(8, 4), steps=30)
KERAS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}


def gradients(trainer: Trainer) -> list[np.ndarray]:
    """Of every kernel, then of every bias, at the trainer's step, by eager back-propagation."""
    spec, rows = trainer.spec, batch_rows(trainer.spec, trainer.step + 1)
    data = spec.data()
    found = backpropagate(spec, trainer.weights, data.x_train[rows], data.y_train[rows])
    return [*found.kernel_gradients, *found.bias_gradients]


@pytest.mark.parametrize("clip", KERAS)
@pytest.mark.parametrize("limit", [1e-6, 0.01, 0.05, 0.2, 1.0, 1e3])
def test_it_says_what_keras_s_optimizer_does(clip, limit):
    spec = replace(SMALL, clip=clip, clip_threshold=limit)
    trainer = Trainer(spec)
    for _ in range(2):
        found, raw = clipping.at(spec, trainer.snapshot), gradients(trainer)
        optimizer = keras.optimizers.SGD(**{KERAS[clip]: limit})
        clipped = [np.asarray(one) for one in optimizer._clip_gradients([keras.ops.convert_to_tensor(one)
                                                                         for one in raw])]
        changed = any(not np.allclose(a, b, rtol=1e-5, atol=0) for a, b in zip(raw, clipped, strict=True))
        norms = [np.linalg.norm(one) for one in raw], [np.linalg.norm(one) for one in clipped]
        before, after = (np.linalg.norm(of) if clip == "global_norm" else max(of) for of in norms)
        assert found.before == pytest.approx(before, rel=1e-4)
        if found.bites is not None:
            assert found.bites == changed
        else:
            assert clip == "value"
        if found.after is not None:
            assert found.after == pytest.approx(after, rel=1e-4)
        trainer.advance()


def test_clipvalue_is_certain_at_both_ends_only():
    snapshot = next(train(SMALL))
    kinds = [clipping.at(replace(SMALL, clip="value", clip_threshold=limit), snapshot).bites
             for limit in (1e-6, 0.05, 1e3)]
    assert kinds[0] is True
    assert kinds[2] is False
    assert "the recorded norms do not tell" in clipping.clipping_sentences(
        replace(SMALL, clip="value", clip_threshold=0.05), [snapshot]) or kinds[1] is not None


def test_the_course_s_run_and_how_often_it_bites():
    assert total(of_run(P9)) == 9729
    history = list(train(P9))
    found = clipping.history(P9, history)
    assert len(found) == len(history) - 1  # no update follows the last
    assert sum(one.bites for one in found) == sum(one.before > 1 for one in found)
    text = clipping.clipping_sentences(P9, history)
    assert f"**Clipping bit in {sum(one.bites for one in found)} of 220 recorded steps**" in text
    assert [one.step for one in found if one.bites] == [0, 1, 2, 3, 4, 5]  # what the set-up says
    other = replace(P9, seed=2)
    assert not any(one.bites for one in clipping.history(other, list(train(other))))
    tight = replace(P9, clip_threshold=0.1)
    assert all(one.after == pytest.approx(min(one.before, 0.1)) for one in clipping.history(tight, history))


def test_without_clipping_nothing_is_said():
    plain = replace(SMALL, clip="none")
    assert clipping.history(plain, list(train(plain))) == []
    assert clipping.clipping_sentences(plain, list(train(plain))) == ""
    assert clipping.clipping_sentences(SMALL, []) == ""


def test_batch_norm_s_parameters_are_said_to_be_left_out():
    spec = replace(SMALL, batch_norm=True)
    assert "scale and shift are not recorded" in clipping.clipping_sentences(spec, [next(train(spec))])


def test_the_chart_shows_before_after_and_the_limit():
    spec, scale = replace(SMALL, clip_threshold=0.1), Scale(1e-8, 100.0, log=True)
    found = clipping.history(spec, list(train(spec)))
    frame = clipping_frame(found, 0.1, spec.steps, scale)
    for moment in range(len(found)):
        lines = {name: part["value"].tolist() for name, part in table(frame, moment).groupby("series")}
        assert lines["before clipping"] == [one.before for one in found[:moment + 1]]
        assert lines["after"] == [one.after for one in found[:moment + 1]]
        assert lines["limit"] == [0.1, 0.1]
        named = moving.at(frame, moment).query("label != ''")
        assert named[["label", "step"]].to_numpy().tolist() == [
            ["limit", spec.steps], ["before clipping", found[moment].step], ["after", found[moment].step]]
    assert clipping_frame([], 0.1, 30, scale) is None
    assert "before and after clipping" in drawing(30, scale, "of all gradients").alt
    value = replace(spec, clip="value", clip_threshold=1e-6)
    assert "after" not in set(clipping_frame(clipping.history(value, list(train(value))), 1e-6, 30, scale)["series"])


def test_a_line_is_broken_where_the_norm_after_clipping_is_not_known():
    norms = (1.0, None, None, 1.0, 0.5)
    found = [clipping.Clipped(step, 2.0, norm, None) for step, norm in enumerate(norms)]
    frame = clipping_frame(found, 1.0, 10, Scale(1e-8, 100.0, log=True))
    after = moving.at(frame, 4).query("series == 'after' and label == ''")
    assert after["step"].tolist() == [0, 3, 4]
    first, second, third = after["segment"]
    assert first != second == third >= 0
    assert moving.at(frame, 2).query("label == 'after'")["step"].tolist() == [0]  # the last that is known
