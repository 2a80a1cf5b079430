package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process whose heap is exhausted exits, so that a service manager restarts it. */
class MemoryIT {

    @TempDir
    private Path folder;

    /** Starts Crier with a source that fills the heap. */
    private CrierProcess greedy(int periodMillis, int bytes, boolean hides, String... options) throws Exception {
        var all = new ArrayList<>(List.of(options));
        all.add("-Xmx48m");
        all.addAll(CrierProcess.RUN_WITH_TEST_CLASSES);
        return CrierProcess.start(folder, all, "-conf", """
                {
                  "port": 0,
                  "channels": {
                    "/x": {
                      "source": {
                        "verticle": "org.example.GreedyVerticle",
                        "config": {"periodMillis": %d, "bytes": %d, "hides": %b}
                      }
                    }
                  }
                }""".formatted(periodMillis, bytes, hides));
    }

    @Test
    void anOutOfMemoryErrorThatVertxCatchesEndsTheProcess() throws Exception {
        try (var crier = greedy(10, 2_000_000, false)) {
            assertEquals(3, crier.exitStatus());
            String last = crier.lines().get(crier.lines().size() - 1);
            assertEquals(
                    "ERROR Crier exits with status 3, because the virtual machine is out of memory: Java heap space",
                    last);
        }
    }

    /** There may be no memory for a log line. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseSerialGC"})
    void anOutOfMemoryErrorThatIsNotLoggedEndsTheProcess(String collector) throws Exception {
        try (var crier = greedy(1, 20_000, true, collector)) {
            assertEquals(3, crier.exitStatus());
        }
    }

    @Test
    void onlyAnErrorOfTheHeapIsExhaustion() {
        assertTrue(MemoryGuard.isExhaustion(new OutOfMemoryError("Java heap space")));
        assertFalse(MemoryGuard.isExhaustion(new OutOfMemoryError("unable to create native thread")));
        assertFalse(MemoryGuard.isExhaustion(new OutOfMemoryError(
                "Cannot reserve 1048576 bytes of direct buffer memory (allocated: 10, limit: 10)")));
        assertFalse(MemoryGuard.isExhaustion(new StackOverflowError()));
    }
}
