"""Our side of a comparison, in a process of its own, and how the two sides take turns.

The C library is told to keep memory that was freed, as our pool does: PyTorch takes a tensor's memory from the system and gives it back, which on some machines
takes it longer than to compute.
"""
import datetime, json, os, statistics, subprocess, sys, tempfile, time
from pathlib import Path
import numpy as np, torch

KEPT = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000", "MALLOC_TOP_PAD_": "1000000000"}
WARM_UP = 2.0
COMPILED = 10.0                                                              # after so many seconds the virtual machine's compilers, which have no core of their own beside our threads, are through


def keep_memory(**more):
    """Starts this script again with the C library told so, which reads it when it starts; and with more variables that libraries read when they are loaded."""
    if not {*KEPT, *more} <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEPT, **more})


class Server:
    """Our side, in a process of its own, on so many threads."""

    def __init__(self, classpath, threads=1):
        self.threads = threads
        self.folder = tempfile.TemporaryDirectory()
        command = ["java", "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", *os.environ.get("JAVA_OPTS", "").split(),
                   "-cp", classpath, "dev.canonica.benchmarks.work.WorkServer"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.facts = json.loads(self.ask(f"threads {threads}"))

    def ask(self, request):
        print(request, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"our side ended at '{request}'")
        return answer

    def make(self, words):
        file = Path(self.folder.name) / "work.npz"
        if int(self.ask(f"make {file} {words}")) == 0:
            return {}
        with np.load(file) as arrays:
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files}

    def time(self, calls):
        """Seconds a call."""
        return int(self.ask(f"time {calls}")) / 1e9 / calls


def seconds(work, calls, threads=1):
    """Seconds a call: of processor time on one thread, of time that passes on several, as our server measures; then after a rest, in which the threads of those before stop to wait for work."""
    rest(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    start = clock()
    for _ in range(calls):
        work()
    return (clock() - start) / calls


def rest(threads):
    if threads > 1:
        time.sleep(0.3)


def warm(timer, enough=WARM_UP):
    """The number of calls in a turn, after some seconds of warm-up and at least one call."""
    spent, calls, each = 0.0, 1, 0.0
    while spent < enough:
        each = timer(calls)
        spent += each * calls
        calls = max(1, min(2 * calls, int(0.3 / each)))
    return max(1, int(0.1 / each))


def check(name, ours, theirs, most=2e-4):
    """The greatest difference, as a part of the greatest element."""
    error = (ours - theirs).abs().max().item() / ours.abs().max().item()
    if not error < most:
        sys.exit(f"{name}: the peer's result differs from ours by {error:.1e} of the greatest element")
    return error


def turns(server, work, times):
    """Medians of ours, of so many times theirs, and of the ratio of neighbouring turns, in seconds."""
    return rounds(server, {"peer": (work, times)}, 20)["peer"]


def rounds(server, peers, most):
    """For each of the peers, which are given as work and how many times it counts, medians of ours, of theirs, and of the ratio of the turns of a round, in seconds. A round is a
    turn of ours and one of each; rounds take so many seconds, but there are at least 5."""
    our_calls = warm(server.time, WARM_UP if server.threads == 1 else COMPILED)
    calls = {name: warm(lambda n: seconds(work, n, server.threads)) for name, (work, _) in peers.items()}
    found, start = [], time.monotonic()
    while len(found) < 5 or len(found) < 21 and time.monotonic() - start < most:
        rest(server.threads)
        ours = server.time(our_calls)
        found.append({name: (ours, times * seconds(work, calls[name], server.threads)) for name, (work, times) in peers.items()})
    result = {}
    for name in peers:
        pairs = [f[name] for f in found]
        result[name] = (statistics.median(o for o, _ in pairs), statistics.median(t for _, t in pairs), statistics.median(t / o for o, t in pairs))
    return result


def record(file, server, benchmark, shape, peer, versions, ours, theirs, ratio):
    """Prints a comparison, and adds it to the file as a line of JSON."""
    print(f"{benchmark:20} {shape:40} {1e3 * ours:.3f} ms, {peer} {1e3 * theirs:.3f} ms: {ratio:.2f}", flush=True)
    line = {"benchmark": benchmark, "shape": shape, "peer": peer, "ours": 1e3 * ours, "theirs": 1e3 * theirs, "ratio": ratio,
            "threads": server.threads, **server.facts, "versions": versions, "date": datetime.date.today().isoformat()}
    with open(file, "a") as results:
        print(json.dumps(line, ensure_ascii=False), file=results)
