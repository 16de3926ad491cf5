"""TensorFlow, imported when arrays are first computed and never before: a page paints without it."""

from __future__ import annotations

import os
import threading
from typing import Any

_import_lock = threading.Lock()
_module: Any = None


def tensorflow() -> Any:
    """The TensorFlow module, imported on first use (4 to 18 s) by one thread while the others wait."""
    if _module is None:
        with _import_lock:
            if _module is None:
                _import()
    return _module


def loaded() -> bool:
    """Whether `tensorflow()` returns at once."""
    return _module is not None


def _import() -> None:
    global _module
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its set-up costs more than these small products
    import tensorflow as tf

    try:
        # One thread a run: sums are taken in one order whatever the load, no time goes into handing small operations
        # from thread to thread, and runs of several viewers share the cores.
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # somebody else has used TensorFlow in this process already; its threads stay as they are
        pass
    import keras

    keras.activations.get("linear")  # Keras's functions are used right after; its lazy modules load here
    # Streamlit clears Keras's session after every run of a script. There is none here, but it also throws away all of
    # TensorFlow's kernels, and the next training call takes 0.25 s instead of 0.002 s.
    vars(keras.backend)["clear_session"] = lambda *args, **kwargs: None
    tf.zeros([1]).numpy()  # starts the runtime
    _module = tf
