package dev.canonica.cadistill.loss;

import java.math.BigDecimal;
import java.math.MathContext;

/** Alignment with 80 digits, of which kernels near 1 lose as many as they may. */
final class Digits {
    private static final MathContext MC = new MathContext(80);
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    private Digits() {}

    /** The biased alignment of Gaussian kernels. */
    static BigDecimal rbf(BigDecimal[][] x, BigDecimal[][] y, double sigma) {
        return alignment(centred(gaussian(x, sigma)), centred(gaussian(y, sigma)));
    }

    /** The unbiased alignment of linear kernels, by the three terms of HSIC₁. */
    static BigDecimal unbiased(BigDecimal[][] x, BigDecimal[][] y) {
        BigDecimal[][] k = products(x);
        BigDecimal[][] l = products(y);
        return hsic1(k, l).divide(hsic1(k, k).multiply(hsic1(l, l)).sqrt(MC), MC);
    }

    private static BigDecimal hsic1(BigDecimal[][] k, BigDecimal[][] l) {
        int n = k.length;
        BigDecimal trace = BigDecimal.ZERO;
        BigDecimal sumK = BigDecimal.ZERO;
        BigDecimal sumL = BigDecimal.ZERO;
        BigDecimal rows = BigDecimal.ZERO;
        for (int i = 0; i < n; i++) {
            BigDecimal rowK = BigDecimal.ZERO;
            BigDecimal rowL = BigDecimal.ZERO;
            for (int j = 0; j < n; j++) {
                trace = trace.add(k[i][j].multiply(l[i][j]));
                rowK = rowK.add(k[i][j]);
                rowL = rowL.add(l[i][j]);
            }
            rows = rows.add(rowK.multiply(rowL));
            sumK = sumK.add(rowK);
            sumL = sumL.add(rowL);
        }
        return trace.add(sumK.multiply(sumL).divide(BigDecimal.valueOf((n - 1L) * (n - 2)), MC))
                .subtract(rows.multiply(TWO).divide(BigDecimal.valueOf(n - 2L), MC));
    }

    /** X Xᵀ with zeros on the diagonal. */
    private static BigDecimal[][] products(BigDecimal[][] x) {
        int n = x.length;
        BigDecimal[][] k = new BigDecimal[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                k[i][j] = BigDecimal.ZERO;
                for (int c = 0; i != j && c < x[i].length; c++) {
                    k[i][j] = k[i][j].add(x[i][c].multiply(x[j][c]));
                }
            }
        }
        return k;
    }

    private static BigDecimal[][] gaussian(BigDecimal[][] x, double sigma) {
        int n = x.length;
        BigDecimal width = TWO.multiply(new BigDecimal(sigma).pow(2));
        BigDecimal[][] k = new BigDecimal[n][n];
        for (int i = 0; i < n; i++) {
            k[i][i] = BigDecimal.ONE;
            for (int j = 0; j < i; j++) {
                BigDecimal d = BigDecimal.ZERO;
                for (int c = 0; c < x[i].length; c++) {
                    d = d.add(x[i][c].subtract(x[j][c]).pow(2, MC));
                }
                k[i][j] = exp(d.negate().divide(width, MC));
                k[j][i] = k[i][j];
            }
        }
        return k;
    }

    private static BigDecimal[][] centred(BigDecimal[][] k) {
        int n = k.length;
        BigDecimal count = BigDecimal.valueOf(n);
        BigDecimal[] rows = new BigDecimal[n];
        BigDecimal all = BigDecimal.ZERO;
        for (int i = 0; i < n; i++) {
            rows[i] = BigDecimal.ZERO;
            for (BigDecimal v : k[i]) {
                rows[i] = rows[i].add(v);
            }
            all = all.add(rows[i]);
            rows[i] = rows[i].divide(count, MC);
        }
        all = all.divide(count.multiply(count), MC);
        BigDecimal[][] centred = new BigDecimal[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                centred[i][j] = k[i][j].subtract(rows[i]).subtract(rows[j]).add(all);
            }
        }
        return centred;
    }

    private static BigDecimal alignment(BigDecimal[][] k, BigDecimal[][] l) {
        return product(k, l).divide(product(k, k).multiply(product(l, l)).sqrt(MC), MC);
    }

    private static BigDecimal product(BigDecimal[][] k, BigDecimal[][] l) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < k.length; i++) {
            for (int j = 0; j < k.length; j++) {
                sum = sum.add(k[i][j].multiply(l[i][j], MC));
            }
        }
        return sum;
    }

    /** e^t, by its series at t / 2^m. */
    static BigDecimal exp(BigDecimal t) {
        if (t.compareTo(BigDecimal.valueOf(-400)) < 0) {
            return BigDecimal.ZERO;
        }
        int halvings = 0;
        while (t.abs().compareTo(BigDecimal.ONE) > 0) {
            t = t.divide(TWO, MC);
            halvings++;
        }
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal term = BigDecimal.ONE;
        BigDecimal least = BigDecimal.ONE.scaleByPowerOfTen(-MC.getPrecision());
        for (int i = 1; term.abs().compareTo(least) > 0; i++) {
            term = term.multiply(t, MC).divide(BigDecimal.valueOf(i), MC);
            sum = sum.add(term);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, MC);
        }
        return sum;
    }
}
