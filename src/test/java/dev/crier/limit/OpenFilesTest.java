package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenFilesTest {

    private static final String LIMITS = """
            Limit                     Soft Limit           Hard Limit           Units
            Max processes             63194                63194                processes
            %s
            Max locked memory         67108864             67108864             bytes
            """;

    @ParameterizedTest
    @CsvSource({
        "Max open files            1024                 524288               files, 1024",
        "Max open files            1048576              1048576              files, 1048576",
        "Max open files            9999999999           9999999999           files, 2147483647",
        "Max open files            unlimited            unlimited            files, 2147483647",
        "Max file locks            1                    1                    locks, 2147483647",
    })
    void theSoftLimitIsRead(String line, int expected) {
        assertEquals(expected, OpenFiles.softLimit(LIMITS.formatted(line)));
    }

    @ParameterizedTest
    @CsvSource({"0, 32", "64, 32", "128, 32", "400, 100", "1024, 256", "1048576, 256"})
    void theReserveIsAQuarterOfTheFilesWithinItsBounds(int files, int expected) {
        assertEquals(expected, OpenFiles.reserve(files));
    }

    @Test
    void connectionsGetTheFilesThatAreNeitherOpenNorReserved() {
        assertTrue(OpenFiles.forConnections() < OpenFiles.max());
        assertTrue(OpenFiles.forConnections() >= 1);
    }
}
