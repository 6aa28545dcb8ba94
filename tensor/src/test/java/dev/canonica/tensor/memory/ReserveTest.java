package dev.canonica.tensor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReserveTest {
    @Test
    void aReserveKeepsItsBlocksUntilItIsClosed() {
        Memory memory = Memory.ofSystem(1 << 20, IllegalStateException::new);
        Reserve reserve = new Reserve(memory);
        Storage a = reserve.allocate(1000);
        long address = a.block().address();
        a.close();
        assertThat(memory.liveBytes()).isEqualTo(1024);
        assertThat(memory.allocate(1000).block().address()).isNotEqualTo(address); // is not given to others
        Storage again = reserve.allocate(1000);
        assertThat(again.block().address()).isEqualTo(address);
        Storage late = reserve.allocate(500);
        again.close();
        reserve.close();
        assertThat(memory.liveBytes()).isEqualTo(1024 + 512);
        late.close(); // goes to the pool at once
        assertThat(memory.liveBytes()).isEqualTo(1024);
        assertThat(memory.allocate(1000).block().address()).isEqualTo(address);
        assertThatThrownBy(() -> reserve.allocate(2 << 20)).isInstanceOf(IllegalStateException.class);
    }
}
