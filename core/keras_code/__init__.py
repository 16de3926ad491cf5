"""Keras code and models, read without running them: pasted Python, the text of `model.to_json()`, a `.keras` file.

    reading = read(text)
    reading.network.layers[0].units, reading.network.loss
    reading.unread    # what could not be read: line, piece, a sentence

Old spellings are understood (`nb_epoch`, `init`, `Convolution2D`, …); defaults that are not written are Keras 3's. What
depends on something that only running the code would tell is None, and named among what could not be read.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.blueprint import Blueprint
from core.keras_code.arrays import Array, arithmetic, array_call, array_method, indexed
from core.keras_code.graph import (
    MAX_LAYERS,
    MAX_NESTED,
    Layers,
    Model,
    Tensor,
    as_input,
    between,
    flat,
    input_of,
    stated_shape,
)
from core.keras_code.layers import CLASSES, KINDS, MERGES, Shape, settled, shape_and_parameters
from core.keras_code.names import OPTIMIZERS, activation_name
from core.keras_code.python import Call, Class, Follower, Function, Instance, Named, Unknown, Unread, parse, whole
from core.keras_code.training import fitted_with, trained_with

MAX_JSON = 4_000_000  # characters of a model's configuration
MAX_FILE = 64_000_000  # bytes of a .keras file; of it only config.json is unpacked
MAX_ENTRIES = 2_000  # files in it
MAX_RATIO = 200  # how far config.json may be packed
CONFIG = "config.json"


@dataclass(frozen=True)
class Reading:
    """What was read. notes: what one should know of how it was read, a sentence each. unread: what could not be."""

    network: Blueprint
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()


def read(text: str) -> Reading:
    """The network of Python code that uses Keras, or of the text of `model.to_json()`.

    Raises:
        ValueError: there is none in it, or it is too long or no Python; the sentence says which.
    """
    if not isinstance(text, str):
        raise ValueError(f"The code must be a text. Received: {type(text).__name__}.")
    text = text.lstrip("\ufeff")
    if text.lstrip().startswith("{"):
        return _from_json(text)
    try:
        return _from_code(text)
    except (RecursionError, MemoryError):
        raise ValueError("The code is nested too deeply to be read.") from None


def read_model(data: bytes) -> Reading:
    """The network of a `.keras` file; of its entries only config.json is read, and metadata.json for the version.

    Raises:
        ValueError: it is no such file, too large, or packed too tightly; the sentence says which.
    """
    if len(data) > MAX_FILE:
        raise ValueError(f"A .keras file may be at most {MAX_FILE // 10**6} MB. Received: {len(data) / 1e6:.0f} MB.")
    if data[:8] == b"\x89HDF\r\n\x1a\n":
        raise ValueError("This is an HDF5 file (.h5). Save it in the format that is read here: "
                         'model.save("model.keras").')
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise ValueError(f"A .keras file may have at most {MAX_ENTRIES} entries. Received: {len(entries)}.")
            text = _entry(archive, CONFIG)
            if text is None:
                raise ValueError(f"A .keras file has an entry {CONFIG}. Received: an archive without one.")
            about = _json(_entry(archive, "metadata.json") or "{}")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, KeyError, OverflowError,
            UnicodeDecodeError, zipfile.LargeZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        said = str(error)[:80] or type(error).__name__
        raise ValueError(f"This is no .keras file that can be read ({said}).") from None
    version = about.get("keras_version", "") if isinstance(about, dict) else ""
    reading = _from_json(text)
    return replace(reading, network=replace(reading.network, keras=version[:20] if isinstance(version, str) else ""))


def _entry(archive: zipfile.ZipFile, name: str) -> str | None:
    """The text of an entry, sizes checked before and while it is unpacked."""
    found = [one for one in archive.infolist() if one.filename == name]
    if not found:
        return None
    size, packed = found[0].file_size, found[0].compress_size
    if size > MAX_JSON or size > MAX_RATIO * max(packed, 1) + 10_000:
        raise ValueError(f"{name} in the file may have at most {MAX_JSON // 10**6} MB, packed to no less than a "
                         f"{MAX_RATIO}th. Received: {size} bytes, packed to {packed}.")
    with archive.open(found[0]) as entry:
        text = entry.read(MAX_JSON + 1)
    if len(text) > MAX_JSON:
        raise ValueError(f"{name} in the file may have at most {MAX_JSON // 10**6} MB. Received: more.")
    return text.decode("utf-8")


# --- what code makes ------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Estimator:
    """A model in the clothes of scikit-learn: KerasClassifier and the like."""

    model: Any
    arguments: dict[str, Any]


_FROM_KERAS = {"Sequential": "keras.Sequential", "Model": "keras.Model", "Input": "keras.Input",
               "InputLayer": "keras.layers.InputLayer", "to_categorical": "keras.utils.to_categorical",
               "np_utils": "keras.utils.np_utils", "np": "numpy", "numpy": "numpy", "pd": "pandas",
               "tf": "tensorflow", "keras": "keras", "K": "keras.backend",
               "train_test_split": "sklearn.model_selection.train_test_split",
               **{name: f"keras.{name}" for name in ("layers", "models", "optimizers", "losses", "initializers",
                                                     "regularizers", "activations", "utils", "metrics",
                                                     "callbacks", "datasets")},
               **{name: f"keras.datasets.{name}" for name in ("mnist", "fashion_mnist", "cifar10", "cifar100", "imdb",
                                                              "boston_housing", "reuters")},
               **{name: f"sklearn.preprocessing.{name}" for name in ("StandardScaler", "MinMaxScaler")},
               **{name: f"keras.regularizers.{name}" for name in ("l1", "l2", "l1_l2")},
               **{name: f"keras.{name}" for name in ("KerasClassifier", "KerasRegressor")}}
_ROOTS = re.compile(r"^(tensorflow\.(compat\.v[12]\.|python\.|contrib\.|_api\.v2\.)?keras(\.(python\.keras|api|_impl))?"
                    r"|tf_keras(\.(src|api))?|keras\.(src|api|_tf_keras\.keras|_tf_keras))(?=\.|$)")


class KerasFollower(Follower):
    """Follows code and keeps the models that it makes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.models: list[Model] = []
        self.tensors: dict[int, Tensor] = {}  # of a layer, by its id: the last one it put out
        self.places = 0
        self.uses_keras = self.uses_torch = False

    # --- names ------------------------------------------------------------------------------------------------------

    def library_path(self, path: str) -> str:
        path = _ROOTS.sub("keras", path[:300])
        top = path.partition(".")[0]
        self.uses_keras |= top == "keras"
        self.uses_torch |= top == "torch"
        return path

    def library_name(self, name: str) -> Any:
        if name in _FROM_KERAS:
            return Named(_FROM_KERAS[name])
        if name in KINDS or name in CLASSES:
            return Named(f"keras.layers.{name}")
        return Named(f"keras.optimizers.{name}") if name in OPTIMIZERS else Unknown(name)

    def library_attribute(self, value: Any, name: str) -> Any:
        if isinstance(value, Model):
            return self._of_model(value, name)
        if isinstance(value, Call) and name in ("output", "input"):
            tensor = self.tensors.get(id(value))
            return Unknown(name) if tensor is None else tensor if name == "output" else tensor.parents[0] if (
                tensor.parents) else Unknown(name)
        if isinstance(value, Call) and name in value.kwargs:
            return value.kwargs[name]
        if isinstance(value, Tensor) and name == "shape":
            return Unknown(name) if value.shape is None else (None, *value.shape)
        if isinstance(value, Instance) and (model := self._subclassed(value)) is not None:
            return self._of_model(model, name)
        return array_method(value, name, None, {})

    def _of_model(self, model: Model, name: str) -> Any:
        if name == "layers":
            return list(model.layers) if model.inputs is None else [
                one.layer for one in between(model) if one.layer is not None]
        if name in ("output", "outputs", "input", "inputs"):
            if model.inputs is None:
                entry = self.tensor(None, (), None, stated_shape(model))
                model.outputs = [self.tensor(model, (entry,), model.line)]
                found = [entry] if name.startswith("input") else model.outputs
            else:
                found = model.inputs if name.startswith("input") else model.outputs
            return found[0] if len(found) == 1 and not name.endswith("s") else list(found)
        return Unknown(name)

    def tensor(self, layer: Any, parents: Sequence[Tensor], line: int | None, shape: Shape = None) -> Tensor:
        self.places += 1
        self.changes += 1
        if isinstance(layer, Call):
            name, arguments = settled(layer.last, layer.args, layer.kwargs)
            shape = shape_and_parameters(name, [one.shape for one in parents], arguments)[0]
        made = Tensor(layer, tuple(parents), shape, line, self.places)
        if layer is not None:
            self.tensors[id(layer)] = made
        return made

    def new_model(self, **what: Any) -> Model:
        self.changes += 1
        self.places += 1
        model = Model(**what, made=self.places)
        if len(self.models) >= MAX_LAYERS:
            raise ValueError(f"The code makes more than {MAX_LAYERS} models.")
        self.models.append(model)
        return model

    # --- calls ------------------------------------------------------------------------------------------------------

    def library_call(self, path: str, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        path = self.library_path(path)
        last = path.rpartition(".")[2]
        if path.startswith("keras"):
            made = self._keras_call(path, last, args, kwargs, node)
            if made is not None:
                return made
        if args and isinstance(args[0], Tensor) and activation_name(last) is not None:
            return self.tensor(Call("keras.layers.Activation", [last], {}, node.lineno), [args[0]], node.lineno)
        if any(isinstance(one, Tensor) for one in args):
            self.note(node, "An operation between layers that is not known here.")
            return self.tensor(Unknown(last), [one for one in args if isinstance(one, Tensor)], node.lineno)
        if last in ("KerasClassifier", "KerasRegressor"):
            return self._estimator(args, kwargs, node)
        if path.startswith("keras.backend.") and last in ("image_data_format", "image_dim_ordering"):
            return "channels_last" if last == "image_data_format" else "tf"
        found = array_call(path, args, kwargs)
        return Call(path, args, kwargs, node.lineno) if found is None else found

    def _keras_call(self, path: str, last: str, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        if last == "Sequential":
            return self._sequential(args, kwargs, node)
        if last in ("Model", "Functional") and "callbacks" not in path:
            return self._functional(args, kwargs, node)
        if last == "Input" or (last == "InputLayer" and "input_tensor" in kwargs):
            shape = input_of(*as_input(args, kwargs))
            return self.tensor(None, (), node.lineno, shape)
        if last in MERGES and ("layers" in path or path == f"keras.{last}") and args:
            layer = Call(f"keras.layers.{MERGES[last]}", [], {key: one for key, one in kwargs.items() if key != "mode"},
                         node.lineno)
            if last == "merge" and (mode := kwargs.get("mode")) in ("sum", "mul", "ave", "max"):
                modes = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}
                layer.path = f"keras.layers.{modes[mode]}"
            return self.library_called(layer, args[:1], {}, node)
        if ".applications." in path and last[:1].isupper():
            self.note(node, f"The layers of the ready-made model {last} are not in the code; it counts as one layer.")
            layer = Call(path, [], {"input_shape": kwargs.get("input_shape")}, node.lineno)
            return self.new_model(line=node.lineno, layers=[layer], nested=True)
        if last in ("load_model", "model_from_json", "model_from_yaml", "clone_model"):
            if last == "clone_model" and args and isinstance(args[0], Model):
                return args[0]
            self.note(node, "The model comes out of a file, which is not here.")
            return self.new_model(line=node.lineno, layers=[Unknown(last)])
        if last in ("KerasClassifier", "KerasRegressor"):
            return self._estimator(args, kwargs, node)
        return None

    def _sequential(self, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Model:
        layers = args[0] if args else kwargs.get("layers", [])
        model = self.new_model(line=node.lineno)
        if isinstance(layers, list | tuple):
            for layer in layers:
                self._add(model, layer, node)
        elif layers is not None and not isinstance(layers, str):
            self.note(node, "The layers are not known without running the code.")
            model.layers.append(Unknown("layers"))
        return model

    def _functional(self, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        given = [*args, *(kwargs.get(name) for name in ("inputs", "input", "outputs", "output") if name in kwargs)]
        sides = [[one for one in flat(side) if isinstance(one, Tensor)] for side in given[:2]]
        if len(sides) < 2 or not all(sides):
            self.note(node, "Inputs and outputs of this model are not known without running the code.")
            return self.new_model(line=node.lineno, inputs=[], outputs=sides[-1] if sides else [])
        return self.new_model(line=node.lineno, inputs=sides[0], outputs=sides[1])

    def _add(self, model: Model, layer: Any, node: ast.AST) -> None:
        self.changes += 1
        if len(model.layers) >= MAX_LAYERS:
            raise ValueError(f"A network may have at most {MAX_LAYERS} layers. This code makes more.")
        if isinstance(layer, Named):
            layer = Call(layer.path, [], {}, getattr(node, "lineno", None))
        if isinstance(layer, Tensor) and layer.layer is None:
            layer = Call("keras.layers.InputLayer", [], {"shape": layer.shape}, layer.line)
        if isinstance(layer, Instance) and (inner := self._subclassed(layer)) is not None:
            layer = inner
        if isinstance(layer, Model):
            layer.nested = True
        elif not isinstance(layer, Call):
            self.note(node, "This layer is not known without running the code; left out.")
            layer = Unknown(self.piece(node))
        model.layers.append(layer)

    def library_called(self, value: Any, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        given = args[0] if args else kwargs.get("inputs")
        parents = [one for one in flat(args if len(args) > 1 else given) if isinstance(one, Tensor)]
        if isinstance(value, Instance):
            member = self.inherited(value.kind, "call")
            if parents and isinstance(member, Function):
                return self.enter(Function(member.node, member.scope, value), args, kwargs, node)
            return Unknown(self.piece(node))
        if isinstance(value, Call | Model) and parents:
            if isinstance(value, Model):
                value.nested = True
            return self.tensor(value, parents, getattr(value, "line", None) or node.lineno)
        if parents:
            self.note(node, "This layer is not known without running the code.")
            return self.tensor(Unknown(self.piece(node)), parents, node.lineno)
        return Unknown(self.piece(node))

    def library_method(self, value: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        if isinstance(value, Instance) and name in ("compile", "fit", "build", "summary", "fit_generator"):
            value = self._subclassed(value)
        if isinstance(value, Estimator):
            if name in ("fit", "train") and isinstance(value.model, Model):
                self._fit(value.model, args, value.arguments | kwargs, node)
            return Unknown(self.piece(node))
        if isinstance(value, Model):
            return self._model_method(value, name, args, kwargs, node)
        if (isinstance(value, Call) and name == "set_weights") or isinstance(value, Tensor):
            return Unknown(self.piece(node))
        found = array_method(value, name, args, kwargs)
        return found if not isinstance(found, Unknown) else Unknown(self.piece(node))

    def _model_method(self, model: Model, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        if name == "add":
            self._add(model, args[0] if args else kwargs.get("layer"), node)
        elif name == "pop" and model.layers and model.inputs is None:
            return model.layers.pop()
        elif name == "compile":
            self._used(model)
            model.compiled = dict(zip(("optimizer", "loss"), args, strict=False)) | kwargs | {"line": node.lineno}
            lists = [one for one in args[2:] if isinstance(one, list | tuple)]
            if lists and "metrics" not in kwargs:
                model.compiled["metrics"] = lists[0]
        elif name in ("fit", "train"):
            self._fit(model, args, kwargs, node)
            return Unknown("history")
        elif name == "fit_generator":
            names = ("generator", "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data")
            self._fit(model, [], dict(zip(names, args, strict=False)) | kwargs, node)
        elif name == "train_on_batch":
            self._used(model)
            if model.fitted is None:
                model.fitted = {"line": node.lineno, "generator": Unknown("train_on_batch"), "epochs": None}
        elif name == "get_layer":
            wanted = args[0] if args else kwargs.get("name")
            return next((one for one in self._of_model(model, "layers") if isinstance(one, Call)
                         and isinstance(wanted, str) and one.kwargs.get("name") == wanted), Unknown(name))
        else:
            return Unknown(self.piece(node))
        return None

    def _used(self, model: Model) -> None:
        self.changes += 1
        self.places += 1
        model.used = self.places

    def _fit(self, model: Model, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> None:
        self._used(model)
        model.fits += 1
        model.fitted = dict(zip(("x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split",
                                 "validation_data"), args, strict=False)) | kwargs | {"line": node.lineno}

    def _subclassed(self, owner: Instance) -> Model | None:
        """The model that an object of a class of the code is, if that class is derived from keras.Model."""
        known = owner.names.get("__model__")
        if isinstance(known, Model):
            return known
        kind, above = owner.kind, None
        while isinstance(kind, Class):
            above = next((base for base in kind.bases if isinstance(base, Class | Named)), None)
            kind = above  # type: ignore[assignment]
        if isinstance(above, Named) and above.path.startswith("keras") and above.last in ("Model", "Sequential"):
            made = self.new_model(line=None, inputs=[], owner=owner)
            owner.names["__model__"] = made
            return made
        return None

    def _estimator(self, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        build = args[0] if args else kwargs.get("build_fn", kwargs.get("model"))
        own = {key.removeprefix("model__"): value for key, value in kwargs.items()}
        model = build if isinstance(build, Model) else None
        if isinstance(build, Function):
            names = {one.arg for one in (*build.node.args.args, *build.node.args.kwonlyargs)}
            model = self.enter(build, [], {key: value for key, value in own.items() if key in names}, node)
        asked = {key.removeprefix("fit__"): value for key, value in kwargs.items()
                 if key.removeprefix("fit__") in ("epochs", "nb_epoch", "batch_size", "validation_split")}
        if isinstance(model, Model) and model.compiled is None:
            model.compiled = {key: kwargs[key] for key in ("optimizer", "loss", "metrics") if key in kwargs} or None
        if isinstance(model, Model) and asked:
            self._fit(model, [Unknown("x"), Unknown("y")], asked, node)
        return Estimator(model, asked)

    # --- arrays and tensors -----------------------------------------------------------------------------------------

    def library_binary(self, kind: type, left: Any, right: Any, node: ast.AST) -> Any:
        tensors = [one for one in (left, right) if isinstance(one, Tensor)]
        if tensors:
            merges: dict[type, str] = {ast.Add: "Add", ast.Sub: "Subtract", ast.Mult: "Multiply"}
            merge = merges.get(kind)
            line = getattr(node, "lineno", None)
            if merge and len(tensors) == 2:
                return self.tensor(Call(f"keras.layers.{merge}", [], {}, line), tensors, line)
            self.note(node, "An operation between layers that is not known here.")
            return self.tensor(Unknown(self.piece(node)), tensors, line)
        found = arithmetic(kind, left, right)
        return Unknown(self.piece(node)) if found is None else found

    def library_index(self, value: Any, index: Any, node: ast.Subscript) -> Any:
        found = indexed(value, index)
        return Unknown(self.piece(node) if node is not None else "") if found is None else found

    def length(self, value: Any) -> Any:
        if isinstance(value, Array):
            size = value.shape[0] if value.shape else None
            return Unknown("len") if size is None else size
        return super().length(value)

    def _train_or_not(self, model: Model, value: Any, depth: int = 0) -> None:
        for layer in self._of_model(model, "layers"):
            self.steps += 1
            if isinstance(layer, Call):
                layer.kwargs["trainable"] = value
            elif isinstance(layer, Model) and depth < 2:
                self._train_or_not(layer, value, depth + 1)

    def bind(self, target: ast.AST, value: Any, scope: Any) -> None:
        if isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, Call):
                owner.kwargs[target.attr] = value
                return
            if isinstance(owner, Model) and target.attr == "trainable":
                self._train_or_not(owner, value)
                return
        super().bind(target, value, scope)


# --- code -----------------------------------------------------------------------------------------------------------


def _from_code(text: str) -> Reading:
    tree, text, left_out = parse(text)
    follower = KerasFollower(text)
    follower.unread += left_out
    follower.module(tree)
    if not any(model.used for model in follower.models):
        _enter_what_is_not_called(follower)
    model = _chosen(follower)
    network = _blueprint(follower, model)
    unread = sorted(follower.unread, key=lambda one: one.line)
    return Reading(network, tuple(unread), tuple(dict.fromkeys(follower.notes)))


def _enter_what_is_not_called(follower: KerasFollower) -> None:
    """Functions that nothing calls may build the network: each is gone through with its defaults."""
    had = len(follower.models)
    for name, value in list(follower.globals.names.items()):
        if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef | ast.AsyncFunctionDef):
            made = len(follower.models)
            follower.enter(value, [], {}, value.node)
            if len(follower.models) > made:
                follower.notes.append(f"Nothing here calls {name}(); it was read with its default arguments.")
        elif isinstance(value, Class) and len(follower.models) == had:
            _enter_class(follower, value)


def _enter_class(follower: KerasFollower, kind: Class) -> None:
    node = ast.Call(ast.Name(kind.name), [], [], lineno=0, col_offset=0)
    made = follower._made(kind, [], {}, node)
    if isinstance(made, Instance):
        follower._subclassed(made)
    for name, value in list(kind.names.items()):
        if isinstance(value, Function) and name.startswith(("build", "create", "make", "get", "_build", "define")):
            static = bool(getattr(value.node, "decorator_list", []))
            follower.enter(Function(value.node, value.scope, None if static else made), [], {}, node)


def _chosen(follower: KerasFollower) -> Model:
    """The model that is trained last; without any the last that is made and not part of another."""
    models = [model for model in follower.models if model.layers or model.inputs is not None]
    if not models:
        if follower.uses_torch and not follower.uses_keras:
            raise ValueError("This is PyTorch. What is read here is Keras: Sequential, functional, or model.add.")
        if follower.uses_keras:
            raise ValueError("The code uses Keras, but no network is made in it: no Sequential(…), no model.add(…), "
                             "no keras.Model(inputs, outputs).")
        raise ValueError("There is no Keras network in this text: no Sequential(…), no model.add(…), "
                         "no keras.Model(inputs, outputs).")
    used = [model for model in models if model.used]
    free = [model for model in models if not model.nested]
    model = max(used, key=lambda one: one.used) if used else (free or models)[-1]
    others = [one for one in (used if used else free) if one is not model]
    if others:
        how = "compiled or fitted last" if used else "made last"
        follower.notes.append(f"{len(others) + 1} models are in this code; the one {how} was read"
                              + (f" (line {model.line})." if model.line else "."))
    if model.fits > 1:
        follower.notes.append(f"The model is fitted {model.fits} times; the last is what was read.")
    return model


def _blueprint(follower: KerasFollower, model: Model) -> Blueprint:
    trained = trained_with(follower, model.compiled) if model.compiled is not None else {}
    fitted = fitted_with(follower, model.fitted) if model.fitted is not None else {}
    if fitted and model.fitted and model.fitted.get("show_accuracy") is True:
        trained = {"metrics": ("accuracy",), **{key: one for key, one in trained.items() if key != "metrics"}}
    if model.compiled is None and model.fitted is None:
        follower.notes.append("The network is neither compiled nor fitted with Keras's own compile and fit here; how "
                              "it is trained was not read.")
    given = fitted.get("x")
    data_shape = given.shape[1:] if given is not None and len(given.shape) > 1 else None
    if model.owner is not None:
        _call_own(follower, model, data_shape)
    layers = Layers(follower)
    stated = stated_shape(model)
    input_shape = stated if stated is not None else data_shape
    shapes: list[Shape] = [input_shape] if model.inputs is None else [one.shape for one in model.inputs]
    layers.model(model, shapes)
    return Blueprint(tuple(layers.parts), input_shape, layers.sequential, **trained, **fitted)


def _call_own(follower: KerasFollower, model: Model, shape: Shape) -> None:
    """A class derived from keras.Model: its `call` on one input, or the layers of its attributes."""
    assert model.owner is not None
    call = follower.inherited(model.owner.kind, "call")
    entry = follower.tensor(None, (), None, shape)
    result = None
    if isinstance(call, Function):
        result = follower.enter(Function(call.node, call.scope, model.owner), [entry], {}, call.node)
    outputs = [one for one in flat(result) if isinstance(one, Tensor)]
    if outputs:
        model.inputs, model.outputs = [entry], outputs
        return
    follower.note(model.line, "How the layers of this class follow each other is not known; they stand as it makes "
                              "them.", model.owner.kind.name)
    model.inputs = None
    model.layers = [one for one in model.owner.names.values() if isinstance(one, Call) and _is_layer(one)]


def _is_layer(call: Call) -> bool:
    return call.path.startswith("keras") and (call.last in KINDS or call.last in CLASSES)


# --- configurations -------------------------------------------------------------------------------------------------


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"This begins like a model's JSON but is none ({str(error)[:80]}).") from None


def _from_json(text: str) -> Reading:
    if len(text) > MAX_JSON:
        raise ValueError(f"A model's JSON may be at most {MAX_JSON} characters long. Received: {len(text)}.")
    whole_config = _json(text)
    if not isinstance(whole_config, dict) or not isinstance(whole_config.get("config"), dict | list):
        raise ValueError("A model's JSON has class_name and config, as model.to_json() writes them. "
                         "Received: something else.")
    follower = KerasFollower("")
    try:
        model = _model_of(follower, whole_config, 0)
        if model is None:
            raise ValueError("A model's JSON is of a Sequential or a functional model. "
                             f"Received: {str(whole_config.get('class_name'))[:60]}.")
        compiled = whole_config.get("compile_config")
        if isinstance(compiled, dict):
            model.compiled = {key: _value_of(one) for key, one in compiled.items()}
        layers = _blueprint(follower, model)
    except (RecursionError, MemoryError):
        raise ValueError("The model's JSON is nested too deeply to be read.") from None
    if not layers.layers:
        raise ValueError("The model's JSON has no layers that can be read.")
    if layers.numbers:  # stored as float32: 0.10000000149 is 0.1
        layers = replace(layers, numbers={key: float(f"{one:.7g}") for key, one in layers.numbers.items()})
    return Reading(layers, tuple(follower.unread), tuple(dict.fromkeys(follower.notes)))


def _value_of(value: Any, depth: int = 0) -> Any:
    """A configuration's value as code would have made it: {"class_name": …, "config": …} is a call."""
    if depth > 20:
        return Unknown()
    if isinstance(value, list):
        return [_value_of(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    name, config = value.get("class_name"), value.get("config")
    if isinstance(name, str) and isinstance(config, dict) and name != "__keras_tensor__":
        return Call(f"keras.{name[:100]}", [], {key: _value_of(one, depth + 1) for key, one in config.items()})
    if isinstance(name, str) and isinstance(config, str):  # a function by its name
        return config
    return {key: _value_of(one, depth + 1) for key, one in value.items() if isinstance(key, str)}


def _model_of(follower: KerasFollower, entry: dict[str, Any], depth: int) -> Model | None:
    """The model of a configuration; None if it is none."""
    name, config = entry.get("class_name"), entry.get("config")
    if depth > MAX_NESTED:
        raise ValueError(f"Models may be nested at most {MAX_NESTED} deep. This one nests them deeper.")
    listed = config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
    if name not in ("Sequential", "Functional", "Model") or not isinstance(listed, list):
        return None
    if len(listed) > MAX_LAYERS:
        raise ValueError(f"A network may have at most {MAX_LAYERS} layers. This one has {len(listed)}.")
    made = [(one, _layer_of(follower, one, depth)) for one in listed if isinstance(one, dict)]
    if name == "Sequential":
        return Model(layers=[layer for _, layer in made])
    return _functional_of(follower, made, config)


def _layer_of(follower: KerasFollower, entry: dict[str, Any], depth: int) -> Any:
    return _model_of(follower, entry, depth + 1) or _value_of(
        {"class_name": entry.get("class_name"), "config": entry.get("config")})


def _functional_of(follower: KerasFollower, made: list[tuple[dict[str, Any], Any]], config: Any) -> Model:
    tensors: dict[str, Tensor] = {}
    for entry, layer in made:
        own = entry.get("config")
        name = str(entry.get("name") or (own.get("name") if isinstance(own, dict) else ""))
        parents = [tensors[one] for one in _feeding(entry.get("inbound_nodes")) if one in tensors]
        if entry.get("class_name") == "InputLayer" and isinstance(layer, Call):
            tensors[name] = follower.tensor(None, (), None, input_of("InputLayer", layer.kwargs))
        else:
            tensors[name] = follower.tensor(layer, parents, None)
    ends = [[tensors[one] for one in _ends(config.get(key) if isinstance(config, dict) else None) if one in tensors]
            for key in ("input_layers", "output_layers")]
    if not ends[1] and tensors:
        ends[1] = [list(tensors.values())[-1]]
    return Model(inputs=ends[0], outputs=ends[1])


def _feeding(nodes: Any) -> list[str]:
    """The names of the layers that feed a layer, in the format of Keras 3 (keras_history) or of Keras 2."""
    found: list[str] = []
    waiting = [(nodes, 0)]
    while waiting and len(found) < MAX_LAYERS:
        one, depth = waiting.pop()
        if depth > 12:
            continue
        if isinstance(one, dict):
            history = one.get("keras_history")
            if isinstance(history, list) and history and isinstance(history[0], str):
                found.append(history[0])
            else:
                waiting += [(inner, depth + 1) for inner in reversed(list(one.values()))]
        elif isinstance(one, list):
            if len(one) in (3, 4) and isinstance(one[0], str) and whole(one[1]):
                found.append(one[0])
            else:
                waiting += [(inner, depth + 1) for inner in reversed(one)]
    return found


def _ends(value: Any) -> list[str]:
    """["dense", 0, 0] and [["dense", 0, 0], …] alike."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [value[0]]
    if isinstance(value, dict):
        value = list(value.values())
    return [one[0] for one in value if isinstance(one, list) and one and isinstance(one[0], str)] if isinstance(
        value, list) else []
