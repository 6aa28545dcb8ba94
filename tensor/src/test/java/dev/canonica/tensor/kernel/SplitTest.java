package dev.canonica.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitTest {
    private record Piece(long from, long to) {}

    private static List<Piece> pieces(int threads, long n, long grain) {
        return Session.current().withThreads(threads).call(() -> {
            List<Piece> pieces = Collections.synchronizedList(new ArrayList<>());
            Split.range(n, grain, (from, to) -> pieces.add(new Piece(from, to)));
            return pieces.stream().sorted(Comparator.comparingLong(Piece::from)).toList();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "0, 5",
        "1, 5",
        "5, 5",
        "6, 5",
        "7, 1",
        "100, 42",
        "16384, 16384",
        "16385, 16384",
        "49152, 16384",
        "1000003, 16384"
    })
    void piecesCoverTheRangeOnceOnAnyNumberOfThreads(long n, long grain) {
        List<Piece> pieces = pieces(1, n, grain);
        long end = 0;
        for (Piece p : pieces) {
            assertThat(p.from()).isEqualTo(end);
            assertThat(p.to() - p.from()).isBetween(1L, grain);
            end = p.to();
        }
        assertThat(end).isEqualTo(n);
        assertThat(pieces(3, n, grain)).isEqualTo(pieces);
    }

    @ParameterizedTest
    @CsvSource({"16384, 1", "16385, 5", "49152, 12", "100000, 16", "262144, 16", "300000, 19"})
    void aRangeOfFewGrainsHasMorePieces(long n, int pieces) {
        assertThat(pieces(1, n, 16384)).hasSize(pieces);
    }

    @Test
    void longPiecesEndWithALine() {
        for (Piece p : pieces(1, 50_001, 16384).subList(0, 3)) {
            assertThat(p.to() % 64).isZero();
        }
    }
}
