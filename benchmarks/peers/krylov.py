"""The algorithm of our decomposition of a Jacobian, for peers: randomized block Krylov iteration with Rayleigh–Ritz in double precision (docs/svd.md)."""
import numpy as np

LOOK = 12  # part of the basis by which it grows between two looks at its Ritz pairs
ALIKE = 4  # tolerances apart


def orthonormal(rows):
    return np.linalg.qr(rows.T)[0].T


def right_vectors(push, pull, n, rank, tolerance=1e-3, oversample=2, most=12, seed=0):
    """The leading right singular vectors [rank, n] and the number of products; a block is pushed, push(v [b, n]), and what that gives is pulled, in single
    precision. Ends when each triple's residual |Jᵀ J v − σ² v| is at most the tolerance times σ². No restart: twelve times rank + oversample vectors are
    not to be exceeded. Begins again in blocks of that many where b values or more are alike."""
    wide = rank + oversample
    narrow = max(min(2, rank), 1 + min(rank, oversample))
    before = 0
    for width in (narrow, wide):
        v, vectors = iteration(push, pull, n, rank, tolerance, width, wide, most * wide - before, seed)
        before += vectors
        if v is not None:
            return v, 2 * before
    raise SystemExit(f"block Krylov iteration has not converged after {before} vectors")


def iteration(push, pull, n, rank, tolerance, width, wide, most, seed):
    """The vectors, or None where more values may be hidden, and how many were pushed and pulled."""
    block = orthonormal(np.random.default_rng(seed).standard_normal((width, n)))
    basis, images = np.empty((0, n)), np.empty((0, n))
    look = rank
    while len(basis) + len(block) <= most:
        image = np.asarray(pull(push(block.astype(np.float32))), dtype=np.float64)
        basis, images = np.concatenate([basis, block]), np.concatenate([images, image])
        if len(basis) >= look:
            look = len(basis) + max(width, len(basis) // LOOK)
            t = basis @ images.T
            values, z = np.linalg.eigh((t + t.T) / 2)
            z, values = z[:, ::-1][:, :rank].T, values[::-1][:rank]
            v = z @ basis
            open_ = np.flatnonzero(~(np.linalg.norm(z @ images - values[:, None] * v, axis=1) <= tolerance * values))
            settled = open_[0] if len(open_) else rank
            if width < wide and hides(values, settled, width, ALIKE * tolerance):
                return None, len(basis)
            if settled == rank:
                return v, len(basis)
        for _ in range(2):
            image = image - (image @ basis.T) @ basis
        block = orthonormal(image)
    return None, len(basis)


def hides(values, settled, width, alike):
    """Whether so many of the settled values are alike that more of them may be hidden, which would come before the last one."""
    return any(values[i] - values[i + width - 1] <= alike * values[i] < values[i] - values[-1]
               for i in range(min(settled, len(values) - 1) - width + 1))
