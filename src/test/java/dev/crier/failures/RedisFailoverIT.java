package dev.crier.failures;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run of each failure of a Redis with replicas. A class of its own, because classes run in parallel. */
class RedisFailoverIT {

    @TempDir
    private Path folder;

    private static Stream<Failure> failures() {
        return Stream.of(Failure.values()).filter(failure -> failure.layout().replicas() > 0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    @Timeout(120)
    void everyGuaranteeHolds(Failure failure) throws Exception {
        RedisFailuresIT.assertNoFaults(RedisFailuresIT.run(failure).faults(folder));
    }
}
