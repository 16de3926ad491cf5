"""What the tests' own client must be able to do: press, set, follow the link, and be ticked by a fragment."""

import pandas as pd
import streamlit as st

state = st.session_state
state.setdefault("running", False)
state.setdefault("count", 0)
state.setdefault("runs", 0)
state.runs += 1

st.title(f"Hello {st.query_params.get('name', 'nobody')}")
depth = st.slider("Depth", 1, 50, 10, key="depth", bind="query-params")
activation = st.selectbox("Activation", ["relu", "tanh"], key="activation", bind="query-params")
st.checkbox("Batch norm", key="batch_norm")
st.text(f"depth {depth}, {activation}, norm {state.batch_norm}, run {state.runs}")


def start() -> None:
    state.running = True


def stop() -> None:
    state.running = False


def deepest() -> None:
    state.depth = 50


st.button("Start", on_click=start)
st.button("Stop", on_click=stop)
st.button("Deepest", on_click=deepest)
if st.button("Fail"):
    raise ValueError("this was asked for")


@st.fragment(run_every=float(st.query_params.get("interval", 0.1)) if state.running else None)
def live() -> None:
    if state.running:
        state.count += 1
    st.text(f"count {state.count}")
    st.vega_lite_chart(
        pd.DataFrame({"x": range(5), "y": [state.count * x for x in range(5)]}),
        {
            "mark": "line",
            "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
        },
    )
    if state.count % 2:
        st.text("odd")
    if state.count >= 1000:
        state.running = False
        st.rerun()


live()
if not state.running:
    st.text("at rest")
