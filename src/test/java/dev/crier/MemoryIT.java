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

/** A process whose heap is exhausted exits, so that a service manager restarts it. */
class MemoryIT {

    private static final String CLASS_PATH = CrierProcess.JAR
            + System.getProperty("path.separator")
            + Path.of("target/test-classes").toAbsolutePath();

    @TempDir
    private Path folder;

    private CrierProcess greedy(int periodMillis, int bytes, boolean hides, String... options) throws Exception {
        String conf =
                ("{\"port\": 0, \"channels\": {\"/x\": {\"source\": {\"verticle\": \"org.example.GreedyVerticle\","
                                + " \"config\": {\"periodMillis\": %d, \"bytes\": %d, \"hides\": %b}}}}}")
                        .formatted(periodMillis, bytes, hides);
        var what = new ArrayList<>(List.of(options));
        what.addAll(List.of("-Xmx48m", "-cp", CLASS_PATH, "dev.crier.Main"));
        return CrierProcess.start(folder, what, "-conf", conf);
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

    /** There may be no memory for a last line. */
    @Test
    void anOutOfMemoryErrorThatNobodyLogsEndsTheProcess() throws Exception {
        for (String collector : List.of("-XX:+UseG1GC", "-XX:+UseSerialGC")) {
            try (var crier = greedy(1, 20_000, true, collector)) {
                assertEquals(3, crier.exitStatus());
            }
        }
    }

    @Test
    void directMemoryThreadsAndOtherErrorsAreNotExhaustion() {
        assertTrue(MemoryGuard.isExhaustion(new OutOfMemoryError("Java heap space")));
        assertFalse(MemoryGuard.isExhaustion(new OutOfMemoryError("unable to create native thread")));
        assertFalse(MemoryGuard.isExhaustion(new OutOfMemoryError(
                "Cannot reserve 1048576 bytes of direct buffer memory (allocated: 10, limit: 10)")));
        assertFalse(MemoryGuard.isExhaustion(new StackOverflowError()));
    }
}
