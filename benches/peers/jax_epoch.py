"""Times an epoch of the same training in JAX: `python jax_epoch.py NAME [SECONDS]`.

The shapes are those of `cargo run --release -p chainrule --example workload`. The whole epoch is one compiled function: a
permutation of the rows, then a scan over the batches, each with its gradient and its update, in f32 on one thread.

    python3 -m venv venv && venv/bin/pip install jax
    taskset -c 0 venv/bin/python benches/peers/jax_epoch.py small
    taskset -c 0 cargo run --release -p chainrule --example workload -- small
"""

import os
import statistics
import sys
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.numpy as jnp

# Units of each layer from the inputs on, activation, rows of a batch, rows, and whether Adam updates.
SHAPES = {
    "tiny": ((8, 16, 1), jax.nn.sigmoid, 32, 16384, False),
    "small": ((8, 64, 64, 1), jax.nn.relu, 256, 16384, True),
    "medium": ((784, 128, 64, 10), jax.nn.relu, 128, 12800, False),
    "large": ((784, 512, 512, 10), jax.nn.relu, 128, 6400, False),
    "wide": ((1024, 2048, 2048, 1), jax.nn.relu, 512, 2048, False),
    "full": ((8, 64, 64, 1), jnp.tanh, 16384, 16384, False),
}


def build(units, activation, batch, rows, adam):
    keys = jax.random.split(jax.random.PRNGKey(0), len(units) + 2)
    inputs = jax.random.uniform(keys[-1], (rows, units[0]))
    targets = jax.random.uniform(keys[-2], (rows, units[-1]))
    pairs = list(zip(units, units[1:]))
    weights = [(jax.random.normal(k, p) * (2 / p[0]) ** 0.5, jnp.zeros(p[1])) for k, p in zip(keys, pairs)]

    def loss(weights, x, y):
        for w, b in weights[:-1]:
            x = activation(x @ w + b)
        w, b = weights[-1]
        return jnp.sum((x @ w + b - y) ** 2) / x.shape[0]

    def step(state, chosen):
        weights, mean, square, count = state
        gradient = jax.grad(loss)(weights, inputs[chosen], targets[chosen])
        if not adam:
            weights = jax.tree.map(lambda w, g: w - 0.01 * g, weights, gradient)
            return (weights, mean, square, count), None
        count = count + 1
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradient)
        first, second = 1 - 0.9**count, 1 - 0.999**count
        update = lambda w, m, v: w - 0.001 * (m / first) / (jnp.sqrt(v / second) + 1e-8)
        return (jax.tree.map(update, weights, mean, square), mean, square, count), None

    @jax.jit
    def epoch(state, key):
        order = jax.random.permutation(key, rows)[: rows // batch * batch].reshape(-1, batch)
        return jax.lax.scan(step, state, order)[0]

    zeros = jax.tree.map(jnp.zeros_like, weights)
    return epoch, (weights, zeros, zeros, jnp.float32(0))


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "small"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
    units, _, _, rows, _ = SHAPES[name]
    epoch, state = build(*SHAPES[name])
    key = jax.random.PRNGKey(1)
    state = jax.block_until_ready(epoch(state, key))
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        state = jax.block_until_ready(epoch(state, key))
        times.append(time.perf_counter() - before)
    median = statistics.median(times)
    products = sum(a * b * (2 if at == 0 else 3) for at, (a, b) in enumerate(zip(units, units[1:])))
    print(
        f"{name:8} jax       th=1 epoch {median * 1e3:9.2f} ms  {rows / median / 1e3:9.1f} krows/s"
        f"  {2 * rows * products / median / 1e9:8.1f} GFLOP/s"
    )


if __name__ == "__main__":
    main()
