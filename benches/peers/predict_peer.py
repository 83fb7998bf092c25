"""Predictions in PyTorch or onnxruntime: `python predict_peer.py THREADS torch|onnxruntime`, commands on standard input.

Rows are in single precision already; they are scaled within the network, and many of them go through it in blocks of 4096, which
is faster than all at once.
"""

import statistics
import sys
import time

import numpy

THREADS, SYSTEM = int(sys.argv[1]), sys.argv[2]
BLOCK = 4096
OFFSET, FACTOR = 0.5, 0.25


def torch_network(layers, activation):
    import torch

    torch.set_num_threads(THREADS)
    activations = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}
    layers = [(torch.from_numpy(w.T.copy()), torch.from_numpy(b.copy())) for w, b in layers]

    @torch.inference_mode()
    def run(x):
        x = (torch.from_numpy(x) - OFFSET) / FACTOR
        for w, b in layers[:-1]:
            x = activations[activation](torch.nn.functional.linear(x, w, b))
        return torch.nn.functional.linear(x, *layers[-1]).numpy()

    return f"PyTorch {torch.__version__}", run


def onnx_network(layers, activation):
    import onnx
    import onnxruntime
    from onnx import helper, numpy_helper

    constant = lambda name, value: numpy_helper.from_array(numpy.asarray(value, dtype=numpy.float32), name)
    constants = [constant("offset", OFFSET), constant("factor", FACTOR)]
    nodes = [helper.make_node("Sub", ["x", "offset"], ["shifted"]), helper.make_node("Div", ["shifted", "factor"], ["a0"])]
    for at, (w, b) in enumerate(layers):
        constants += [constant(f"w{at}", w), constant(f"b{at}", b)]
        is_last = at + 1 == len(layers)
        nodes.append(helper.make_node("Gemm", [f"a{at}", f"w{at}", f"b{at}"], ["y" if is_last else f"z{at}"]))
        if not is_last:
            nodes.append(helper.make_node(activation.capitalize(), [f"z{at}"], [f"a{at + 1}"]))
    matrix = lambda name, cols: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["rows", cols])
    ends = [matrix("x", layers[0][0].shape[0])], [matrix("y", layers[-1][0].shape[1])]
    graph = helper.make_graph(nodes, "network", *ends, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return f"onnxruntime {onnxruntime.__version__}", lambda x: session.run(None, {"x": x})[0]


def main():
    make = {"torch": torch_network, "onnxruntime": onnx_network}[SYSTEM]
    answer = lambda text: print(text, flush=True)
    answer("version " + make([(numpy.ones((1, 1), "f4"), numpy.ones(1, "f4"))], "relu")[0])
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "load":
            keys = dict(part.split("=", 1) for part in rest)
            units, rows = [int(n) for n in keys["units"].split(",")], int(keys["rows"])
            read = lambda name: numpy.fromfile(f"{keys['data']}/{name}", dtype="<f4")
            flat, start, layers = read("parameters.f32"), 0, []
            for a, b in zip(units, units[1:]):
                layers.append((flat[start : start + a * b].reshape(a, b), flat[start + a * b :][:b]))
                start += a * b + b
            x, wanted = read("x.f32").reshape(rows, -1), read("predictions.f32").reshape(rows, -1)
            run = make(layers, keys["activation"])[1]
            predict = lambda: numpy.concatenate([run(x[at : at + BLOCK]) for at in range(0, rows, BLOCK)])
            answer(f"difference {abs(predict() - wanted).max() / abs(wanted).max()}")
        elif command == "all":
            before = time.perf_counter()
            predict()
            answer(f"seconds {time.perf_counter() - before}")
        elif command == "one":
            times, row = [], x[:1]
            for _ in range(1001):
                before = time.perf_counter()
                run(row)
                times.append(time.perf_counter() - before)
            answer(f"seconds {statistics.median(times)}")


if __name__ == "__main__":
    main()
