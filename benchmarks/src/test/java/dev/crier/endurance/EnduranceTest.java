package dev.crier.endurance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class EnduranceTest {

    @TempDir
    private Path folder;

    @Test
    void everyEventArrivesOnceAndNoResourceLeaksUnderChurnAndBursts() throws Exception {
        var result = Endurance.run(folder, Duration.ofSeconds(10));
        System.out.println(result);
        assertTrue(result.isSuccess(), result::toString);
    }
}
