package dev.crier.bench.load;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProcessUsageTest {

    private final ProcessUsage usage = ProcessUsage.of(Stream.of(ProcessHandle.current()));

    @Test
    @Timeout(30)
    void cpuTimeGrowsWhileTheProcessComputes() {
        double start = usage.cpuSeconds();
        while (usage.cpuSeconds() < start + 0.05) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aVirtualMachineUsesMoreThanTenMebibytes() {
        assertTrue(usage.residentBytes() > 10 << 20);
    }
}
