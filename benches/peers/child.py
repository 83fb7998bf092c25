"""A system under measurement: a process that is pinned to cores, stands still while others run, and answers line by line."""

import os
import signal
import subprocess


class Gone(Exception):
    """The process ended, or said what it should not."""


class Child:
    def __init__(self, name, command, threads, cpus):
        self.name, self.threads = name, threads
        # Threads of every library that asks the environment. Compiling in processes of its own would outlive a stop.
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
        environment = os.environ | {name: str(threads) for name in names}
        environment["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
        pin = getattr(os, "sched_setaffinity", None)
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            preexec_fn=(lambda: pin(0, cpus[:threads])) if pin else None,
        )
        self.version = self.expect("version")
        self.stop()

    def expect(self, word):
        line = self.process.stdout.readline().strip()
        if line.split(" ")[0] != word:
            raise Gone(f"{self.name} answered {line!r} and not `{word} ...`")
        return line.removeprefix(word).strip()

    def ask(self, command, word):
        """The rest of the answer that begins with a word."""
        self.tell(command)
        return self.expect(word)

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def epochs(self, seconds=0.1, most=25):
        """Times of epochs, one after another for a while."""
        times = []
        while not times or (sum(times) < seconds and len(times) < most):
            times.append(float(self.ask("epoch", "seconds")))
        return times

    def go(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """Stands still, so that threads which wait by spinning take no time from others."""
        self.process.send_signal(signal.SIGSTOP)

    def end(self):
        self.process.kill()
        self.process.wait()
