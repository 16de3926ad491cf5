"""One moment of a chart as a picture on paper: SVG, made by Altair's own export without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.charts.drawing import STREAMED, Drawing
from core.charts.moving import PARAMS
from core.charts.theme import CONFIG, DEPTH, INK, LINE_INK

VEGA_LITE = "6.1"  # the version that Altair 6 writes
WIDTH = 640  # px: of a plot on paper
# The theme's colours of layer depth on white (.streamlit/config.toml), which Streamlit sets on the screen.
DEPTHS = ("#3d0463", "#320c8e", "#04388c", "#085073", "#0d5f6f", "#0f6d6d", "#0f7d64", "#108e40", "#699111", "#9a9114")
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
SECONDS = 60
_CONVERT = f"""
import json, sys, vl_convert
print(json.dumps([vl_convert.vegalite_to_svg(spec, vl_version={VEGA_LITE!r}, allowed_base_urls=[])
                  for spec in json.load(sys.stdin)]))
"""
_one_at_a_time = threading.Lock()
_SIDE_BY_SIDE = ("hconcat", "vconcat", "concat")


def pictures(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The SVG of each spec of `on_paper`, in order. Nothing is fetched from anywhere.

    The converter runs in a process of its own, one at a time, for one to two seconds: it takes 120 MB, which the
    server has back when it ends.

    Raises:
        ValueError: one of them is no chart that Vega-Lite can draw.
    """
    with _one_at_a_time:
        done = subprocess.run([sys.executable, "-I", "-c", _CONVERT], input=json.dumps(specs), capture_output=True,
                              encoding="utf-8", timeout=SECONDS, check=False)
    if done.returncode:
        raise ValueError(f"A chart could not be made a picture: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)


def on_paper(frame: pd.DataFrame, drawing: Drawing, moment: int = 0) -> dict[str, Any]:
    """The spec of a drawing with its data in it, the head at that moment, and dark text on white."""
    spec = _sized(drawing.spec)
    spec["datasets"] = {STREAMED.name: json.loads(frame.to_json(orient="records"))}
    head = PARAMS[0]["name"]
    spec["params"] = [{"name": head, "value": moment} if param["name"] == head else param
                      for param in spec.get("params", ())]
    spec["config"] = _inked(_sized(CONFIG)) | {"background": "white", "font": FONT, "range": {DEPTH: list(DEPTHS)}}
    if not any(name in spec for name in _SIDE_BY_SIDE):
        spec["width"] = WIDTH
    return spec


def _sized(spec: Any) -> Any:
    """A copy with sizes for a narrow window, whatever the converter takes for one."""
    return json.loads(json.dumps(spec).replace("windowSize()[0]", "0"))


def _inked(config: Any) -> Any:
    """The configuration with dark ink: on the screen text is white and inverted by what is behind it."""
    if not isinstance(config, dict):
        return LINE_INK if config == INK else config
    return {name: _inked(value) for name, value in config.items() if name != "blend"}
