"""One-click set-ups of Regularization, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace

from core.lessons.regularization import report as regularization
from core.setups import Setup

SETUPS: dict[str, tuple[Setup, ...]] = {
    "regularization dropout": (
        Setup("56 tumours", regularization.DROPOUT, "30 → 64 → 32 → 1 on 56 examples of the breast cancer data, "
              "50 epochs: both learn them by heart, dropout more slowly; on new examples the two do equally well.",
              {"part": "dropout"}),
        Setup("Where it helps: diabetes", regularization.DROPOUT_HELPS, "A regression on 221 patients: without dropout "
              "the validation loss turns and rises, with it it stays down.", {"part": "dropout"}),
        Setup("Too much", replace(regularization.DROPOUT_HELPS, dropout=0.9), "Nine of ten units dropped: what is left "
              "is too little to learn the training part.", {"part": "dropout"}),
    ),
    "regularization batch_norm": (
        Setup("56 tumours", regularization.BATCH_NORM, "30 → 64 → BN → 64 → 32 → BN → 32 → 1 on 56 examples: the "
              "seeds do not agree whether it helps.", {"part": "batch_norm"}),
        Setup("Large steps, all 56 at once", regularization.BATCH_NORM_HELPS, "Ten times the rate, full batches: "
              "without batch norm the kernels run off and the validation loss with them.", {"part": "batch_norm"}),
    ),
}
