"""Charts: a frame for the numbers, a Drawing for the picture, of each chart the two beside each other.

    scale = charts.gradient_scale(first.layers.signal_rms, first.layers.kernel_gradient_norm)  # of step 0
    picture = charts.gradient(spec.depth, scale)  # same arguments, same object
    st.vega_lite_chart(charts.gradient_frame(history, scale, predict(spec)), picture.spec, alt=picture.alt)

A Drawing depends on what stays during a run alone (depth, steps, axes); a frame carries everything that moves, at all
moments of a run (core.charts.moving).
"""

from core.charts.drawing import Drawing
from core.charts.functions import (
    curves,
    curves_frame,
    factors,
    factors_frame,
    fits,
    fits_frame,
    histogram,
    histogram_frame,
)
from core.charts.heat_map import heat, heat_frame
from core.charts.layers import (
    fractions,
    fractions_frame,
    gradient,
    gradient_frame,
    several,
    several_frame,
    spread,
    spread_frame,
    update_ratio,
    update_ratio_frame,
)
from core.charts.scales import Scale, gradient_scale, linear_scale, spread_scale
from core.charts.steps import (
    accuracies,
    accuracies_frame,
    accuracy,
    accuracy_frame,
    loss,
    loss_frame,
    losses,
    losses_frame,
)

__all__ = ["Drawing", "Scale", "accuracies", "accuracies_frame", "accuracy", "accuracy_frame", "curves", "curves_frame",
           "factors", "factors_frame", "fits", "fits_frame", "fractions", "fractions_frame", "gradient",
           "gradient_frame", "gradient_scale", "heat", "heat_frame", "histogram", "histogram_frame", "linear_scale",
           "loss", "loss_frame", "losses", "losses_frame", "several", "several_frame", "spread", "spread_frame",
           "spread_scale", "update_ratio", "update_ratio_frame"]
