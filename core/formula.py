"""A loss that somebody types: a formula of y_true and y_pred, read into a small tree and never run as code.

    expression = term {("+" | "-") term}        factor = {"+" | "-"} power
    term       = factor {("*" | "/") factor}    power  = atom ["**" number]
    atom       = number | y_true | y_pred | function "(" expression {"," expression} ")" | "(" expression ")"

and `where(condition, a, b)`, whose condition compares two expressions. An operation has one name in this table, in
NumPy and in keras.ops, so the same tree is evaluated on arrays and on tensors. `mean` is over the whole batch.

Python's own grammar (`ast.parse`) was tried: its tree keeps no brackets and no places of signs, its errors point
elsewhere (in `abs(2 y_pred)` at the 2) and it allows more (`1_0`, `a if b else c`, `*a`), so which piece may follow
which had to be checked before it all the same, and a tenth of the lines was saved.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np

MAX_LENGTH = 250  # characters, as typed and as written out with all its spaces
MAX_DEPTH = 24  # of the tree, and of brackets and signs in each other
LARGEST = 1e6  # number that may be typed
NAMES = {"y_true": "y", "y_pred": r"\hat y"}  # with their LaTeX

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)  # how tightly a piece of formula holds together
Pull = Callable[..., tuple[Any, ...]]  # (dL/d output, output, *inputs) -> dL/d each input, None where there is no slope


@dataclass(frozen=True)
class Written:
    """How an operation is written, how tightly that holds together, and what its inputs have to be for no brackets."""

    template: str
    binds: int = ATOM
    inputs: tuple[int, ...] = ()  # those left out never need any


@dataclass(frozen=True)
class Operation:
    """An operation of a formula: how many inputs, the slope it passes back, and how it is written.

    text: as it is typed; None for a function, `name(a, b)`.
    """

    inputs: int
    pull: Pull
    latex: Written
    text: Written | None = None


def _compared(sign: str, latex: str) -> Operation:
    return Operation(2, lambda g, out, a, b: (None, None), Written(f"{{0}} {latex} {{1}}", 0),
                     Written(f"{{0}} {sign} {{1}}", 0))


OPERATIONS: dict[str, Operation] = {
    "add": Operation(2, lambda g, out, a, b: (g, g), Written("{0} + {1}", SUM, (SUM, PRODUCT)),
                     Written("{0} + {1}", SUM, (SUM, PRODUCT))),
    "subtract": Operation(2, lambda g, out, a, b: (g, -g), Written("{0} - {1}", SUM, (SUM, PRODUCT)),
                          Written("{0} - {1}", SUM, (SUM, PRODUCT))),
    "multiply": Operation(2, lambda g, out, a, b: (g * b, g * a), Written(r"{0} \cdot {1}", PRODUCT, (PRODUCT, SIGN)),
                          Written("{0} * {1}", PRODUCT, (PRODUCT, SIGN))),
    "divide": Operation(2, lambda g, out, a, b: (g / b, g * (-a / b / b)), Written(r"\frac{{{0}}}{{{1}}}", SIGN),
                        Written("{0} / {1}", PRODUCT, (PRODUCT, SIGN))),
    "negative": Operation(1, lambda g, out, a: (-g,), Written("-{0}", SUM, (PRODUCT,)),
                          Written("-{0}", SIGN, (SIGN,))),
    "power": Operation(2, lambda g, out, a, b: (g * b * np.power(a, b - 1), None),
                       Written("{0}^{{{1}}}", POWER, (ATOM,)), Written("{0} ** {1}", POWER, (ATOM, SIGN))),
    "abs": Operation(1, lambda g, out, a: (g * np.sign(a),), Written(r"\left| {0} \right|")),
    "exp": Operation(1, lambda g, out, a: (g * out,), Written(r"\exp\left({0}\right)")),
    "log": Operation(1, lambda g, out, a: (g / a,), Written(r"\ln\left({0}\right)")),
    "sqrt": Operation(1, lambda g, out, a: (np.where(g == 0, 0, 0.5 * g / out),), Written(r"\sqrt{{{0}}}")),
    "square": Operation(1, lambda g, out, a: (2 * g * a,), Written("{0}^2", POWER, (ATOM,))),
    "tanh": Operation(1, lambda g, out, a: (g * (1 - out * out),), Written(r"\tanh\left({0}\right)")),
    "maximum": Operation(2, lambda g, out, a, b: (np.where(a >= b, g, 0), np.where(a >= b, 0, g)),
                         Written(r"\max\left({0},\, {1}\right)")),
    "minimum": Operation(2, lambda g, out, a, b: (np.where(a <= b, g, 0), np.where(a <= b, 0, g)),
                         Written(r"\min\left({0},\, {1}\right)")),
    "where": Operation(3, lambda g, out, c, a, b: (None, np.where(c, g, 0), np.where(c, 0, g)), Written(
        r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}", SUM)),
    "mean": Operation(1, lambda g, out, a: (g * (out.size / np.size(a)) * np.ones_like(a),),
                      Written(r"\operatorname{{mean}}\left({0}\right)")),
    "less": _compared("<", "<"),
    "less_equal": _compared("<=", r"\le"),
    "greater": _compared(">", ">"),
    "greater_equal": _compared(">=", r"\ge"),
    "equal": _compared("==", "="),
    "not_equal": _compared("!=", r"\ne"),
}
FUNCTIONS = tuple(name for name, one in OPERATIONS.items() if one.text is None)
_SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal",
                "!=": "not_equal"}
_ELSEWHERE = {"reduce_mean": "mean", "pow": "**", "power": "**", "max": "maximum", "min": "minimum", "ln": "log",
              "absolute": "abs", "fabs": "abs", "y": "y_true", "p": "y_pred", "yhat": "y_pred", "y_hat": "y_pred"}


class FormulaError(ValueError):
    """What is wrong with a formula, and where: `position` counts characters from 1."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(f"at position {position}: {what}")
        self.position = position


# --- the tree -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Literal:
    value: float


@dataclass(frozen=True)
class Variable:
    name: str  # y_true or y_pred


@dataclass(frozen=True)
class Call:
    name: str  # of the operation
    inputs: tuple[Node, ...]


Node = Literal | Variable | Call


@dataclass(frozen=True)
class Formula:
    """A formula that has been understood. The loss is the mean of its values over the batch and its outputs.

    Arrays have the shape (..., batch, outputs): each pair of the last two axes is a batch of its own.
    """

    tree: Node

    @property
    def text(self) -> str:
        """As somebody might type it; formulas that differ in spaces and brackets alone have the same text."""
        return _render(self.tree, _text_name, _text)[0]

    @property
    def latex(self) -> str:
        return _render(self.tree, NAMES.__getitem__, _latex)[0]

    @property
    def keras_code(self) -> str:
        """Python source of the loss of a batch, a scalar, with the functions of `keras.ops`."""
        body = _render(self.tree, _text_name, _code)[0]
        return body if isinstance(self.tree, Call) and self.tree.name == "mean" else f"keras.ops.mean({body})"

    def reads(self, name: str) -> bool:
        """Whether y_true or y_pred stands in it anywhere."""
        return _has(self.tree, name, through_conditions=True)

    def values(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """The formula's values, in the shape of p; what is not defined is NaN or infinite."""
        with np.errstate(all="ignore"):
            return np.broadcast_to(_evaluate(self.tree, {"y_true": y, "y_pred": p}, np, {}), p.shape)

    def value(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """The loss of each batch, shape (...)."""
        with np.errstate(all="ignore"):
            return self.values(y, p).mean(axis=(-2, -1))

    def slope(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """dL/dŷ in the shape of p, by back-propagation through the tree; at a kink what TensorFlow gives."""
        found: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            _evaluate(self.tree, {"y_true": y, "y_pred": p}, np, found)
            total = np.zeros_like(p)
            for g in _pulled(self.tree, np.full_like(p, 1 / (p.shape[-1] * p.shape[-2])), found):
                total = total + g
            return total

    def tensor(self, y: Any, p: Any) -> Any:
        """The loss of a batch as a TensorFlow scalar. Imports Keras."""
        from keras import ops

        return ops.mean(_evaluate(self.tree, {"y_true": y, "y_pred": p}, ops, {}))

    def breaks_at(self, y: np.ndarray, p: np.ndarray) -> str:
        """The innermost piece, as text, that makes of finite numbers one that is not finite; empty if none does."""
        found: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            _evaluate(self.tree, {"y_true": y, "y_pred": p}, np, found)
        for node in _inner_first(self.tree):
            if not np.isfinite(found[id(node)]).all():
                return Formula(node).text
        return ""


def _inner_first(node: Node) -> Iterator[Node]:
    if isinstance(node, Call):
        for one in node.inputs:
            yield from _inner_first(one)
    yield node


def _evaluate(node: Node, given: Mapping[str, Any], module: Any, found: dict[int, Any]) -> Any:
    """The node's value by the module's functions; `found` gets that of every node, by its id."""
    if isinstance(node, Literal):
        value = np.float64(node.value) if module is np else node.value
    elif isinstance(node, Variable):
        value = given[node.name]
    else:
        inputs = [_evaluate(one, given, module, found) for one in node.inputs]
        axes = {"axis": (-2, -1), "keepdims": True} if node.name == "mean" else {}
        value = getattr(module, node.name)(*inputs, **axes)
    found[id(node)] = value
    return value


def _pulled(node: Node, g: Any, found: Mapping[int, Any]) -> Iterator[np.ndarray]:
    """What arrives at each y_pred in the tree, of dL/d(the node's value) = g."""
    shape = np.shape(found[id(node)])
    if np.shape(g) != shape:  # the value was spread over a batch: its slopes add up
        g = np.sum(g, axis=(-2, -1), keepdims=True) if shape else np.sum(g)
    if isinstance(node, Variable) and node.name == "y_pred":
        yield g
    if isinstance(node, Call):
        pulls = OPERATIONS[node.name].pull(g, found[id(node)], *(found[id(one)] for one in node.inputs))
        for one, pull in zip(node.inputs, pulls, strict=True):
            if pull is not None and _has(one, "y_pred"):
                yield from _pulled(one, pull, found)


def _has(node: Node, name: str, through_conditions: bool = False) -> bool:
    """Whether the name stands in the tree, by default where a slope can reach it."""
    if isinstance(node, Call):
        first = int(node.name == "where" and not through_conditions)
        return any(_has(one, name, through_conditions) for one in node.inputs[first:])
    return isinstance(node, Variable) and node.name == name


# --- writing it -----------------------------------------------------------------------------------------------------


def _text_name(name: str) -> str:
    return name


def _text(node: Literal | Call) -> str | Written:
    if isinstance(node, Literal):
        return f"{int(node.value)}" if node.value.is_integer() else repr(node.value)
    return OPERATIONS[node.name].text or _called(node.name, len(node.inputs))


def _code(node: Literal | Call) -> str | Written:
    if isinstance(node, Literal):
        return repr(node.value)
    return OPERATIONS[node.name].text or _called(f"keras.ops.{node.name}", len(node.inputs))


def _latex(node: Literal | Call) -> str | Written:
    if isinstance(node, Call):
        return OPERATIONS[node.name].latex
    mantissa, _, exponent = f"{node.value:.12g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _called(name: str, inputs: int) -> Written:
    return Written(f"{name}({', '.join(f'{{{i}}}' for i in range(inputs))})")


def _render(node: Node, named: Callable[[str], str], written: Callable[[Any], str | Written]) -> tuple[str, int]:
    """The node in a way of writing, and how tightly it holds together."""
    if isinstance(node, Variable):
        return named(node.name), ATOM
    style = written(node)
    if isinstance(style, str):
        return style, ATOM
    assert isinstance(node, Call)
    pieces = []
    for one, needed in zip(node.inputs, (*style.inputs, 0, 0, 0), strict=False):
        piece, binds = _render(one, named, written)
        bracketed = rf"\left({piece}\right)" if written is _latex else f"({piece})"
        pieces.append(piece if binds >= needed else bracketed)
    return style.template.format(*pieces), style.binds


# --- reading it -----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
                    r"|(?P<name>[A-Za-z_][A-Za-z_0-9.]*)|(?P<sign>\*\*|<=|>=|==|!=|[-+*/(),<>]))")
_HINTS = {"^": "A power is written **.", "=": "Equal is written ==, and a loss needs no =.",
          "−": "Write a minus as -.", "·": "Write times as *.", "×": "Write times as *."}


@dataclass(frozen=True)
class _Token:
    what: str  # number, name, sign or end
    text: str
    position: int

    @property
    def shown(self) -> str:
        return "the end" if self.what == "end" else f"{self.text[:30]!r}"


@lru_cache(maxsize=512)
def parse(text: str) -> Formula:
    """The formula that the text says.

    Raises:
        FormulaError: a ValueError with the position of what is not understood, too long, too deep or too large, or of
            a formula from which no slope with respect to y_pred can follow.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(MAX_LENGTH + 1, f"a formula has at most {MAX_LENGTH} characters, this one {len(text)}.")
    if not text.strip():
        raise FormulaError(1, "type a formula of y_true and y_pred, such as mean(square(y_true - y_pred)).")
    reader = _Reader(_tokens(text))
    tree = reader.expression()
    reader.end()
    if not _has(tree, "y_pred"):
        if _has(tree, "y_pred", through_conditions=True):
            raise FormulaError(1, "y_pred stands in a comparison only. A step has slope 0 on both sides, so nothing "
                                  "says in which direction to go.")
        of = "depends on y_true alone" if _has(tree, "y_true", True) else "is the same number whatever happens"
        raise FormulaError(1, f"the formula {of}; without y_pred its slope is 0 and no weight would ever change.")
    formula = Formula(tree)
    if len(formula.text) > MAX_LENGTH:
        raise FormulaError(len(text) + 1, f"written out it has more than {MAX_LENGTH} characters.")
    return formula


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise FormulaError(at + 1, f"{text[at]!r} is not understood. {_HINTS.get(text[at], '')}".strip())
        what = str(match.lastgroup)
        tokens.append(_Token(what, match[what], match.start(what) + 1))
        at = match.end()
    return [*tokens, _Token("end", "", len(text.rstrip()) + 1)]


class _Reader:
    """Reads tokens from left to right, a method for each line of the grammar."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens, self._next, self._inside = tokens, 0, 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += token.what != "end"
        return token

    def _sign(self, *signs: str) -> str | None:
        """The next token if it is one of these signs, taken; else None."""
        if self._token.what == "sign" and self._token.text in signs:
            return self._take().text
        return None

    def _need(self, sign: str, why: str) -> None:
        if not self._sign(sign):
            self._fail(self._token, f"{sign!r} is missing {why}, here stands {self._token.shown}.")

    @staticmethod
    def _fail(token: _Token, what: str) -> NoReturn:
        raise FormulaError(token.position, what)

    def _build(self, token: _Token, name: str, *inputs: Node) -> Node:
        if name == "mean" and not any(_has(inputs[0], one, True) for one in NAMES):
            return inputs[0]  # of a number: itself
        node = Call(name, inputs)
        if _depth(node) > MAX_DEPTH:
            self._fail(token, f"the formula is nested more than {MAX_DEPTH} deep.")
        return node

    def end(self) -> None:
        if self._token.text in _COMPARISONS:
            self._fail(self._token, "a comparison may only be the first thing in where(condition, a, b).")
        if self._token.what != "end":
            self._fail(self._token, f"{self._token.shown} follows where an operation like + or * was expected.")

    def expression(self) -> Node:
        node = self._term()
        while (token := self._token) and (sign := self._sign("+", "-")):
            node = self._build(token, _SIGNS[sign], node, self._term())
        return node

    def _term(self) -> Node:
        node = self._factor()
        while (token := self._token) and (sign := self._sign("*", "/")):
            node = self._build(token, _SIGNS[sign], node, self._factor())
        return node

    def _factor(self) -> Node:
        token = self._token
        sign = self._sign("+", "-")
        if sign is None:
            return self._power()
        inner = self._deeper(token, self._factor)
        return inner if sign == "+" else self._build(token, "negative", inner)

    def _power(self) -> Node:
        base, token = self._atom(), self._token
        if not self._sign("**"):
            return base
        minus = self._sign("-")
        exponent = self._token
        if exponent.what != "number":
            self._fail(exponent, f"the exponent after ** has to be a number, here stands {exponent.shown}.")
        number = self._number(self._take())
        return self._build(token, "power", base, Literal(-number.value if minus else number.value))

    def _atom(self) -> Node:
        token = self._take()
        if token.what == "number":
            return self._number(token)
        if token.what == "name":
            return self._named(token)
        if token.text != "(":
            self._fail(token, f"a number, y_true, y_pred, a function or '(' was expected, here stands {token.shown}.")
        node = self._deeper(token, self.expression)
        self._need(")", f"to close '(' at position {token.position}")
        return node

    def _number(self, token: _Token) -> Literal:
        value = float(token.text)
        if not value <= LARGEST:
            self._fail(token, f"{token.shown} is too large; numbers go up to {LARGEST:g}.")
        return Literal(value)

    def _named(self, token: _Token) -> Node:
        called = self._token.text == "("
        if token.text in NAMES and not called:
            return Variable(token.text)
        if token.text not in FUNCTIONS or not called:
            self._fail(token, _unknown(token, called))
        opened = self._take()
        inputs = [self._deeper(opened, self._condition if token.text == "where" else self.expression)]
        while self._sign(","):
            inputs.append(self._deeper(opened, self.expression))
        self._need(")", f"to close {token.text}( at position {token.position}")
        needed = OPERATIONS[token.text].inputs
        if len(inputs) != needed:
            self._fail(token, f"{token.text} takes {needed} input{'s' * (needed > 1)}, here are {len(inputs)}.")
        return self._build(token, token.text, *inputs)

    def _condition(self) -> Node:
        left, token = self.expression(), self._token
        sign = self._sign(*_COMPARISONS)
        if sign is None:
            self._fail(token, "where(condition, a, b) begins with a comparison such as y_pred > 0, "
                              f"here stands {token.shown}.")
        return self._build(token, _COMPARISONS[sign], left, self.expression())

    def _deeper(self, token: _Token, read: Callable[[], Node]) -> Node:
        self._inside += 1
        if self._inside > MAX_DEPTH:
            self._fail(token, f"the formula is nested more than {MAX_DEPTH} deep.")
        node = read()
        self._inside -= 1
        return node


def _depth(node: Node) -> int:
    return 1 + max(map(_depth, node.inputs)) if isinstance(node, Call) else 1


def _unknown(token: _Token, called: bool) -> str:
    if token.text in NAMES:
        return f"{token.text} is not a function; write * for times."
    if token.text in FUNCTIONS:
        return f"{token.text} is a function: {token.text}(...)."
    last = token.text.rpartition(".")[2].lower()
    known = [*FUNCTIONS, *NAMES]
    meant = last if last in known else _ELSEWHERE.get(last) or next(
        iter(difflib.get_close_matches(last, FUNCTIONS if called else known, n=1)), "")
    return f"{token.shown} is not known here{f'; write {meant}' if meant else ''}."
