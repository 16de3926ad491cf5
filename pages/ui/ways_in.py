"""What somebody brings of a network of their own: read at once, and kept in this viewer's session and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import streamlit as st

from core import keras_code, records
from core.cases import history_of
from core.findings import KINDS, PROGRAM, SYMPTOMS, TRAINING, Finding, findings
from core.keras_code import Reading
from core.keras_code.python import MAX_TEXT
from core.records import Record
from core.shipped import brought as examples
from core.training import Snapshot
from core.words import SPACE
from pages.ui.course import LESSONS
from pages.ui.text import as_typed

_KEY = "brought"
EXAMPLE = "the example"
WATCH = Path(__file__).parents[2] / "core" / "watch.py"
RECORD_MB, MODEL_MB = 1, 5  # a file is in the server's memory as long as its page is open
CODE_ROWS = 260  # px
HOW = '''from watch import Watch
watch = Watch("run.json", x, y)
model.fit(x, y, callbacks=[watch])'''


@dataclass(frozen=True)
class Brought:
    """A network that somebody brought: its name, and what was read of it or the sentence why nothing was."""

    name: str
    what: Record | Reading | None
    error: str = ""

    @cached_property
    def findings(self) -> list[Finding]:
        return findings(self.what) if self.what else []

    @cached_property
    def history(self) -> list[Snapshot]:
        """The recorded states of a record that has layers, in the form of a run's."""
        return history_of(self.what) if isinstance(self.what, Record) else []

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Frames of charts that were made of it, by name."""
        return {}

    def frame(self, name: str, make: Callable[..., pd.DataFrame], *args: object) -> pd.DataFrame:
        """`make(history, *args)`, made once."""
        if name not in self.frames:
            self.frames[name] = make(self.history, *args)
        return self.frames[name]


def _read(name: str, data: bytes | str, way: str) -> Brought:
    try:
        if way == "model" and isinstance(data, bytes) and not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return Brought(name, keras_code.read_model(data))
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Brought(name, None, f"The file must be text in UTF-8. Received: byte {error.start} is not.")
    except ValueError as error:
        return Brought(name, None, str(error))
    try:
        return Brought(name, records.read(text) if way == "record" else keras_code.read(text))
    except ValueError as error:
        return Brought(name, None, f"{error}{_elsewhere(text, way)}")


# What a text looks like that was brought one way or another: where it begins, and what that is.
_LOOKS = {
    "record": (re.compile(r'\s*\{\s*"format"\s*:\s*"watch"'), "a recorder's file"),
    "model": (re.compile(r'\s*\{[^{]{0,200}"class_name"'), "a saved model"),
    "code": (re.compile(r"(?s)(?!\s*[\[{]).*?\b(?:Sequential\s*\(|(?:import|from)\s+(?:keras|tensorflow))"),
             "Python code"),
}


def _elsewhere(text: str, way: str) -> str:
    """Where a text belongs that was not brought as what it looks like; empty where it was, or looks like nothing."""
    start = text[:5_000]
    looks = next((other for other, (pattern, _) in _LOOKS.items() if pattern.match(start)), way)
    title = LESSONS["own_network"].titles[looks]
    return "" if looks == way else f" It looks like {_LOOKS[looks][1]}: bring it under “{title}”."


def brought(way: str) -> Brought | None:
    """Draws a way in, `record`, `code` or `model`, and what came that way last; None before anything has."""
    with st.container(key="brought", gap="small"):
        {"record": _record, "code": _code, "model": _model}[way]()
    return st.session_state.setdefault(_KEY, {}).get(way)


def _keep(way: str, name: str, data: bytes | str) -> None:
    st.session_state.setdefault(_KEY, {})[way] = _read(name, data, way)


def _dropped(way: str) -> None:
    """Called when a file has come, or gone: taken away, or refused by the uploader for its size."""
    file, kept = st.session_state.get(f"brought_{way}"), st.session_state.setdefault(_KEY, {})
    if file is not None:
        _keep(way, file.name, file.getvalue())
    elif way in kept and kept[way].name != EXAMPLE:
        del kept[way]


def _example(way: str) -> None:
    if way == "code":
        st.session_state["brought_code"] = examples.read(way)
    _keep(way, EXAMPLE, examples.read(way))


def _example_button(way: str) -> None:
    st.button("Try an example", icon=":material/play_arrow:", key=f"example_{way}", on_click=_example, args=(way,))


def _record() -> None:
    st.markdown("**1 · Record it.** Three lines in your own program:")
    st.code(HOW, language="python", wrap_lines=True)
    st.download_button("watch.py", WATCH.read_bytes, "watch.py", "text/x-python", on_click="ignore",
                       icon=":material/download:", key="watch_file",
                       help="One file, to put beside your program. It needs Keras 3 and sends nothing anywhere: it "
                            "writes numbers about the training, no examples and no weights.")
    st.markdown("**2 · Drop the file.**")
    st.file_uploader("The recorder's file", type="json", key="brought_record", on_change=_dropped, args=("record",),
                     max_upload_size=RECORD_MB, label_visibility="collapsed")
    _example_button("record")


def _code() -> None:
    st.text_area("Python code that builds and trains a Keras model", key="brought_code", height=CODE_ROWS,
                 max_chars=MAX_TEXT, placeholder="model = Sequential([...])",
                 help="It is read, never run. Only the model, compile and fit matter; paste the whole file.")
    with st.container(horizontal=True):
        st.button("Read it", icon=":material/search:", key="read_code", type="primary", on_click=_pasted)
        _example_button("code")


def _pasted() -> None:
    text = st.session_state.get("brought_code") or ""
    if text.strip():
        _keep("code", "your code", text)
    else:
        st.session_state.setdefault(_KEY, {}).pop("code", None)


def _model() -> None:
    st.markdown("A `.keras` file, or the text of `model.to_json()`. Of the file only its configuration is read.")
    st.file_uploader("A saved model", type=["keras", "json"], key="brought_model", on_change=_dropped,
                     args=("model",), max_upload_size=MODEL_MB, label_visibility="collapsed",
                     help=f"If the file has more than {MODEL_MB} MB, drop the text of model.to_json() instead.")
    _example_button("model")


def finding_cards(one: Brought) -> None:
    """What is wrong with it, most important first, each with what to write instead."""
    for number, finding in enumerate(one.findings):
        with st.container(border=True, gap="xsmall", key=f"finding_{number}"):
            badge = "" if finding.kind == "nothing" else (
                " :red-badge[:material/error: certain]" if finding.certain else
                " :orange-badge[:material/help: likely]")
            where = f" · {as_typed(finding.layer)}" if finding.layer else ""
            st.markdown(f"**{KINDS[finding.kind]}**{where}{badge}")
            st.markdown(as_typed(finding.sentence, 1000))
            if finding.fix:
                st.code(finding.fix, language="python", wrap_lines=True)


def layers_table(one: Brought) -> list[dict[str, str]]:
    """The layers as rows of a table; of a record with the number that each has on the charts."""
    rows = dict(enumerate(one.what.parts, 1)) if isinstance(one.what, Record) else {}
    return [_drop_empty({
        "on the charts": _places([row for row, part in rows.items() if part == place], len(rows)) if rows else "",
        "layer": part.name, "type": part.type, "units": _known(part.units), "activation": part.activation or "",
        "initializer": part.initializer or "", "parameters": _known(part.parameters),
        "line": _known(part.line)}, one) for place, part in enumerate(one.what.network.layers)]


def _places(rows: list[int], last: int) -> str:
    return ", ".join("output" if row == last else f"layer {row}" for row in rows)


def _known(number: int | None) -> str:
    return "" if number is None else f"{number:,}".replace(",", SPACE)


def _drop_empty(row: dict[str, str], one: Brought) -> dict[str, str]:
    """Without the columns that this kind of network has nothing for."""
    nothing = "line" if isinstance(one.what, Record) else "on the charts"
    return {name: text for name, text in row.items() if name != nothing}


def remarks(one: Brought) -> None:
    """What could not be read or recorded, and what one should know of how it was."""
    if isinstance(one.what, Record):
        sentences = [*([one.what.stopped] if one.what.stopped else []), *one.what.notes]
    else:
        sentences = [*one.what.notes, *(f"Line {piece.line}: {piece.text} - {piece.why}" for piece in one.what.unread)]
    if sentences:
        with st.expander(f"What was not read, and how the rest was ({len(sentences)})", icon=":material/info:"):
            st.markdown("\n".join(f"- {as_typed(sentence, 400)}" for sentence in sentences))


def finding_rules() -> None:
    """Every rule by which something is found, with its reason and its source."""
    for title, rules in (("The program and its data, however it was trained", PROGRAM),
                         ("What is unusual, where it hurts", TRAINING),
                         ("What is seen of it", SYMPTOMS)):
        with st.expander(f"{title} ({len(rules)})"):
            for kind in dict.fromkeys(rule.kind for rule in rules):
                lines = [f"- {rule.rule} {rule.reason} :gray[{rule.source}]" for rule in rules if rule.kind == kind]
                st.markdown(f"**{KINDS[kind]}**\n" + "\n".join(lines))
