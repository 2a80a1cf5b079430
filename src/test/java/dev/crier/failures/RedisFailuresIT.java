package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A short run of each failure of a single Redis. Failures that leave the cluster as it was share one. The build in {@code
 * benchmarks} makes long runs, each in a cluster of its own.
 */
class RedisFailuresIT {

    private static final long SEED = 1;

    private static final Duration LENGTH = Duration.ofMillis(500);

    @TempDir
    private static Path sharedFolder;

    private static SharedCluster shared;

    @TempDir
    private Path folder;

    @BeforeAll
    static void share() {
        shared = new SharedCluster(sharedFolder);
    }

    @AfterAll
    static void closeShared() throws Exception {
        shared.close();
    }

    private static Stream<Failure> failures() {
        return Stream.of(Failure.values()).filter(failure -> failure.layout().replicas() == 0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    @Timeout(120)
    void everyGuaranteeHolds(Failure failure) throws Exception {
        assertNoFaults(
                SharedCluster.permits(failure)
                        ? shared.faults(run(failure))
                        : run(failure).faults(folder));
    }

    static FailureRun run(Failure failure) {
        return new FailureRun(failure, SEED, LENGTH);
    }

    static void assertNoFaults(List<String> faults) {
        assertEquals(List.of(), faults, () -> String.join("\n", faults));
    }
}
