package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run of each failure of a single Redis. The build in {@code benchmarks} makes long runs. */
class RedisFailuresIT {

    private static final long SEED = 1;

    private static final Duration LENGTH = Duration.ofMillis(500);

    @TempDir
    private Path folder;

    private static Stream<Failure> failures() {
        return Stream.of(Failure.values()).filter(failure -> failure.layout().replicas() == 0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    @Timeout(120)
    void everyGuaranteeHolds(Failure failure) throws Exception {
        assertNoFaults(failure, folder);
    }

    static void assertNoFaults(Failure failure, Path folder) throws Exception {
        var faults = new FailureRun(failure, SEED, LENGTH).faults(folder);
        assertEquals(List.of(), faults, () -> String.join("\n", faults));
    }
}
