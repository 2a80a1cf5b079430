package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CoresTest {

    @Test
    void theClientHasTheLastOneAndTheServerTheOthersWhereverTheyBegin() {
        Cores cores = Cores.parse("2-3,6,8-9");
        assertEquals(List.of(2, 3, 6, 8), cores.butLast().numbers());
        assertEquals(List.of(9), cores.last().numbers());
        assertEquals(
                List.of("taskset", "-c", "2,3,6,8", "a", "b"), cores.butLast().run(List.of("a", "b")));
    }

    @Test
    void oneIsShared() {
        Cores one = Cores.parse("5");
        assertEquals(one, one.butLast());
        assertEquals(one, one.last());
    }

    @Test
    void whoMayRunOnAllIsStartedAsItIs() {
        assertEquals(List.of("a"), Cores.ALL.run(List.of("a")));
    }
}
