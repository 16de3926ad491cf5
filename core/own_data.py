"""Somebody's own table: CSV or TSV as bytes, read, checked, and made into a data set like any other.

    table = read(content)                       # a DataError says what is wrong with the file
    choice = table.usual                        # the target column, and whether it is classes or numbers
    prepared = prepare(table, choice)           # examples, and a sentence for everything done to them
    fingerprint = give(prepared)                # RunSpec(dataset="own", table=fingerprint) learns from it

What is done to it, in this order. Of more than MOST_ROWS rows so many are taken, evenly. Rows without a target are
dropped. A column is numbers where nearly all of it can be read as numbers (the rest counts as missing), else text.
Missing numbers become the mean of their column. Text becomes a column of 0 and 1 for each of its commonest values; text
that is different in nearly every row is left out. Of more than MOST_FEATURES columns so many are taken, evenly.

When a table is dropped, runs on it and pictures of them go, too. What stays for a while, in caches of at most some
dozen results that others replace: numbers that theory, yardsticks and single pages have computed from it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

import numpy as np
import pandas as pd

from core.datasets import OWN, Dataset, Given, Task, give_examples
from core.kept import Kept
from core.words import count

Kind = Literal["classes", "numbers"]

MOST_BYTES = 5_000_000
MOST_ROWS, LEAST_ROWS = 2000, 20
MOST_COLUMNS = 500  # of a file
MOST_FEATURES = 64  # that are learned from
MOST_CLASSES = 20
FEW_VALUES = 10  # whole numbers of no more different values are taken for classes
MOST_CATEGORIES = 12  # of a text column; the others are one more
NUMBERS = 0.9  # of the entries that are there can be read as numbers: then the column is numbers
LARGEST = 1e30  # beyond it a number counts as missing: its square is more than float32 can hold
LONGEST_NAME = 30
SEPARATORS = ("\t", ";", ",")
TARGETS = ("target", "label", "class", "y")
NOTHING = ("", "na", "n/a", "nan", "null", "none", "?", "-", ".")
SIGNS = " _-.,:/%()+²³°"  # in names, beside letters and digits: no quotes, no marks of Markdown or of a formula

# With what core.datasets keeps: 50 MB, and 20 files.
TABLES: Kept[Table] = Kept(20, 36e6, 7200.0)


class DataError(ValueError):
    """What is wrong with a file or a choice, as a sentence."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column: `numbers` float64 (rows,), NaN where missing; or `codes` (rows,), −1 where missing, and `labels`."""

    name: str
    numbers: np.ndarray | None
    codes: np.ndarray
    labels: tuple[str, ...]

    @property
    def missing(self) -> np.ndarray:
        """Which rows have no value, (rows,)."""
        return self.codes < 0 if self.numbers is None else np.isnan(self.numbers)


@dataclass(frozen=True)
class Choice:
    """Which column is to be predicted, counted from 0, and as what."""

    target: int
    kind: Kind


@dataclass(frozen=True, eq=False)
class Table:
    """A file that was read. digest: SHA-256 of its content; rows_read: how many there were; notes: what was done."""

    columns: tuple[Column, ...]
    digest: str
    rows: int
    rows_read: int
    notes: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def usual(self) -> Choice:
        """The column named target, label, class or y, else the last; as what it looks like."""
        lowered = [name.lower() for name in self.names]
        target = next((lowered.index(name) for name in TARGETS if name in lowered), len(lowered) - 1)
        return Choice(target, self.looks_like(target))

    def looks_like(self, target: int) -> Kind:
        """Text, or few different whole numbers, are classes."""
        numbers = self.columns[target].numbers
        if numbers is None:
            return "classes"
        values = np.unique(numbers[~np.isnan(numbers)])
        return "classes" if len(values) <= FEW_VALUES and (values == values.round()).all() else "numbers"

    @property
    def bytes(self) -> int:
        return sum((0 if one.numbers is None else one.numbers.nbytes) + one.codes.nbytes + 80 * len(one.labels) + 200
                   for one in self.columns)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table as examples: x (rows, features), y (rows, outputs), float32; sentences: what was done to it."""

    fingerprint: str
    dataset: Dataset
    x: np.ndarray
    y: np.ndarray
    sentences: tuple[str, ...]


# --- a file ---------------------------------------------------------------------------------------------------------


def read(content: bytes) -> Table:
    """The table of a CSV or TSV file: commas, semicolons or tabs, decimal points or commas, with or without a header.

    Raises:
        DataError: what is wrong with the file.
    """
    text = _text(content).replace("\r\n", "\n").replace("\r", "\n")
    try:
        separator = _separator(text)
        widths = [len(row) for row in _rows(text, separator)]
    except csv.Error as error:
        raise DataError(f"The file cannot be read as a table: {error}. Is a quotation mark left open?") from None
    width = max(set(widths[:100]), key=widths[:100].count)
    if width > MOST_COLUMNS:
        raise DataError(f"A table must have at most {MOST_COLUMNS} columns. Received: {width}.")
    whole = sum(one == width for one in widths)
    table = (row for row in _rows(text, separator) if len(row) == width)
    first = next(table)
    header = _is_header(first)
    total = whole - header
    if total < LEAST_ROWS:
        raise DataError(f"A table must have at least {LEAST_ROWS} rows with all of its {width} columns. "
                        f"Received: {total}.")
    wanted = _evenly(total)
    kept = [row for place, row in enumerate(table if header else _with(first, table)) if place in wanted]
    names = _names(first if header else [""] * width)
    columns = tuple(_column(name, list(entries)) for name, entries in zip(names, zip(*kept, strict=True), strict=True))
    notes = [] if header else ["The first row is numbers, so the columns have no names of their own."]
    if len(widths) > whole:
        notes.append(f"Left out: {count(len(widths) - whole, 'row')} with another number of columns.")
    if total > len(kept):
        notes.append(f"{len(kept):,} of {total:,} rows are used, taken evenly.")
    return Table(columns, hashlib.sha256(content).hexdigest(), len(kept), total, tuple(notes))


def _evenly(total: int) -> set[int]:
    """At most MOST_ROWS of so many rows: one by chance out of each of as many equal stretches, the same every time.

    Every so-many-th row would meet the rhythm of a table that has one.
    """
    if total <= MOST_ROWS:
        return set(range(total))
    edges = np.linspace(0, total, MOST_ROWS + 1).astype(int)
    return set(np.random.default_rng(0).integers(edges[:-1], edges[1:]).tolist())


def _text(content: bytes) -> str:
    if not content.strip():
        raise DataError("The file is empty.")
    if len(content) > MOST_BYTES:
        raise DataError(f"A file must have at most {MOST_BYTES / 1e6:g} MB. Received: {len(content) / 1e6:.1f} MB.")
    if content[:2] == b"PK":
        raise DataError("This is a packed file, as spreadsheets are; save the table as CSV and give that.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    odd = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f")
    if "\0" in text or odd > len(text) / 100:
        raise DataError("The file is not text: it must be a table as CSV or TSV.")
    return text


def _separator(text: str) -> str:
    """The one that cuts most of the first lines into equally many parts."""
    lines = [line for line in islice(io.StringIO(text), 200) if line.strip()][:50]
    if not lines:
        raise DataError("The file has no lines with anything in them.")
    best = {}
    for separator in SEPARATORS:
        widths = [len(next(csv.reader([line[:200_000]], delimiter=separator), [])) for line in lines
                  if line.count('"') % 2 == 0]
        common = max(set(widths), key=widths.count) if widths else 1
        if common > 1 and widths.count(common) >= 0.8 * len(widths):
            best[separator] = common
    if not best:
        raise DataError("A table must have at least two columns, with commas, semicolons or tabs between them, equally "
                        "many in every row. None was found.")
    return next(iter(best))  # a decimal comma cuts, too, so it comes last


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    return (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            if any(map(str.strip, row)))


def _with(first: list[str], others: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from others


def _is_header(row: Sequence[str]) -> bool:
    """Whether it has names: no entry can be read as a number, except missing ones."""
    entries = pd.Series([one.strip() for one in row if one.strip().lower() not in NOTHING], dtype=object)
    return bool(len(entries) == 0 or _numbers(entries).isna().all())


def _names(row: Sequence[str]) -> list[str]:
    """Names that differ, of letters, digits and SIGNS."""
    found: list[str] = []
    for place, text in enumerate(row, 1):
        name = clean(text) or f"column {place}"
        found.append(name if name not in found else f"{name[:LONGEST_NAME - 6]} ({place})")
    return found


def clean(text: str) -> str:
    """A text out of a file as it may stand on a chart and in a script."""
    kept = "".join(one if one.isalnum() or one in SIGNS else "_" for one in text.strip()[:LONGEST_NAME])
    return kept.strip(" _")


def _numbers(entries: pd.Series) -> pd.Series:
    """What can be read as numbers, with a decimal point or comma, whichever reads more; NaN elsewhere."""
    point = pd.to_numeric(entries, errors="coerce")
    comma = pd.to_numeric(entries.str.replace(".", "", regex=False).str.replace(",", ".", regex=False),
                          errors="coerce") if point.isna().any() else point
    return comma if comma.notna().sum() > point.notna().sum() else point


def _column(name: str, entries: list[str]) -> Column:
    texts = pd.Series([one.strip() for one in entries], dtype=object)
    texts = texts.where(~texts.str.lower().isin(NOTHING), None)
    there = texts.dropna()
    numbers = _numbers(there).astype(np.float64)
    numbers[numbers.abs() > LARGEST] = np.nan
    if len(there) and numbers.notna().sum() >= NUMBERS * len(there):
        return Column(name, numbers.reindex(texts.index).to_numpy(), np.zeros(0, np.int16), ())
    codes, labels = pd.factorize(texts, sort=True)
    too_many = len(labels) > max(MOST_CLASSES, len(texts) / 2)  # never learned from, so not kept either
    return Column(name, None, codes.astype(np.int16), () if too_many else tuple(str(one)[:200] for one in labels))


# --- examples -------------------------------------------------------------------------------------------------------


def fingerprint(table: Table, choice: Choice) -> str:
    """What the examples of a table and a choice are known by: 16 hexadecimal digits."""
    return hashlib.sha256(f"{table.digest} {choice.target} {choice.kind}".encode()).hexdigest()[:16]


def matching(table: Table, wanted: str) -> Choice | None:
    """The choice that gives this fingerprint; None where none does, so that it is of another file."""
    kinds: tuple[Kind, ...] = ("classes", "numbers")
    return next((choice for target in range(len(table.columns)) for kind in kinds
                 if fingerprint(table, choice := Choice(target, kind)) == wanted), None)


def prepare(table: Table, choice: Choice) -> Prepared:
    """The table as examples; what is done to it stands at the head of this file.

    Raises:
        DataError: why that column cannot be the target, or that nothing is left to learn from.
    """
    if not 0 <= choice.target < len(table.columns):
        raise DataError(f"The target must be one of the {len(table.columns)} columns. Received: {choice.target}.")
    target = table.columns[choice.target]
    rows = ~target.missing
    if rows.sum() < LEAST_ROWS:
        raise DataError(f"At least {LEAST_ROWS} rows must have a {target.name}, which is to be predicted. "
                        f"Received: {rows.sum()}.")
    y, names = _target(target, rows, choice.kind)
    dropped = int((~rows).sum())
    sentences = [*table.notes, *([f"Left out: {count(dropped, 'row')} without a {target.name}."] if dropped else [])]
    x, features = _inputs([one for one in table.columns if one is not target], rows, sentences)
    task: Task = "regression" if choice.kind == "numbers" else "binary" if len(names) == 2 else "multiclass"
    own = fingerprint(table, choice)
    dataset = Dataset(
        name=OWN, label="Own data", formula=rf"x \in \mathbb R^{{{len(features)}}},\quad y = \text{{{_latex(target)}}}",
        summary=f"A table of your own: {len(x):,} rows, {count(len(features), 'input')}, and "
                f"{'a number' if task == 'regression' else f'{len(names)} classes'} to predict.",
        source="A file of one's own", load=Given(own), task=task, feature_names=tuple(features),
        target_names=tuple(names), samples=len(x), max_samples=len(x), real=True)
    return Prepared(own, dataset, x, y, tuple(sentences))


def _latex(column: Column) -> str:
    return "".join(one if one.isalnum() else " " for one in column.name)


def _target(column: Column, rows: np.ndarray, kind: Kind) -> tuple[np.ndarray, list[str]]:
    """Targets as `Dataset.load` gives them, and the names of the classes or of the number."""
    if kind == "numbers":
        if column.numbers is None:
            raise DataError(f"{column.name} is text, so its values must be classes.")
        if np.ptp(column.numbers[rows]) == 0:
            raise DataError(f"{column.name} is the same in every row: there is nothing to predict.")
        return column.numbers[rows].astype(np.float32)[:, None], [column.name]
    values = column.codes[rows] if column.numbers is None else column.numbers[rows]
    classes, labels = np.unique(values, return_inverse=True)
    if len(classes) == 1:
        raise DataError(f"{column.name} is the same in every row: there is nothing to predict.")
    if len(classes) > MOST_CLASSES:
        raise DataError(f"{column.name} must have at most {MOST_CLASSES} different values to be classes. "
                        f"Received: {len(classes)}.")
    names = _names([column.labels[int(one)] if column.numbers is None else f"{one:g}" for one in classes])
    y = labels[:, None] if len(classes) == 2 else np.eye(len(classes))[labels]
    return y.astype(np.float32), names


def _inputs(columns: Sequence[Column], rows: np.ndarray, sentences: list[str]) -> tuple[np.ndarray, list[str]]:
    """Inputs (rows, features) float32 and their names; says what was done."""
    parts: list[np.ndarray] = []
    names: list[str] = []
    empty, unlike, filled, one_hot = [], [], 0, []
    for column in columns:
        missing = column.missing[rows]
        if missing.all():
            empty.append(column.name)
        elif column.numbers is not None:
            numbers = column.numbers[rows].copy()
            filled += int(missing.sum())
            numbers[missing] = numbers[~missing].mean()
            parts.append(numbers)
            names.append(column.name)
        else:
            codes = column.codes[rows]
            values, counts = np.unique(codes[codes >= 0], return_counts=True)
            if not column.labels or len(values) > max(MOST_CATEGORIES, len(codes) / 2) or len(values) == 1:
                unlike.append(column.name)
                continue
            commonest = values[np.argsort(-counts, kind="stable")][:MOST_CATEGORIES]
            parts += [codes == one for one in commonest]
            names += [f"{column.name}: {clean(column.labels[one])}" for one in commonest]
            if len(values) > MOST_CATEGORIES:
                parts.append((codes >= 0) & ~np.isin(codes, commonest))
                names.append(f"{column.name}: other")
            one_hot.append(column.name)
    if not parts:
        raise DataError("No column is left to learn from: each is empty, always the same text, or text that is "
                        "different in nearly every row.")
    for what, those in (("empty", empty),
                        ("text that is the same in every row, or different in nearly every row", unlike)):
        if those:
            sentences.append(f"Left out as {what}: {_listed(those)}.")
    if one_hot:
        sentences.append(f"Text became columns of 0 and 1: {_listed(one_hot)}.")
    if filled:
        sentences.append(f"Set to the mean of the column: {count(filled, 'missing number')}.")
    if len(parts) > MOST_FEATURES:
        chosen = np.linspace(0, len(parts) - 1, MOST_FEATURES).round().astype(int)
        sentences.append(f"{MOST_FEATURES} of {len(parts)} inputs are used, taken evenly.")
        parts, names = [parts[place] for place in chosen], [names[place] for place in chosen]
    return np.stack(parts, axis=1).astype(np.float32), _different(names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _different(names: Sequence[str]) -> list[str]:
    return [name if names.index(name) == place else f"{name} ({place + 1})" for place, name in enumerate(names)]


def give(prepared: Prepared) -> str:
    """Takes the examples in, where runs find them; the fingerprint by which a RunSpec names them."""
    give_examples(prepared.fingerprint, prepared.dataset, prepared.x, prepared.y)
    return prepared.fingerprint


def arrays(prepared: Prepared) -> bytes:
    """The examples as `own_data.npz`, which the exported script reads: x and y as they are before the split."""
    file = io.BytesIO()
    np.savez_compressed(file, x=prepared.x, y=prepared.y)
    return file.getvalue()
