package dev.crier.config.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySuggestionTest {

    private static final List<String> KNOWN = List.of("host", "port", "heartbeat", "periodMillis", "tls");

    @ParameterizedTest
    @CsvSource({
        "prot, port",
        "Port, port",
        "ports, port",
        "hots, host",
        "HEARTBEET, heartbeat",
        "period, periodMillis",
        "tsl, 'host, port, heartbeat, periodMillis, tls'",
        "database, 'host, port, heartbeat, periodMillis, tls'"
    })
    void aSimilarKeyIsSuggestedOrElseAllKeys(String key, String suggestion) {
        assertEquals(suggestion, KeySuggestion.of(key, KNOWN));
    }

    @Test
    void inASectionWithoutKeysNoneIsExpected() {
        assertEquals("no key", KeySuggestion.of("key", List.of()));
    }
}
