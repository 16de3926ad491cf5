"""The least a page with a chart can be: what the first paint of the app's pages is compared with."""

import altair as alt
import pandas as pd
import streamlit as st

points = pd.DataFrame({"layer": range(1, 21), "gradient": [10.0**-layer for layer in range(1, 21)]})
axes = {"x": alt.X("layer:Q"), "y": alt.Y("gradient:Q", scale=alt.Scale(type="log"))}
st.altair_chart(alt.Chart(points, height=400).mark_line(point=True).encode(**axes))
