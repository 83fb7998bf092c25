"""The peak of resident memory of an epoch in PyTorch, beside the table's own: `python memory_peer.py ROWS UNITS BATCH|full`."""

import pathlib
import sys

import torch


def resident(what):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(what + ":"))


rows, units, batch = int(sys.argv[1]), [int(n) for n in sys.argv[2].split(",")], sys.argv[3]
torch.set_num_threads(1)
modules = []
for a, b in zip(units, units[1:]):
    modules += [torch.nn.Linear(a, b), torch.nn.Tanh()]
network = torch.nn.Sequential(*modules[:-1])
optimizer = torch.optim.SGD(network.parameters(), lr=1e-4)


def step(x, y):
    optimizer.zero_grad(set_to_none=True)
    (torch.nn.functional.mse_loss(network(x), y, reduction="sum") / x.shape[0]).backward()
    optimizer.step()


# A first step on a few rows loads what PyTorch loads late.
step(torch.rand(2, units[0]), torch.rand(2, units[-1]))
before = resident("VmRSS")
x, y = torch.rand(rows, units[0]), torch.rand(rows, units[-1])
pathlib.Path("/proc/self/clear_refs").write_text("5")
if batch == "full":
    step(x, y)
else:
    for chosen in torch.randperm(rows).split(int(batch)):
        step(x[chosen], y[chosen])
table = 4 * (x.numel() + y.numel())
print(f"table {table} peak {resident('VmHWM')} before {before}")
