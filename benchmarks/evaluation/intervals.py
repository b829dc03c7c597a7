"""Intervals of shares: Wilson's for a count, resampled ones for what is clustered."""

import math


def share(hits: int, whole: int) -> str:
    """A share in per cent with its 95 % Wilson interval; of none, what three in n bounds."""
    if not whole:
        return "none measured"
    low, high = wilson(hits, whole)
    high = min(3 / whole, 1.0) if hits == 0 else high
    return f"{hits / whole:.1%} ({low:.1%} to {high:.1%}) of {whole}"


def wilson(hits: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927)."""
    p, n = hits / whole, whole
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)
