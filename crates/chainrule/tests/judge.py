"""Repeats a training run in plain NumPy: backpropagation from the article's formulas, Adam from its paper.

Reads the run as JSON on standard input and prints the loss of every step, and the last parameters, as JSON. It shares
nothing with Chainrule but the run's first numbers: the initial parameters and the order of the rows.
"""

import json
import sys

import numpy as np

# Each activation with its slope, both as functions of Z.
ACTIVATIONS = {
    "relu": (lambda Z: np.where(Z > 0, Z, 0.0), lambda Z: np.where(Z > 0, 1.0, 0.0)),
    "tanh": (np.tanh, lambda Z: 1.0 - np.tanh(Z) ** 2),
    "identity": (lambda Z: Z, np.ones_like),
}

# The settings of Kingma and Ba (2015), section 2.
RATE, BETA1, BETA2, EPSILON = 0.001, 0.9, 0.999, 1e-8


def forward(X, layers):
    """Z and A of every layer, `Z = A*W + ones(m)*b'` and `A = g(Z)`, with X as the A before the first."""
    Zs, As = [], [X]
    for W, b, (g, _) in layers:
        Zs.append(As[-1] @ W + b)
        As.append(g(Zs[-1]))
    return Zs, As


def backward(Y, layers, Zs, As):
    """df/dW and df/db of every layer for `f = norm(A - Y)^2/m`, from the last layer to the first."""
    gradients = []
    dA = 2.0 / len(Y) * (As[-1] - Y)
    for (W, _, (_, slope)), Z, A in reversed(list(zip(layers, Zs, As))):
        dZ = dA * slope(Z)
        gradients.append((A.T @ dZ, dZ.sum(axis=0)))
        dA = dZ @ W.T
    return gradients[::-1]


def adam(value, gradient, state, t):
    """One step of Adam, in place; `state` holds the two running means."""
    M, V = state
    M[...] = BETA1 * M + (1.0 - BETA1) * gradient
    V[...] = BETA2 * V + (1.0 - BETA2) * gradient**2
    value -= RATE * (M / (1.0 - BETA1**t)) / (np.sqrt(V / (1.0 - BETA2**t)) + EPSILON)


def main():
    run = json.load(sys.stdin)
    X, Y = np.array(run["x"]), np.array(run["y"])
    layers = [
        (np.array(layer["weights"]), np.array(layer["bias"]), ACTIVATIONS[layer["activation"]])
        for layer in run["layers"]
    ]
    values = [value for W, b, _ in layers for value in (W, b)]
    states = [(np.zeros_like(value), np.zeros_like(value)) for value in values]
    losses = []
    for order in run["orders"]:
        for start in range(0, len(order), run["batch_size"]):
            rows = order[start : start + run["batch_size"]]
            Zs, As = forward(X[rows], layers)
            losses.append(np.sum((As[-1] - Y[rows]) ** 2) / len(rows))
            gradients = [part for pair in backward(Y[rows], layers, Zs, As) for part in pair]
            for value, gradient, state in zip(values, gradients, states):
                adam(value, gradient, state, len(losses))
    json.dump({"losses": losses, "parameters": np.concatenate([v.ravel() for v in values]).tolist()}, sys.stdout)


main()
