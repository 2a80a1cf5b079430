package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.HaProxy;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Proxy;
import dev.crier.testing.Swarm;
import dev.crier.testing.Swarm.End;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server is drained under publishing, behind HAProxy, and its successor goes on with the same log. */
class SuccessorIT {

    private static final int READERS = 10_000;

    /** Each has a socket for each side of a connection, of which a process may have 20,000 here and there. */
    private static final int PROXIES = 2;

    private static final int RETRY_MILLIS = 500;
    private static final int DRAIN_MILLIS = 5_000;
    private static final String TOKEN = "a-token-of-the-tests";

    @TempDir
    private Path folder;

    private CrierProcess crier(int port) throws IOException {
        return CrierProcess.start(
                folder,
                "-conf",
                "{\"port\": " + port + ", \"retry\": \"PT0.5S\", \"shutdown\": {\"drain\": \"PT5S\"},"
                        + " \"limits\": {\"subscribersPerAddress\": 100000},"
                        + " \"log\": {\"store\": \"sqlite\"}, \"publish\": {\"tokens\": [\"" + TOKEN + "\"]},"
                        + " \"channels\": {\"/numbers\": {\"keep\": {\"events\": 100000}, \"publish\": true}}}");
    }

    @Test
    void everyReaderHasEveryEventOnceAndTheyDoNotComeAllAtOnce() throws Exception {
        int port = Proxy.freePort();
        try (var first = HaProxy.before(folder, port);
                var second = HaProxy.before(folder, port);
                var publisher = new NumberPublisher(first.port(), "/numbers", TOKEN, Duration.ofMillis(100));
                var swarm = new Swarm()) {
            try (var drained = crier(port)) {
                drained.port();
                for (Proxy proxy : List.of(first, second)) {
                    swarm.join(READERS / PROXIES, proxy.port(), "/numbers?lastEventId=earliest");
                }
                Eventually.until(() -> "all read: " + swarm.open(), () -> swarm.open() == READERS);
                publisher.start();
                Eventually.until("events are read", () -> swarm.allHave(10));
                drained.terminate();
                assertEquals(0, drained.exitStatus());
            }
            Eventually.until(
                    () -> "all were ended: " + swarm.ends().size(),
                    () -> swarm.ends().size() >= READERS);
            assertSpread(swarm.ends());
            try (var successor = crier(port)) {
                successor.port();
                int then = publisher.acknowledged() + 10;
                Eventually.until("events are published again", () -> publisher.acknowledged() >= then);
                int last = publisher.finish();
                Eventually.until(() -> "all have all: " + swarm.open(), () -> swarm.allHave(last));
                assertEquals(List.of(), swarm.failures());
            }
        }
    }

    /**
     * Expects that each fifth of the subscribers was ended within a fifth of the drain, and comes back within a fifth of an
     * equally long time after it.
     */
    private static void assertSpread(List<End> ends) {
        long begin = ends.stream().mapToLong(End::nanos).min().orElseThrow();
        for (int fifth = 0; fifth < 5; fifth++) {
            long from = DRAIN_MILLIS * fifth / 5;
            long to = DRAIN_MILLIS * (fifth + 1) / 5;
            long ended = ends.stream()
                    .map(end -> (end.nanos() - begin) / 1_000_000)
                    .filter(millis -> millis >= from && millis < to)
                    .count();
            assertTrue(ended < READERS / 2, ended + " of the streams ended from " + from + " to " + to + " ms");
            long told = ends.stream()
                    .map(end -> (end.nanos() - begin) / 1_000_000 + end.retryMillis() - RETRY_MILLIS - DRAIN_MILLIS)
                    .filter(millis -> millis >= from && millis < to)
                    .count();
            assertEquals(
                    READERS / 5,
                    told,
                    READERS / 10.0,
                    "told to come back " + from + " to " + to + " ms after the drain");
        }
    }
}
