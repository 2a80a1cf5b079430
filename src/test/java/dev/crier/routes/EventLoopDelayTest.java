package dev.crier.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.metrics.Prometheus;
import dev.crier.testing.Eventually;
import dev.crier.testing.Scrape;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class EventLoopDelayTest {

    @Test
    void aBlockedEventLoopIsMeasuredOnce() throws Exception {
        var metrics = new Prometheus(List.of(), name -> Optional.empty(), Optional.empty(), InstantSource.system());
        var vertx = Vertx.vertx();
        try {
            vertx.runOnContext(begin -> {
                new EventLoopDelay(vertx.getOrCreateContext(), metrics, () -> {}).start();
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(400);
                while (System.nanoTime() < until) {
                    LockSupport.parkNanos(until - System.nanoTime());
                }
            });
            Eventually.until(
                    "the delay is measured", () -> scrape(metrics).value("crier_event_loop_delay_seconds_count") > 0);
            assertTrue(scrape(metrics).value("crier_event_loop_delay_seconds_max") >= 0.3, scrape(metrics)::text);
            assertEquals(0, scrape(metrics).value("crier_event_loop_delay_seconds_bucket{le=\"0.2\"}"), 50, "once");
        } finally {
            vertx.close().await();
            metrics.close();
        }
    }

    private static Scrape scrape(Prometheus metrics) {
        return new Scrape(new String(metrics.scrape("").body(), StandardCharsets.UTF_8));
    }
}
