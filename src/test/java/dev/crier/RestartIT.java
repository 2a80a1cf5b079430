package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.HaProxy;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Ports;
import dev.crier.testing.Swarm;
import dev.crier.testing.Swarm.End;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Crier drains thousands of subscribers behind HAProxy during publishing, and its successor continues with the same log. */
class RestartIT {

    private static final int SUBSCRIBERS = 5_000;

    private static final int RETRY_MILLIS = 500;
    private static final int DRAIN_MILLIS = 3_000;
    private static final String TOKEN = "a-token-of-the-tests";

    @TempDir
    private Path folder;

    private CrierProcess crier(int port) throws IOException {
        return CrierProcess.start(folder, "-conf", """
                {
                  "port": %d,
                  "retry": "PT0.5S",
                  "shutdown": {"drain": "PT3S"},
                  "limits": {"subscribersPerAddress": 100000},
                  "log": {"store": "sqlite"},
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/numbers": {"keep": {"events": 100000}, "publish": true}}
                }""".formatted(port, TOKEN));
    }

    @Test
    void aRestartReachesEverySubscriberWithEveryEventOnce() throws Exception {
        int port = Ports.free();
        try (var proxy = HaProxy.before(folder, port);
                var publisher = new NumberPublisher(proxy.port(), "/numbers", TOKEN, Duration.ofMillis(200));
                var swarm = new Swarm()) {
            try (var drained = crier(port)) {
                drained.port();
                swarm.join(SUBSCRIBERS, proxy.port(), "/numbers?lastEventId=earliest");
                Eventually.until(() -> "all are subscribed: " + swarm.open(), () -> swarm.open() == SUBSCRIBERS);
                publisher.start();
                Eventually.until("all have events", () -> swarm.allHave(3));
                drained.terminate();
                assertEquals(0, drained.exitStatus());
            }
            Eventually.until(
                    () -> "all streams have ended: " + swarm.ends().size(),
                    () -> swarm.ends().size() >= SUBSCRIBERS);
            assertSpread(swarm.ends());
            try (var successor = crier(port)) {
                successor.port();
                int next = publisher.acknowledged() + 3;
                Eventually.until("events are published again", () -> publisher.acknowledged() >= next);
                int last = publisher.finish();
                Eventually.until(() -> "all have all events: " + swarm.open(), () -> swarm.allHave(last));
                assertEquals(List.of(), swarm.failures());
            }
        }
    }

    /**
     * Expects that the streams do not end all at once, and that the subscribers do not reconnect all at once. A busy machine
     * delays both, so the limits are wide.
     */
    private static void assertSpread(List<End> ends) {
        long begin = ends.stream().mapToLong(End::nanos).min().orElseThrow();
        for (int fifth = 0; fifth < 5; fifth++) {
            long from = DRAIN_MILLIS * fifth / 5;
            long to = DRAIN_MILLIS * (fifth + 1) / 5;
            String time = from + " to " + to + " ms after ";
            long ended = ends.stream()
                    .map(end -> (end.nanos() - begin) / 1_000_000)
                    .filter(millis -> millis >= from && millis < to)
                    .count();
            assertTrue(ended < SUBSCRIBERS * 3 / 4, ended + " streams ended " + time + "the first");
            long reconnecting = ends.stream()
                    .map(end -> (end.nanos() - begin) / 1_000_000 + end.retryMillis() - RETRY_MILLIS - DRAIN_MILLIS)
                    .filter(millis -> millis >= from && millis < to)
                    .count();
            assertTrue(
                    reconnecting > 0 && reconnecting < SUBSCRIBERS / 2,
                    reconnecting + " subscribers reconnect " + time + "the drain");
        }
    }
}
