package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A short run of each failure. {@code benchmarks} has long ones. */
class RedisFailuresIT {

    private static final long SEED = 1;

    private static final Duration LENGTH = Duration.ofMillis(500);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    @Timeout(120)
    void everyGuaranteeHolds(Failure failure) throws Exception {
        var faults = new FailureRun(failure, SEED, LENGTH).faults(folder);
        assertEquals(List.of(), faults, () -> String.join("\n", faults));
    }
}
