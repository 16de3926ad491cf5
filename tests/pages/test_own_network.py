"""My network as its visitors get it: three ways in, what is found, the charts of a record, the way to rebuild it."""

import json
from urllib.parse import parse_qsl

import pytest

from core import keras_code, records
from core.cases import history_of
from core.findings import KINDS, findings
from core.rebuild import expected, rebuild
from core.shipped import brought as examples
from core.spec import RunSpec
from core.theory import of_layers, predict
from pages.ui import ways_in
from tests.pages.reading import shows, texts

READ = {"record": records.read, "code": keras_code.read, "model": keras_code.read}
FOUND = {"record": "activation", "code": "output_activation", "model": "output_activation"}


def opened(visit, way):
    return visit("own_network", way=way)


@pytest.fixture
def example(visit):
    def tried(way):
        app = opened(visit, way)
        return app.button(key=f"example_{way}").click().run()

    return tried


@pytest.mark.parametrize("way", examples.EXAMPLES)
def test_each_way_in_opens_with_what_it_is_for(visit, way):
    app = opened(visit, way)
    assert not app.exception
    assert app.button(key=f"example_{way}")
    assert len(texts(app)) > 500


@pytest.mark.parametrize("way", examples.EXAMPLES)
def test_an_example_is_read_and_its_fault_is_found(example, way):
    app = example(way)
    assert not app.exception
    found = findings(READ[way](examples.read(way)))
    assert found[0].kind == FOUND[way]
    for one in found:
        assert f"**{KINDS[one.kind]}**" in texts(app)
        assert not one.fix or one.fix in [code.value for code in app.code]


def test_a_record_is_drawn_as_gradients_draws_a_run(example):
    app = example("record")
    assert shows(app, "Gradient, logarithmic axis", "Loss", "Accuracy, share of examples", "Kernel gradient by layer "
                 "and step", "Activations", "Saturated and dead, share of the layer",
                 "Last step / size of the kernel, logarithmic axis")
    record = records.read(examples.read("record"))
    rows = app.table[-1].value if app.table else None
    assert rows is not None
    assert list(rows["layer"]) == [part.name for part in record.network.layers]
    assert list(rows["on the charts"])[-1] == "output"


def test_the_numbers_of_a_record_stand_under_data(example):
    app = example("record")
    app.session_state["below_own_network"] = "Data"
    app.run()
    assert not app.exception
    assert "gradient" in app.button_group(key="table_own_network").options
    assert len(app.dataframe) == 1


def test_theory_of_a_record_is_that_of_its_layers():
    network = records.read(examples.read("record")).network
    found = expected(network)
    spec = RunSpec(dataset="moons", widths=(24,) * 8, activation="sigmoid")
    assert found.signal == pytest.approx(predict(spec).signal, rel=0.02)  # all examples as long as their mean square


@pytest.mark.parametrize(("activation", "initializer"), [("relu", "he_normal"), ("sigmoid", "glorot_uniform"),
                                                         ("tanh", "lecun_normal")])
def test_theory_of_layers_is_that_of_a_run_whose_examples_are_alike(activation, initializer):
    spec = RunSpec(dataset="circles", noise=0, widths=(16, 48, 24), activation=activation, initializer=initializer)
    x = spec.data().x_train
    found = of_layers(spec.sizes, spec.activations, initializer, float((x**2).mean()))
    assert found.signal == pytest.approx(predict(spec).signal, rel=0.1)  # one ring is twice as long as the other
    assert found.forward == pytest.approx(predict(spec).forward, rel=0.1)


@pytest.mark.parametrize("way", examples.EXAMPLES)
def test_it_is_rebuilt_on_gradients(example, way):
    app = example(way)
    spec, differences = rebuild(READ[way](examples.read(way)).network)
    links = [link.proto for link in app.get("page_link") if link.proto.page == "gradients"]
    assert dict(parse_qsl(links[0].query_string)) == spec.to_query()
    assert differences


@pytest.mark.parametrize(("code", "output", "units"), [
    ("Dense(1, activation='softmax')", "softmax", None), ("Dense(1, activation='relu')", "relu", None),
    ("Dense(2, activation='softmax')", "softmax", 2), ("Dense(1, activation='sigmoid')", None, None)])
def test_an_output_that_does_not_fit_is_rebuilt_as_it_is(code, output, units):
    text = ("from keras import Sequential\nfrom keras.layers import Dense, Input\n"
            f"model = Sequential([Input((2,)), Dense(8, activation='relu'), {code}])\n"
            "model.compile('adam', 'binary_crossentropy')")
    spec, _ = rebuild(keras_code.read(text).network)
    assert (spec.output, spec.output_units) == (output, units)


def test_a_wrong_file_gets_a_sentence(visit):
    app = opened(visit, "code")
    app.text_area(key="brought_code").input("import os\nos.remove('x')").run()
    app.button(key="read_code").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value


def test_what_a_stranger_named_is_shown_as_text(visit):
    app = opened(visit, "code")
    name = "![x](http://evil) :red[a] $y$ <b>"
    app.text_area(key="brought_code").input(
        f"from keras.layers import Dense\nfrom keras import Sequential\nm = Sequential([Dense(1, input_dim=3, "
        f"activation='softmax', name='{name}')])\nm.compile('sgd', 'binary_crossentropy')").run()
    app.button(key="read_code").click().run()
    assert not app.exception
    assert "![x](http" not in texts(app)


def test_a_record_of_one_layer_or_of_no_moment_is_drawn(visit):
    content = json.loads(examples.read("record"))
    last = len(content["rows"]) - 1
    content["network"]["layers"] = content["network"]["layers"][-1:]
    content |= {"rows": content["rows"][last:], "signals": content["signals"][last:], "parts": [0]}
    for moment in content["moments"]:
        moment["layers"] = {name: values[last:] for name, values in moment["layers"].items()}
    for text in (json.dumps(content), json.dumps(content | {"moments": []})):
        record = records.read(text)
        assert len(history_of(record)) == len(record.moments)
        app = opened(visit, "record")
        app.session_state["brought"] = {"record": ways_in._read("file", text, "record")}
        assert not app.run().exception
