"""Charts: a frame for the numbers, a Drawing for the picture.

    scale = charts.gradient_scale(first.layers.signal_rms, first.layers.kernel_gradient_norm)  # of step 0
    picture = charts.gradient(spec.depth, scale)  # same arguments, same object
    st.vega_lite_chart(frames.gradient(history, scale, predict(spec)), picture.spec, alt=picture.alt)

A Drawing depends on what stays during a run alone (depth, steps, axes); a frame carries everything that moves, at all
moments of a run (core.charts.moving).
"""

from core.charts import frames
from core.charts.drawing import Drawing
from core.charts.functions import curves, factors, fits, histogram
from core.charts.layers import fractions, gradient, heat, several, spread, update_ratio
from core.charts.scales import Scale, gradient_scale, linear_scale, spread_scale
from core.charts.steps import accuracies, accuracy, loss, losses

__all__ = ["Drawing", "Scale", "accuracies", "accuracy", "curves", "factors", "fits", "fractions", "frames", "gradient",
           "gradient_scale", "heat", "histogram", "linear_scale", "loss", "losses", "several", "spread", "spread_scale",
           "update_ratio"]
