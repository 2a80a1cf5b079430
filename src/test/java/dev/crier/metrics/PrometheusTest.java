package dev.crier.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Scrape;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusTest {

    private static final String ORDERS = "{channel=\"/orders/:id\"}";

    private long now = 1_000_000;
    private final Prometheus metrics = new Prometheus(
            List.of("/orders/:id", "/news"),
            name -> name.startsWith("/orders/") ? Optional.of("/orders/:id") : Optional.empty(),
            Optional.of("/events"),
            () -> Instant.ofEpochMilli(now));

    @AfterEach
    void close() {
        metrics.close();
    }

    private Scrape scrape() {
        return new Scrape(new String(metrics.scrape("").body(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/openmetrics-text;version=1.0.0,text/plain;q=0.5 | application/openmetrics-text; version=1.0.0; charset=utf-8 | true",
                "*/* | text/plain; version=0.0.4; charset=utf-8 | false",
                "text/html | text/plain; version=0.0.4; charset=utf-8 | false",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily | text/plain; version=0.0.4; charset=utf-8 | false",
                "'' | text/plain; version=0.0.4; charset=utf-8 | false"
            })
    void theFormatFollowsTheAcceptHeader(String accept, String contentType, boolean isOpenMetrics) {
        Metrics.Exposition exposition = metrics.scrape(accept);
        assertEquals(contentType, exposition.contentType());
        assertEquals(isOpenMetrics, new String(exposition.body(), StandardCharsets.UTF_8).endsWith("# EOF\n"));
    }

    @Test
    void channelsOfAFamilyAreCountedTogetherUnderTheirDeclaration() {
        metrics.channel("/orders/1").published(10);
        metrics.channel("/orders/2").published(5);
        Scrape scrape = scrape();
        assertEquals(2, scrape.value("crier_published_events_total" + ORDERS));
        assertEquals(15, scrape.value("crier_published_bytes_total" + ORDERS));
        assertTrue(!scrape.text().contains("/orders/1"), "a channel name must not appear");
    }

    @Test
    void aChannelThatIsNotDeclaredIsNotCounted() {
        assertSame(ChannelMetrics.NONE, metrics.channel("/undeclared"));
    }

    @Test
    void seriesExistWithTheValue0BeforeAnythingHappens() {
        Scrape scrape = scrape();
        assertEquals(0, scrape.value("crier_delivered_events_total{channel=\"/news\"}"));
        assertEquals(0, scrape.value("crier_delivery_delay_seconds_count{channel=\"/news\"}"));
        assertEquals(0, scrape.value("crier_lag_seconds{channel=\"/news\"}"));
        for (StreamEndReason reason : StreamEndReason.values()) {
            assertEquals(0, scrape.value("crier_streams_ended_total{reason=\"" + reason.label() + "\"}"));
        }
    }

    @Test
    void theLagOfADeclarationIsTheSumOfSubscribersAndTheGreatestAge() {
        ChannelMetrics orders = metrics.channel("/orders/1");
        var one = new Object();
        orders.lag(one, 2, now - 3_000);
        orders.lag("other", 1, now - 500);
        assertEquals(3, scrape().value("crier_lagging_subscribers" + ORDERS));
        assertEquals(3, scrape().value("crier_lag_seconds" + ORDERS));
        orders.noLag(one);
        assertEquals(1, scrape().value("crier_lagging_subscribers" + ORDERS));
        assertEquals(0.5, scrape().value("crier_lag_seconds" + ORDERS));
    }

    @Test
    void aClockThatWasSetBackMakesLagAndDelay0() {
        ChannelMetrics orders = metrics.channel("/orders/1");
        long published = now;
        now -= 10_000;
        orders.lag(this, 1, published);
        orders.deliveryCompleted(published);
        assertEquals(0, scrape().value("crier_lag_seconds" + ORDERS));
        assertEquals(0, scrape().value("crier_delivery_delay_seconds_sum" + ORDERS));
        assertEquals(1, scrape().value("crier_delivery_delay_seconds_count" + ORDERS));
    }

    @Test
    void openConnectionsAreThoseThatWereOpenedAndNotClosed() {
        metrics.connectionOpened();
        metrics.connectionOpened();
        metrics.connectionClosed();
        metrics.idleConnectionClosed();
        assertEquals(1, scrape().value("crier_connections"));
        assertEquals(1, scrape().value("crier_connections_shed_total"));
    }

    @Test
    void appendsAreTimedByTheirOutcome() {
        metrics.appended(2_000_000, true);
        metrics.appended(3_000_000, true);
        metrics.appended(1_000_000_000, false);
        Scrape scrape = scrape();
        assertEquals(2, scrape.value("crier_log_write_seconds_count{outcome=\"stored\"}"));
        assertEquals(0.005, scrape.value("crier_log_write_seconds_sum{outcome=\"stored\"}"), 1e-9);
        assertEquals(1, scrape.value("crier_log_write_seconds_sum{outcome=\"failed\"}"), 1e-9);
    }
}
