"""A TensorFlow that takes forever to import: what a page shows beside it has not waited for it."""

import threading

threading.Event().wait()
