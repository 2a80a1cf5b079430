package dev.crier.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CoresTest {

    @Test
    void theLastCoreIsSeparatedFromTheOthersWhateverTheirNumbers() {
        Cores cores = Cores.parse("2-3,6,8-9");
        assertEquals(List.of(2, 3, 6, 8), cores.withoutLast().numbers());
        assertEquals(List.of(9), cores.last().numbers());
        assertEquals(
                List.of("taskset", "-c", "2,3,6,8", "a", "b"),
                cores.withoutLast().command(List.of("a", "b")));
    }

    @Test
    void aSingleCoreIsBothTheLastAndAllOthers() {
        Cores one = Cores.parse("5");
        assertEquals(one, one.withoutLast());
        assertEquals(one, one.last());
    }

    @Test
    void aCommandForAllCoresNeedsNoTaskset() {
        assertEquals(List.of("a"), Cores.ALL.command(List.of("a")));
    }
}
