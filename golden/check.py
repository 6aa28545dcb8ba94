#!/usr/bin/env python3
"""Runs `canonica run` on golden model cases and compares with the reference's results.

usage: golden/check.py COMMAND CASE_DIR [CASE_DIR ...] [-- extra options for the command]
       golden/check.py ./canonica golden/models/*

Prints a line a case; exit 1 if any falls short. Needs numpy alone.
"""
import json, subprocess, sys, tempfile, time
from pathlib import Path
import numpy as np

argv = sys.argv[1:]
extra = argv[argv.index("--") + 1:] if "--" in argv else []
argv = argv[:argv.index("--")] if "--" in argv else argv
if len(argv) < 2: sys.exit(__doc__)

def rel(a, b):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape: raise ValueError(f"shape {a.shape}, expected {b.shape}")
    if not np.isfinite(a).all(): return np.inf
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-12))

def compare(got, want, tol):
    worst = []
    for key in want.files:
        if key not in got.files: worst.append((key, "missing")); continue
        a, b = got[key], want[key]
        try:
            if key.endswith("/v"):                     # right singular vectors: the best separated leading subspace of each sample
                s = want[key[:-1] + "s"]
                for i in range(b.shape[0]):
                    n = b.shape[1]; j = int(np.argmax((s[i, :-1] - s[i, 1:]) / s[i, 0])) + 1 if n > 1 else 1
                    A, B = (np.linalg.qr(np.asarray(m[i, :j], np.float64).reshape(j, -1).T)[0] for m in (a, b))
                    sine = float(np.linalg.norm(A - B @ (B.T @ A), 2))
                    if not sine <= tol.get("subspace_angle", 1e-3): worst.append((f"{key}[{i}] first {j}", f"sin(angle) {sine:.2e}"))
            elif key.endswith(("/s", "/evr")):
                e = float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-12)))
                if not e <= tol.get("sigma_relative", 1e-4): worst.append((key, f"relative {e:.2e}"))
            elif key.endswith("/k"):
                if not np.array_equal(np.asarray(a, np.int64), np.asarray(b, np.int64)): worst.append((key, f"{a} for {b}"))
            else:
                # a bias of keys shifts all scores of a query alike and changes nothing: its gradient is 0, and what the reference has is rounding
                e = rel(a, b) if not key.endswith("to_k.bias") else float(np.linalg.norm(a - b) / np.linalg.norm(want[key.replace("to_k", "to_q")]))
                if not e <= tol.get("relative_l2", 2e-5): worst.append((key, f"relative {e:.2e}"))
        except ValueError as err: worst.append((key, str(err)))
    for key in got.files:
        if key.endswith("/residual") and not float(np.max(got[key])) <= 1e-2: worst.append((key, f"{float(np.max(got[key])):.1e}"))
    return worst

bad = 0
for d in map(Path, argv[1:]):
    case = json.loads((d / "case.json").read_text()); t = time.time()
    with tempfile.TemporaryDirectory() as tmp:
        out = Path(tmp) / "out.npz"
        cmd = [argv[0], "run", "--model", str(d.parent / case["model"]), "--inputs", str(d / "inputs.npz"), "--outputs", str(out),
               "--compute", ",".join(case["compute"]), *case["options"], *extra]
        p = subprocess.run(cmd, capture_output=True, text=True)
        if p.returncode or not out.exists():
            bad += 1; print(f"{d.name}: exit {p.returncode}: {(p.stderr.strip().splitlines() or ['no message'])[-1][:160]}"); continue
        worst = compare(np.load(out), np.load(d / "expected.npz"), case["tolerance"])
    if worst: bad += 1
    print(f"{d.name}: " + ("ok" if not worst else "; ".join(f"{k}: {v}" for k, v in worst[:4]) + (f" (+{len(worst) - 4} more)" if len(worst) > 4 else "")) + f" ({time.time() - t:.1f} s)")
print(f"{len(argv) - 1 - bad} of {len(argv) - 1} cases hold")
sys.exit(bool(bad))
