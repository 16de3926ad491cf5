"""A table of one's own: read as pandas reads it, prepared as it says, refused in a sentence, kept to its bounds."""

import io
import random
import time
from collections import OrderedDict

import numpy as np
import pandas as pd
import pytest

from core import datasets, own_data
from core.datasets import DATASETS
from core.own_data import MOST_BYTES, MOST_FEATURES, MOST_ROWS, Choice, DataError, arrays, give, matching, prepare, read
from core.spec import RunSpec
from core.training import train
from tests.tiers import ALL


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    monkeypatch.setattr(datasets._given, "_kept", OrderedDict())


def frame(rows: int = 60, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, rows).round(2)
    return pd.DataFrame({"age": age, "height": rng.normal(1.7, 0.1, rows).round(3),
                         "town": rng.choice(["Bern", "Zürich", "Genf"], rows),
                         "bought": np.where(age > 40, "yes", "no")})


def csv(table: pd.DataFrame, **options) -> bytes:
    return table.to_csv(index=False, **options).encode()


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [
    {}, {"sep": ";"}, {"sep": "\t"}, {"sep": ";", "decimal": ","}, {"quoting": 1}, {"lineterminator": "\r\n"},
])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_however_it_is_written_it_is_the_same_table(options, encoding):
    wanted = frame()
    table = read(wanted.to_csv(index=False, **options).encode(encoding))
    assert table.names == list(wanted)
    for column in table.columns:
        if column.numbers is not None:
            np.testing.assert_allclose(column.numbers, wanted[column.name])
        else:
            assert [column.labels[code] for code in column.codes] == list(wanted[column.name])
    assert [column.name for column in table.columns if column.numbers is not None] == ["age", "height"]


def test_missing_values_are_those_of_pandas_and_what_is_no_number_in_a_column_of_numbers():
    wanted = frame()
    wanted.loc[[3, 7], "age"] = np.nan
    content = csv(wanted, na_rep="NA").replace(b"\n4", b"\n ?4", 1)
    table = read(content)
    read_by_pandas = pd.to_numeric(pd.read_csv(io.BytesIO(content))["age"], errors="coerce")
    np.testing.assert_allclose(table.columns[0].numbers, read_by_pandas)
    assert np.isnan(table.columns[0].numbers).sum() == 3


def test_without_a_header_columns_are_counted():
    table = read(csv(frame()[["age", "height"]], header=False))
    assert table.names == ["column 1", "column 2"]
    assert table.rows == 60
    assert "no names of their own" in table.notes[0]


def test_names_from_a_file_are_harmless_and_differ():
    names = ['a"];drop', "<b>x</b>", "a$x$", "`a`", "", "same", "same", "n" * 90, "größe (m²)"]
    rows = "\n".join(",".join(str(i + j) for j in range(9)) for i in range(30))
    table = read((",".join('"' + name.replace('"', '""') + '"' for name in names) + "\n" + rows).encode())
    assert len(set(table.names)) == 9
    assert table.names[-1] == "größe (m²)"
    assert not set("\"'`$<>[]{}\\*;|") & set("".join(table.names))
    assert max(map(len, table.names)) <= 30


def test_of_many_rows_so_many_are_taken_everywhere_and_not_in_step_with_the_table():
    rows = 3 * MOST_ROWS // 2
    table = read(("i,third\n" + "\n".join(f"{i},{'abc'[i % 3]}" for i in range(rows))).encode())
    assert table.rows == MOST_ROWS
    assert table.rows_read == rows
    taken = table.columns[0].numbers
    assert (np.diff(taken) > 0).all()
    assert np.diff(taken).max() <= 3
    assert np.bincount(table.columns[1].codes).min() > 0.2 * MOST_ROWS
    assert table.notes == (f"{MOST_ROWS:,} of {rows:,} rows are used, taken evenly.",)


@pytest.mark.parametrize(("content", "said"), [
    (b"", "is empty"), (b" \n \n", "is empty"), (b"\xef\xbb\xbf", "no lines"),
    (b"x" * (MOST_BYTES + 1), "at most 5 MB. Received: 5.0 MB"),
    (b"PK\x03\x04" + b"x" * 100, "packed file"), (bytes(range(256)) * 40, "not text"),
    (b"\x89PNG\r\n\x1a\n" + bytes(1000), "not text"),
    (b"a\n" + b"1\n" * 50, "at least two columns"), (b"some prose,\nand no table\n\nat all, is it\n", "two columns"),
    (b"a,b\n" + b"1,2\n" * 19, "at least 20 rows"), (b"a,b\n", "at least 20 rows"),
    (b'a,b\n"' + b"1,2\n" * 40_000, "quotation mark"),
    (",".join(map(str, range(10_000))).encode() + b"\n" + (b"1," * 9_999 + b"1\n") * 30, "at most 500 columns"),
])
def test_a_file_that_is_no_table_is_a_sentence(content, said):
    with pytest.raises(DataError, match=said) as error:
        read(content)
    assert str(error.value).endswith((".", "?"))
    assert len(str(error.value)) < 250


# --- preparing ------------------------------------------------------------------------------------------------------


def test_the_target_and_what_it_is_are_inferred():
    def usual(**columns):
        table = read(csv(pd.DataFrame(columns)))
        return table.names[table.usual.target], table.usual.kind

    numbers = np.arange(40) * 1.5
    assert usual(a=numbers, b=numbers) == ("b", "numbers")
    assert usual(Class=["u", "v"] * 20, b=numbers) == ("Class", "classes")
    assert usual(y=np.arange(40) % 3, b=numbers) == ("y", "classes")
    assert usual(b=numbers, y=np.arange(40)) == ("y", "numbers")
    assert usual(b=numbers, z=[0.5, 1.5] * 20) == ("z", "numbers")


def test_examples_are_what_pandas_makes_of_the_same_steps():
    wanted = frame(200)
    wanted.loc[[1, 5, 6], "height"] = np.nan
    wanted.loc[[2, 9], "bought"] = np.nan
    prepared = prepare(table := read(csv(wanted)), table.usual)
    there = wanted.dropna(subset="bought")
    towns = there["town"].value_counts(sort=True).index
    expected = pd.DataFrame({"age": there["age"], "height": there["height"].fillna(there["height"].mean())}
                            | {f"town: {town}": (there["town"] == town) for town in towns})
    by_name = dict(zip(prepared.dataset.feature_names, prepared.x.T, strict=True))
    assert set(by_name) == set(expected)
    for name in expected:
        np.testing.assert_allclose(by_name[name], expected[name].astype(float), rtol=1e-6)
    assert prepared.dataset.target_names == ("no", "yes")
    assert prepared.dataset.task == "binary"
    assert np.array_equal(prepared.y[:, 0], there["bought"] == "yes")
    said = " ".join(prepared.sentences)
    assert "Left out: 2 rows without a bought." in said
    assert "Set to the mean of the column: 3 missing numbers." in said
    assert "Text became columns of 0 and 1: town." in said
    assert prepared.x.dtype == prepared.y.dtype == np.float32


def test_numbers_and_more_classes_have_their_shapes():
    table = read(csv(frame()))
    number = prepare(table, Choice(0, "numbers"))
    assert (number.dataset.task, number.y.shape, number.dataset.target_names) == ("regression", (60, 1), ("age",))
    assert "bought: yes" in number.dataset.feature_names
    towns = prepare(table, Choice(2, "classes"))
    assert (towns.dataset.task, towns.y.shape) == ("multiclass", (60, 3))
    assert towns.dataset.target_names == ("Bern", "Genf", "Zürich")
    assert (towns.y.sum(1) == 1).all()


def test_columns_that_say_nothing_are_left_out_and_said():
    table = frame()
    table["id"] = [f"row {i}" for i in range(60)]
    table["empty"] = ""
    table["same"] = "x"
    prepared = prepare(read(csv(table)), Choice(3, "classes"))
    assert not {"id", "empty", "same"} & {name.partition(":")[0] for name in prepared.dataset.feature_names}
    said = " ".join(prepared.sentences)
    assert "Left out as empty: empty." in said
    assert "Left out as text that is the same in every row, or different in nearly every row: id, same." in said


def test_of_many_categories_and_many_features_so_many_are_taken():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(40, 100)), columns=[f"c{i}" for i in range(100)])
    prepared = prepare(table := read(csv(wide)), table.usual)
    assert prepared.x.shape == (40, MOST_FEATURES)
    assert "64 of 99 inputs are used, taken evenly." in prepared.sentences
    many = pd.DataFrame({"a": [f"k{i % 18}" for i in range(400)], "y": rng.normal(size=400)})
    prepared = prepare(table := read(csv(many)), table.usual)
    assert prepared.dataset.features == 13
    assert prepared.dataset.feature_names[-1] == "a: other"
    assert (prepared.x.sum(1) == 1).all()


@pytest.mark.parametrize(("columns", "choice", "said"), [
    ({"a": range(40), "b": ["x"] * 40}, Choice(1, "classes"), "b is the same in every row"),
    ({"a": range(40), "b": [3] * 40}, Choice(1, "numbers"), "b is the same in every row"),
    ({"a": range(40), "b": range(40)}, Choice(1, "classes"), "at most 20 different values .* Received: 40"),
    ({"a": range(40), "b": ["x", "y"] * 20}, Choice(1, "numbers"), "b is text, so its values must be classes"),
    ({"a": range(40), "b": [""] * 25 + [*range(15)]}, Choice(1, "numbers"), "At least 20 rows must have a b"),
    ({"a": [f"t{i}" for i in range(40)], "b": range(40)}, Choice(1, "numbers"), "No column is left"),
    ({"a": range(40), "b": range(40)}, Choice(2, "numbers"), "one of the 2 columns"),
])
def test_a_target_that_cannot_be_one_is_a_sentence(columns, choice, said):
    table = read(csv(pd.DataFrame(columns)))
    with pytest.raises(DataError, match=said):
        prepare(table, choice)


# --- a data set like any other --------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", range(4))
def test_a_run_learns_from_it(target, tmp_path):
    table = read(csv(frame(200)))
    prepared = prepare(table, Choice(target, table.looks_like(target)))
    spec = RunSpec(dataset="own", table=give(prepared), widths=(8,), activation="tanh", steps=20)
    assert (spec.samples, spec.data_set.load(0, 200, 0)[0].shape) == (200, (200, prepared.dataset.features))
    assert spec.data().x_train.std() == pytest.approx(1, abs=1e-3)
    assert RunSpec.from_query(spec.to_query()) == (spec, [])
    assert np.isfinite([snapshot.loss for snapshot in train(spec)]).all()
    with np.load(io.BytesIO(arrays(prepared))) as found:
        assert np.array_equal(found["x"], prepared.x)
        assert np.array_equal(found["y"], prepared.y)


def test_the_fingerprint_is_of_content_and_choice():
    table, other = read(csv(frame())), read(csv(frame(seed=1)))
    choices = [Choice(0, "numbers"), Choice(2, "classes"), Choice(3, "classes")]
    found = {own_data.fingerprint(one, choice) for one in (table, other) for choice in choices}
    assert len(found) == 6
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in found)
    assert own_data.fingerprint(read(csv(frame())), choices[0]) in found
    assert matching(table, own_data.fingerprint(table, choices[1])) == choices[1]
    assert matching(other, own_data.fingerprint(table, choices[1])) is None


def test_a_run_whose_table_is_not_here_is_refused_and_a_link_to_it_says_so():
    with pytest.raises(ValueError, match=r"table must be .* in the last two hours\. Received: '0123456789abcdef'"):
        RunSpec(dataset="own", table="0123456789abcdef")
    spec, notes = RunSpec.from_query({"dataset": "own", "table": "0123456789abcdef", "widths": "8"})
    assert spec == RunSpec(dataset="own", widths=(8,))
    assert spec.data_set is DATASETS["own"]
    assert len(notes) == 1
    assert RunSpec(dataset="circles", table="0123456789abcdef") == RunSpec()


def test_a_run_outlives_its_table_without_any_of_its_examples(monkeypatch):
    spec = RunSpec(dataset="own", table=give(prepare(table := read(csv(frame())), table.usual)))
    data = spec.data()
    monkeypatch.setattr(datasets._given, "_kept", OrderedDict())
    assert spec.sizes[0] == data.x_train.shape[1]
    assert isinstance(hash(spec), int)
    with pytest.raises(ValueError, match="in the last two hours"):
        spec.data()


def test_what_is_kept_of_all_viewers_has_its_bounds():
    stores = (own_data.TABLES, datasets._given)
    assert sum(store.most_bytes for store in stores) == 50e6
    assert {(store.most, store.seconds) for store in stores} == {(20, 7200)}
    for seed in range(25):
        give(prepare(table := read(csv(frame(seed=seed))), table.usual))
    assert len(datasets._given) == 20


# --- hostile files --------------------------------------------------------------------------------------------------

PIECES = [b"\0", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\xff", b"\xfe\xff", b"1e999", b"-inf", b"nan", b"NA",
          b"=cmd|'/c calc'!A0", b"<script>", b"{}", b"\xe2\x80\xae", b"9" * 500, b"1_0", b"0x10", "٣".encode(),
          b"," * 700, b"\n" * 300, b"\\", b"$x$", b"1,5", b"1.000,5", b"\x1b[31m"]  # fmt: skip


def mutated(rng: random.Random) -> bytes:
    """A good table with parts cut out, doubled, swapped and put in."""
    options = rng.choice([{}, {"sep": ";", "decimal": ","}, {"sep": "\t"}])
    content = bytearray(csv(frame(rng.choice([3, 25, 60, 200]), rng.randrange(100)), **options))
    for _ in range(rng.randint(1, 12)):
        place, end = sorted((rng.randrange(len(content) + 1), rng.randrange(len(content) + 1)))
        match rng.randrange(4):
            case 0:
                content[place:place] = rng.choice(PIECES)
            case 1:
                del content[place:min(end, place + 200)]
            case 2:
                content[place:place] = content[place:min(end, place + 2000)]
            case 3 if content:
                content[min(place, len(content) - 1)] = rng.randrange(256)
    return bytes(content)


def test_mutated_files_are_a_table_or_a_sentence():
    rng, slowest, tables, longest = random.Random(4), 0.0, 0, 0
    for _ in range(2000 if ALL else 300):
        content = mutated(rng)
        start = time.perf_counter()
        try:
            table = read(content)
            for target in range(len(table.columns))[:6]:
                for kind in ("classes", "numbers"):
                    try:
                        prepared = prepare(table, Choice(target, kind))
                    except DataError:
                        continue
                    tables += 1
                    assert np.isfinite(prepared.x).all()
                    assert np.isfinite(prepared.y).all()
                    assert len(set(prepared.dataset.feature_names)) == prepared.dataset.features <= MOST_FEATURES
                    assert len(set(prepared.dataset.target_names)) == len(prepared.dataset.target_names)
        except DataError as error:
            longest = max(longest, len(str(error)))
        slowest = max(slowest, time.perf_counter() - start)
    assert tables > 100
    assert 0 < longest < 300
    print(f"slowest {slowest:.2f} s, {tables} prepared")
