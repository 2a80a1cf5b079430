package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of task, in small, against Crier; and against the floor what it can do. */
class BenchmarkTest {

    private static final Peer CRIER = new CrierPeer("Crier", "sqlite", 1, List.of());

    @TempDir
    private Path folder;

    private Map<Figure, Double> load(Peer peer, Task task) throws Exception {
        return Benchmark.load(Entrant.of(peer, task), folder);
    }

    @Test
    void pacedEventsReachAllReadersAndHaveTheirCost() throws Exception {
        for (Peer peer : List.of(CRIER, new FloorPeer())) {
            var apart = Entrant.apart(peer, Task.paced(50, 40, 0.2, 0.5));
            Map<Figure, Double> figures = Benchmark.load(apart, folder);
            assertEquals(0, figures.get(Figure.MISSING));
            assertTrue(figures.get(Figure.DELIVERED) > 0);
            assertTrue(figures.get(Figure.DELAY_P99) >= figures.get(Figure.DELAY_P50));
        }
    }

    @Test
    void aFloodReachesAllReaders() throws Exception {
        Map<Figure, Double> figures = load(CRIER, Task.flood(20, 8, 10, 0.2, 0.5));
        assertEquals(0, figures.get(Figure.MISSING));
        assertTrue(figures.get(Figure.PUBLISHED) > 0);
    }

    @Test
    void readersThatAreCutOffCatchUp() throws Exception {
        Map<Figure, Double> figures = load(CRIER, Task.catchUp(50, 20));
        assertEquals(0, figures.get(Figure.MISSING));
        assertTrue(figures.get(Figure.CATCH_UP) > 0);
    }

    @Test
    void idleReadersTakeMemory() throws Exception {
        assertTrue(load(CRIER, Task.idle(50)).get(Figure.RESIDENT) > 0);
        assertTrue(load(CRIER, Task.retained(500)).get(Figure.RETAINED) > 0);
    }
}
