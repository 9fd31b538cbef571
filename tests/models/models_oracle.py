"""Slow second implementations of the predictions, in 40 digits, by formulas other than the ones under test."""

from mpmath import mp, mpf


def expected_2f1(nu: float, A: float, a: float, b: float, t: float) -> float:
    """The textbook form, FHL (2005) eq. 10: E[Y(t) | alive] with 2F1. Fails at a = 1 and a + b = 1."""
    with mp.workdps(60):
        N, M, P, B, s = (mpf(float(v)) for v in (nu, A, a, b, t))
        z = s / (M + s)
        return float((P + B - 1) / (P - 1) * (1 - (M / (M + s)) ** N * mp.hyp2f1(N, B, P + B - 1, z)))


def expected_panels(nu: float, A: float, a: float, b: float, t: float) -> float:
    """The integral over p in panels of ln p and ln(1 - p), Gauss-Legendre; below 1e-45 of any scale in closed form."""
    with mp.workdps(30):
        N, M, P, B, s = (mpf(float(v)) for v in (nu, A, a, b, t))

        def rate(p: mpf) -> mpf:
            return -mp.expm1(-N * mp.log1p(p * s / M)) / p

        smallest = mpf(10) ** -35 * min(1, 1 / (P + B), M / (s * (1 + N)))
        norm = mp.loggamma(P) + mp.loggamma(B) - mp.loggamma(P + B)
        peak = P / (P + B)
        half = mp.log(mpf(1) / 2)
        width = min(mpf(2), 8 * mp.sqrt(1 / P + 1 / B))
        low = max(mp.log(smallest), mp.log(peak) - 90 / P - 20 * width) if P > 1 else mp.log(smallest)

        def left(y: mpf) -> mpf:
            p = mp.exp(y)
            return mp.exp(P * y + (B - 1) * mp.log1p(-p) - norm) * rate(p)

        def right(y: mpf) -> mpf:
            q = mp.exp(y)
            return mp.exp(B * y + (P - 1) * mp.log1p(-q) - norm) * rate(1 - q)

        total = mp.exp(P * mp.log(smallest) - norm) / P * N * s / M if low == mp.log(smallest) else mpf(0)
        total += mp.quad(left, _panels(low, half, width), method="gauss-legendre", maxdegree=5)
        total += mp.exp(B * mp.log(smallest) - norm) / B * rate(mpf(1))
        total += mp.quad(right, _panels(mp.log(smallest), half, width), method="gauss-legendre", maxdegree=5)
        return float(total)


def _panels(low: mpf, high: mpf, width: mpf) -> list[mpf]:
    count = min(int((high - low) / width) + 1, 400)
    return [low + (high - low) * i / count for i in range(count + 1)]


def discounted_2f1(nu: float, A: float, a: float, b: float, t: float, delta: float) -> float:
    """By parts: e^(-delta t) E(t) + delta times the integral of e^(-delta s) E(s); t may be inf."""
    ends = [mpf(0), A / (1 + nu) / 10, A / (1 + nu), mpf(A), 10 * mpf(A), mpf(100) / delta]
    points = sorted({min(mpf(e), mpf(t)) for e in [*ends, 1 / mpf(delta), t]} - {mp.inf})
    body = mp.quad(lambda s: mp.exp(-delta * s) * (expected_2f1(nu, A, a, b, s) if s > 0 else 0), points, maxdegree=5)
    end = mp.exp(-delta * t) * expected_2f1(nu, A, a, b, t) if t < mp.inf else 0
    return float(end + delta * body)


def pmf(nu: float, A: float, a: float, b: float, t: float, k: int) -> float:
    """FHL (2005) for P(X(t) = k) with the posterior in place of the prior; its bracket cancels, hence the digits."""
    with mp.workdps(400):
        N, M, P, B, s = (mpf(float(v)) for v in (nu, A, a, b, t))
        count = mp.gamma(N + k) / (mp.gamma(N) * mp.factorial(k)) * (M / (M + s)) ** N * (s / (M + s)) ** k
        value = mp.beta(P, B + k) / mp.beta(P, B) * count
        if k > 0:
            term, total = mpf(1), mpf(0)
            for j in range(k):
                total += term
                term *= (N + j) / (j + 1) * s / (M + s)
            value += mp.beta(P + 1, B + k - 1) / mp.beta(P, B) * (1 - (M / (M + s)) ** N * total)
        return float(value)


def bg_nbd(r: float, alpha: float, a: float, b: float, x: int, t_x: float, T: float, chances: int) -> float:
    """Log-likelihood of one customer as printed: FHL (2005) eq. 6; Batislam et al. (2007) for chances 1."""
    with mp.workdps(60):
        R, M, P, B, u, w = (mpf(float(v)) for v in (r, alpha, a, b, t_x, T))
        base = mp.gamma(R + x) * M**R / mp.gamma(R)
        stay = mp.beta(P, B + x + chances) / mp.beta(P, B) * (M + w) ** -(R + x)
        left = mp.beta(P + 1, B + x + chances - 1) / mp.beta(P, B) * (M + u) ** -(R + x) if x + chances > 0 else mpf(0)
        return float(mp.log(base * (stay + left)))


def gamma_gamma(p: float, q: float, v: float, n: float, mean: float) -> float:
    """Log-likelihood of one customer, note 025, as printed."""
    with mp.workdps(60):
        P, Q, V, k, m = (mpf(float(value)) for value in (p, q, v, n, mean))
        gammas = mp.loggamma(P * k + Q) - mp.loggamma(P * k) - mp.loggamma(Q)
        rest = Q * mp.log(V) + (P * k - 1) * mp.log(m) + P * k * mp.log(k) - (P * k + Q) * mp.log(k * m + V)
        return float(gammas + rest)


def pareto_nbd(r: float, alpha: float, s: float, beta: float, x: int, t_x: float, T: float) -> tuple[float, float]:
    """(log-likelihood, P(alive)) with the 2F1 of Fader & Hardie's note on the Pareto/NBD, for alpha >= beta or not."""
    with mp.workdps(80):
        R, M, S, B, u, w = (mpf(float(v)) for v in (r, alpha, s, beta, t_x, T))
        total = R + S + x
        top, second = (M, S + 1) if M >= B else (B, R + x)
        gap = abs(M - B)

        def f(time: mpf) -> mpf:
            return mp.hyp2f1(total, second, total + 1, gap / (top + time)) / (top + time) ** total

        alive = (M + w) ** -(R + x) * (B + w) ** -S
        left = S / total * (f(u) - f(w))
        base = mp.gamma(R + x) * M**R * B**S / mp.gamma(R)
        return float(mp.log(base * (alive + left))), float(alive / (alive + left))


def pareto_ahead(nu: float, A: float, s: float, B: float, t: float, k: int) -> tuple[float, float]:
    """(P(Y(t) = k), expected purchases) of one alive: over the moment of the end of life, in 30 digits."""
    with mp.workdps(30):
        N, M, S, L, end = (mpf(float(v)) for v in (nu, A, s, B, t))

        def count(u: mpf) -> mpf:
            if u == 0:
                return mpf(k == 0)
            z = u / (M + u)
            return mp.exp(mp.loggamma(N + k) - mp.loggamma(N) - mp.loggamma(k + 1) + N * mp.log(1 - z) + k * mp.log(z))

        points = [mpf(0), end / 100, end / 10, end / 2, end]
        died = mp.quad(lambda u: S / L * (1 + u / L) ** (-S - 1) * count(u), points)
        mean = mp.quad(lambda u: N / M * (1 + u / L) ** -S, points)
        return float(died + (1 + end / L) ** -S * count(end)), float(mean)
