"""The algorithm of our decomposition of a Jacobian, for peers: randomized block Krylov iteration with Rayleigh–Ritz in double precision (docs/svd.md)."""
import numpy as np


def orthonormal(rows):
    return np.linalg.qr(rows.T)[0].T


def right_vectors(push, pull, n, rank, tolerance=1e-3, oversample=2, most=12, seed=0):
    """The leading right singular vectors [rank, n] and the number of products; a sweep is push(v [b, n]) and pull of what that gives, in single precision.
    Ends when each triple's residual |Jᵀ J v − σ² v| is at most the tolerance times σ². No restart: twelve sweeps are not to be exceeded."""
    block = orthonormal(np.random.default_rng(seed).standard_normal((rank + oversample, n)))
    basis, images = np.empty((0, n)), np.empty((0, n))
    for sweep in range(1, most + 1):
        image = np.asarray(pull(push(block.astype(np.float32))), dtype=np.float64)
        basis, images = np.concatenate([basis, block]), np.concatenate([images, image])
        t = basis @ images.T
        values, z = np.linalg.eigh((t + t.T) / 2)
        z, values = z[:, ::-1][:, :rank].T, values[::-1][:rank]
        v = z @ basis
        residual = np.linalg.norm(z @ images - values[:, None] * v, axis=1)
        if (residual <= tolerance * values).all():
            return v, 2 * sweep * len(block)
        for _ in range(2):
            image = image - (image @ basis.T) @ basis
        block = orthonormal(image)
    raise SystemExit(f"block Krylov iteration has not converged after {most} sweeps")
