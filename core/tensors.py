"""TensorFlow, imported when arrays are first computed and never before: a page paints without it."""

from __future__ import annotations

import os
import threading
from functools import cache
from typing import Any

_import_lock = threading.Lock()


def tensorflow() -> Any:
    """The TensorFlow module, imported on first use (5 to 18 s) by one thread while the others wait."""
    with _import_lock:
        return _tensorflow()


@cache
def _tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    try:
        # One thread per operation: sums run in one order whatever the load, and viewers share the cores by runs.
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(2)
    except RuntimeError:  # somebody else has used TensorFlow in this process already; its threads stay as they are
        pass
    import keras  # noqa: F401  # its functions are used right after

    return tf
