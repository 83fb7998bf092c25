"""The workloads in scikit-learn: `python sklearn_peer.py THREADS`, commands on standard input.

Its loss is half of the mean square, so that gradient descent takes twice the rate and Adam half the epsilon. It adds Adam's
epsilon before the bias of the means is corrected, the others after. It takes its first weights only after a first step, so one
step on one row is made, and then weights and optimizer are replaced.
"""

import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = sys.argv[1]

import peer
import sklearn
from sklearn.neural_network import MLPRegressor


class Sklearn:
    def __init__(self, work):
        self.work = work
        self.y = work.y[:, 0] if work.units[-1] == 1 else work.y
        self.model = model = MLPRegressor(
            hidden_layer_sizes=work.units[1:-1],
            activation={"sigmoid": "logistic"}.get(work.activation, work.activation),
            solver="adam" if work.adam else "sgd",
            learning_rate_init=work.rate * (1 if work.adam else 2),
            batch_size=1,
            alpha=0.0,
            momentum=0.0,
            nesterovs_momentum=False,
            epsilon=0.5e-8,
        )
        model.partial_fit(work.x[:1], self.y[:1])
        for layer, (weights, bias) in enumerate(work.layers):
            model.coefs_[layer][...] = weights
            model.intercepts_[layer][...] = bias
        del model._optimizer
        model.batch_size = work.batch

    def epoch(self, order):
        self.model.shuffle = order is None and self.work.batch < self.work.rows
        if order is None:
            self.model.partial_fit(self.work.x, self.y)
        else:
            self.model.partial_fit(self.work.x[order], self.y[order])

    def loss(self):
        difference = self.model.predict(self.work.x).reshape(self.work.y.shape) - self.work.y
        return (difference.astype("float64") ** 2).sum() / self.work.rows


if __name__ == "__main__":
    peer.serve(f"scikit-learn {sklearn.__version__}", Sklearn)
