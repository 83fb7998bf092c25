"""The workloads in PyTorch: `python torch_peer.py THREADS eager|compile`, commands on standard input.

Eager is what its tutorials show, with the fused optimizers. Compiled is the loss by `torch.compile` and the optimizer likewise.
"""

import sys

import peer
import torch

THREADS, MODE = int(sys.argv[1]), sys.argv[2]
ACTIVATIONS = {"sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}


class Torch:
    def __init__(self, work):
        self.work = work
        self.x, self.y = torch.from_numpy(work.x.copy()), torch.from_numpy(work.y.copy())
        modules = []
        for weights, bias in work.layers:
            linear = torch.nn.Linear(*weights.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weights.T.copy()))
                linear.bias.copy_(torch.from_numpy(bias.copy()))
            modules += [linear, ACTIVATIONS[work.activation]()]
        self.network = torch.nn.Sequential(*modules[:-1])
        parameters = self.network.parameters()
        fused = MODE == "eager"
        if work.adam:
            self.optimizer = torch.optim.Adam(parameters, lr=work.rate, fused=fused)
        else:
            self.optimizer = torch.optim.SGD(parameters, lr=work.rate, fused=fused)
        self.criterion = self.squares
        self.update = self.optimizer.step
        if MODE == "compile":
            torch._dynamo.reset()
            self.criterion = torch.compile(self.squares)
            self.update = torch.compile(self.optimizer.step)

    def squares(self, x, y):
        return torch.nn.functional.mse_loss(self.network(x), y, reduction="sum") / x.shape[0]

    def epoch(self, order):
        for rows in self.batches(order):
            self.optimizer.zero_grad(set_to_none=True)
            self.criterion(self.x[rows], self.y[rows]).backward()
            self.update()

    def batches(self, order):
        if order is None and self.work.batch == self.work.rows:
            return [slice(None)]
        order = torch.randperm(self.work.rows) if order is None else torch.from_numpy(order)
        return order.split(self.work.batch)

    def loss(self):
        with torch.no_grad():
            return self.squares(self.x, self.y)


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    peer.serve(f"PyTorch {torch.__version__} {MODE}", Torch)
