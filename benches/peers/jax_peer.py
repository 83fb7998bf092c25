"""The workloads in JAX, each epoch one compiled function: `python jax_peer.py THREADS`, commands on standard input.

A scan goes over the batches, each with its gradient and its update. The order of the rows is drawn by NumPy and passed in,
which is faster than `jax.random.permutation` inside the function.
"""

import os
import sys

if sys.argv[1] == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy
import peer

ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh}


class Jax:
    def __init__(self, work):
        self.work = work
        x, y = jnp.asarray(work.x), jnp.asarray(work.y)
        activation, rate = ACTIVATIONS[work.activation], work.rate

        def loss(weights, x, y):
            for w, b in weights[:-1]:
                x = activation(x @ w + b)
            w, b = weights[-1]
            return jnp.sum((x @ w + b - y) ** 2) / x.shape[0]

        def descend(state, gradient):
            weights, mean, square, count = state
            if not work.adam:
                return jax.tree.map(lambda w, g: w - rate * g, weights, gradient), mean, square, count
            count = count + 1
            mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
            square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradient)
            first, second = 1 - 0.9**count, 1 - 0.999**count
            update = lambda w, m, v: w - rate * (m / first) / (jnp.sqrt(v / second) + 1e-8)
            return jax.tree.map(update, weights, mean, square), mean, square, count

        @jax.jit
        def epoch(state, order):
            step = lambda state, rows: (descend(state, jax.grad(loss)(state[0], x[rows], y[rows])), None)
            return jax.lax.scan(step, state, order.reshape(-1, work.batch))[0]

        weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in work.layers]
        # Adam's means; gradient descent has none.
        zeros = jax.tree.map(jnp.zeros_like, weights) if work.adam else ()
        self.state = (weights, zeros, zeros, jnp.float32(0))
        self.run, self.all = epoch, lambda weights: jax.jit(loss)(weights, x, y)
        self.random = numpy.random.default_rng(0)

    def epoch(self, order):
        order = self.random.permutation(self.work.rows) if order is None else order
        self.state = jax.block_until_ready(self.run(self.state, order.astype(numpy.int32)))

    def loss(self):
        return self.all(self.state[0])


if __name__ == "__main__":
    peer.serve(f"JAX {jax.__version__}", Jax)
