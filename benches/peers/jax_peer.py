"""The workloads in JAX, an epoch in one compiled function: `python jax_peer.py THREADS jax|numpy`, commands on standard input.

A scan goes over the batches, each with its gradient and its update. The order of the rows is drawn by `jax.random.permutation`
inside of the compiled function; or by NumPy and passed in, which takes a fraction of the time. One batch of all rows is not
shuffled.
"""

import os
import sys

SHUFFLE = sys.argv[2]
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

        def epoch(state, order):
            step = lambda state, rows: (descend(state, jax.grad(loss)(state[0], x[rows], y[rows])), None)
            return jax.lax.scan(step, state, order.reshape(-1, work.batch))[0]

        def shuffled(state, key):
            return epoch(state, jax.random.permutation(key, work.rows))

        def whole(state):
            return descend(state, jax.grad(loss)(state[0], x, y))

        weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in work.layers]
        # Adam's means; gradient descent has none.
        zeros = lambda: jax.tree.map(jnp.zeros_like, weights) if work.adam else ()
        self.state = (weights, zeros(), zeros(), jnp.float32(0))
        # The old state's memory is used again for the new.
        compiled = lambda function: jax.jit(function, donate_argnums=0)
        self.in_order, self.shuffled, self.whole = compiled(epoch), compiled(shuffled), compiled(whole)
        self.squares = lambda: jax.jit(loss)(self.state[0], x, y)
        self.random, self.key = numpy.random.default_rng(0), jax.random.PRNGKey(0)

    def epoch(self, order):
        if order is None and self.work.batch == self.work.rows:
            state = self.whole(self.state)
        elif order is None and SHUFFLE == "jax":
            self.key, key = jax.random.split(self.key)
            state = self.shuffled(self.state, key)
        else:
            order = self.random.permutation(self.work.rows) if order is None else order
            state = self.in_order(self.state, order.astype(numpy.int32))
        self.state = jax.block_until_ready(state)

    def loss(self):
        return self.squares()


if __name__ == "__main__":
    peer.serve(f"JAX {jax.__version__}", Jax)
