package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RunningCrier;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The streams of an open console, when Crier restarts. */
class ConsoleRestartTest {

    private static String id(List<String> block) {
        return block.stream()
                .filter(line -> line.startsWith("id: "))
                .findFirst()
                .orElseThrow()
                .substring(4);
    }

    @Test
    void aStreamThatResumesGetsAGapAndThenTheValuesOfTheNewProcess() throws Exception {
        String id;
        try (var crier = new RunningCrier(ConsoleClient.conf());
                var stats = ConsoleClient.stats(crier)) {
            stats.next();
            id = id(stats.block());
        }
        try (var crier = new RunningCrier(ConsoleClient.conf());
                var stats = new ConsoleClient(crier.managementPort(), "/console/stats", "Last-Event-ID: " + id)) {
            List<String> gap = stats.block();
            assertTrue(gap.contains("event: crier.gap"), gap.toString());
            List<String> first = stats.block();
            assertTrue(first.get(0).startsWith("data: {\"time\":"), first.toString());
            assertTrue(millis(id(first)) > millis(id), "ids go on");
        }
    }

    private static long millis(String id) {
        return Long.parseLong(id.substring(0, id.indexOf('-')));
    }

    @Test
    void theStreamsEndWithCrier() throws Exception {
        var crier = new RunningCrier(ConsoleClient.conf());
        var stats = ConsoleClient.stats(crier);
        var log = new ConsoleClient(crier.managementPort(), "/console/log/currentTime");
        stats.next();
        crier.close();
        for (ConsoleClient client : List.of(stats, log)) {
            String end = "";
            try {
                while (true) {
                    client.block();
                }
            } catch (java.io.IOException e) {
                end = e.getMessage();
            }
            assertTrue(end.startsWith("the stream ended") || end.contains("reset"), end);
            client.close();
        }
    }
}
