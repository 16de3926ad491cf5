"""Training curves: the course's data to the bit, epochs, readings, and early stopping against Keras's own callback."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

from core.diagnosis import HEALTHY, kinds
from core.lessons.curves import report
from core.lessons.curves.report import EpochEnd, by_epoch, early_stop, fit, fit_sentences
from core.probes import LAYER_FIELDS, Layers
from core.training import Snapshot
from core.yardstick import yardstick
from tests import shipped

HISTORIES = shipped.histories()


def state(step: int, validation_loss: float | None, training_loss: float = 0.1, finite: bool = True) -> Snapshot:
    layers = Layers(**{name: np.zeros(2) for name in LAYER_FIELDS})
    return Snapshot(step, training_loss, 0.9, validation_loss, None if validation_loss is None else 0.8, layers, finite,
                    None if finite else ("overflow", 1, step), training_loss=training_loss, dead_for_all=np.zeros(2),
                    saturated_for_all=np.zeros(2))


def points(*losses: float) -> list[EpochEnd]:
    return [EpochEnd(i, state(25 * i, loss)) for i, loss in enumerate(losses, 1)]


def test_the_course_s_experiment_is_the_course_s():
    """Its data to the last bit of float32, its sizes; its split but for one thing: classes keep their shares."""
    x, y = make_classification(n_samples=1000, n_features=20, n_informative=15, n_redundant=5, random_state=42)
    x_train, x_validation, y_train, y_validation = train_test_split(x, y, test_size=0.2, random_state=42, stratify=y)
    data = report.SOURCE.data()
    assert np.array_equal(data.x_train, x_train.astype(np.float32))  # as they are, not standardised
    assert np.array_equal(data.x_validation, x_validation.astype(np.float32))
    assert np.array_equal(data.y_train[:, 0], y_train)
    assert np.array_equal(data.y_validation[:, 0], y_validation)
    assert report.SOURCE.sizes == (20, 64, 32, 1)
    assert (report.SOURCE.optimizer, report.SOURCE.learning_rate) == ("adam", 0.001)
    assert (report.SOURCE.epoch_steps, report.SOURCE.steps, report.SOURCE.epochs) == (25, 1250, 50)


def test_an_epoch_ends_where_the_last_batch_does():
    assert replace(report.SOURCE, samples=1010).epoch_steps == 26  # 808 examples, the last batch has 8
    assert replace(report.SOURCE, batch_size=None).epoch_steps == 1


def test_every_epoch_is_read_at_most_half_a_gap_from_its_end():
    found = by_epoch(report.SOURCE, HISTORIES[report.SOURCE])
    assert [point.epoch for point in found] == list(range(1, 51))
    assert max(abs(point.state.step - 25 * point.epoch) for point in found) <= 3
    short = by_epoch(report.TOO_FEW, HISTORIES[report.TOO_FEW])
    assert [point.epoch for point in short] == list(range(1, 51))
    assert max(abs(point.state.step - 5 * point.epoch) for point in short) <= 1


def test_an_epoch_that_is_under_way_does_not_count():
    history = [one for one in HISTORIES[report.SOURCE] if one.step <= 40]
    assert [point.epoch for point in by_epoch(report.SOURCE, history)] == [1]


@pytest.mark.parametrize("losses", [
    (0.5, 0.4, 0.3), (0.5, 0.4, 0.45, 0.46, 0.3), (0.3, 0.4, 0.5, 0.2, 0.2, 0.2, 0.2), (0.4, 0.4, 0.4),
    (0.5, 0.6, 0.4, 0.5, 0.6, 0.7)])
@pytest.mark.parametrize("patience", [1, 2, 3])
def test_it_stops_where_keras_stops(losses, patience):
    from keras.callbacks import EarlyStopping

    class Model:
        stop_training = False

        def get_weights(self):
            return []

    callback = EarlyStopping(monitor="val_loss", patience=patience)
    callback.set_model(Model())
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if callback.model.stop_training:
            break
    stop = early_stop(points(*losses), patience)
    assert (stop is not None) == callback.model.stop_training
    if stop is not None:
        assert stop.epoch == callback.stopped_epoch + 1  # Keras counts from 0
        assert stop.kept.epoch == callback.best_epoch + 1


def test_nothing_stops_without_validation_and_nan_is_no_improvement():
    assert early_stop([EpochEnd(i, state(i, None)) for i in range(9)], 1) is None
    assert early_stop(points(0.5, np.nan, np.nan, 0.1), 2).kept.epoch == 1
    assert report.best(points(np.nan, 0.5, 0.4, np.nan)).epoch == 3


@pytest.mark.parametrize(("history", "found"), [
    ([state(0, 0.7, 0.7)], ""),
    ([state(0, 0.7, 0.7), state(25, 0.7, 0.7)], ""),
    ([state(0, 0.7, 0.7), state(25, 0.3, 0.347), state(50, 0.35, 0.347)], ""),
    ([state(0, 0.7, 0.7), state(25, 0.3, 0.3), state(50, 0.36, 0.1)], "good"),
    ([state(0, 0.7, 0.7), state(25, 0.3, 0.3), state(50, 0.38, 0.1)], "overfitting"),
    ([state(0, 0.7, 0.7), state(25, 0.3, 0.6), state(50, 0.38, 0.6)], "overfitting"),
    ([state(0, None, 0.7), state(25, None, 0.3)], ""),
    ([state(0, 0.7, 0.7), state(25, 0.3, np.inf, finite=False)], ""),
])
def test_how_well_it_fits_follows_from_the_thresholds(history, found):
    """A guess has 0.693 here, so the thresholds are a training loss of 0.347 and a rise of 0.0693."""
    assert yardstick(report.SOURCE).guess == pytest.approx(np.log(2), abs=1e-4)
    verdict = kinds(report.SOURCE, history)[-1]
    assert fit(report.SOURCE, history, verdict) == found
    for word, _ in report.FITS.values():
        text = fit_sentences(report.SOURCE, history, 5)[-1]
        assert (f"**{word}.**" in text) == (report.FITS.get(found, ("",))[0] == word)


def test_no_run_is_called_healthy_and_ill_at_once():
    """What does not learn neither overfits nor fits well."""
    for spec in report.SHOWN:
        for moment, verdict in enumerate(kinds(spec, HISTORIES[spec])):
            assert verdict in HEALTHY or not fit(spec, HISTORIES[spec][:moment + 1], verdict)


def test_each_set_up_shows_what_its_name_says():
    verdicts = {spec: kinds(spec, HISTORIES[spec])[-1] for spec in report.SHOWN}
    fits = {spec: fit(spec, HISTORIES[spec], verdicts[spec]) for spec in report.SHOWN}
    assert verdicts == {report.SOURCE: "learned", report.TOO_SMALL: "learning", report.TOO_SHORT: "learning",
                        report.TOO_FEW: "learned"}
    assert fits == {report.SOURCE: "good", report.TOO_SMALL: "", report.TOO_SHORT: "", report.TOO_FEW: "overfitting"}
    for spec in (report.TOO_SMALL, report.TOO_SHORT):
        assert yardstick(spec).left(HISTORIES[spec][-1].training_loss) > report.MUCH
    too_small, too_short = ([one.training_loss for one in HISTORIES[spec]] for spec in (
        report.TOO_SMALL, report.TOO_SHORT))
    assert too_small[-1] > 0.95 * too_small[3 * len(too_small) // 4]  # has come to rest
    assert too_short[-1] < 0.95 * too_short[3 * len(too_short) // 4]  # is still falling
    last = HISTORIES[report.SOURCE][-1]
    assert last.accuracy == 1.0
    assert last.validation_accuracy > 0.93


def test_what_early_stopping_saves_is_said():
    """200 examples at a rate of 0.01: the best epoch is early, and what follows is for nothing."""
    history = HISTORIES[report.TOO_FEW]
    stop = early_stop(by_epoch(report.TOO_FEW, history), 5)
    assert stop.epoch == stop.kept.epoch + 5
    assert history[-1].validation_loss > 1.5 * stop.kept.state.validation_loss
    text = fit_sentences(report.TOO_FEW, history, 5)[-1]
    assert f"stops after epoch {stop.epoch} and keeps epoch {stop.kept.epoch}" in text
    assert f"{50 - stop.epoch} of 50 epochs saved." in text
    assert "has not stopped so far" in fit_sentences(report.TOO_SHORT, HISTORIES[report.TOO_SHORT], 5)[-1]
    assert fit_sentences(report.SOURCE, [], 5) == ()
