package dev.canonica.cadistill.student;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShareTest {
    /** 60 of class 0, 30 of class 1, 10 of class 2, mixed. */
    private static final int[] LABELS = labels();

    private static int[] labels() {
        int[] labels = new int[100];
        Arrays.setAll(labels, i -> i * 37 % 100 < 60 ? 0 : i * 37 % 100 < 90 ? 1 : 2);
        return labels;
    }

    private static long count(int[] drawn, int label) {
        return Arrays.stream(drawn).filter(i -> LABELS[i] == label).count();
    }

    @Test
    void classesKeepTheirProportions() {
        int[] ten = Share.stratified(LABELS, 10, 3);
        assertThat(ten).doesNotHaveDuplicates().isSorted().hasSize(10);
        assertThat(count(ten, 0)).isEqualTo(6);
        assertThat(count(ten, 1)).isEqualTo(3);
        assertThat(count(ten, 2)).isEqualTo(1);
        int[] seven = Share.stratified(LABELS, 7, 3); // 4.2, 2.1, 0.7
        assertThat(count(seven, 0)).isEqualTo(4);
        assertThat(count(seven, 1)).isEqualTo(2);
        assertThat(count(seven, 2)).isEqualTo(1);
    }

    @Test
    void aFunctionOfTheSeedAndNested() {
        assertThat(Share.stratified(LABELS, 10, 3)).isEqualTo(Share.stratified(LABELS, 10, 3));
        assertThat(Share.stratified(LABELS, 10, 4)).isNotEqualTo(Share.stratified(LABELS, 10, 3));
        assertThat(Share.stratified(LABELS, 50, 3)).contains(Share.stratified(LABELS, 10, 3));
        assertThat(Share.stratified(LABELS, 100, 3)).hasSize(100).doesNotHaveDuplicates();
        assertThatThrownBy(() -> Share.stratified(LABELS, 101, 3)).hasMessage("share: 101 of 100 images");
    }
}
