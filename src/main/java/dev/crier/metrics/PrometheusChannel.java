package dev.crier.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The metrics of one declaration's channels. */
final class PrometheusChannel implements ChannelMetrics {

    private record Lag(int subscribers, long publishedMillis) {}

    private final InstantSource clock;
    private final LongAdder subscribers = new LongAdder();

    /** The lag by reporter, without reporters whose subscribers have received everything. */
    private final Map<Object, Lag> lags = new ConcurrentHashMap<>();

    private final Counter publishedEvents;
    private final Counter publishedBytes;
    private final Counter deliveredEvents;
    private final Counter deliveredBytes;
    private final Counter gaps;
    private final Timer delay;

    PrometheusChannel(Meters meters, String declaration, InstantSource clock) {
        this.clock = clock;
        String[] label = {"channel", declaration};
        publishedEvents = meters.counter("published.events", "Events that were stored", label);
        publishedBytes = meters.counter("published.bytes", "Bytes of stored events' data, in UTF-8", label);
        deliveredEvents = meters.counter("delivered.events", "Events written to subscribers, once for each", label);
        deliveredBytes = meters.counter("delivered.bytes", "Bytes of event streams written to subscribers", label);
        delay = meters.histogram(
                "delivery.delay",
                "Time from an event's publication until it is written to the last subscriber that accepts bytes",
                label);
        gaps = meters.counter("gaps", "Gaps that were reported to subscribers", label);
        meters.gauge("subscribers", "Current subscribers", subscribers::sum, label);
        meters.gauge("lagging.subscribers", "Subscribers that have not received all events", this::lagging, label);
        meters.gauge("lag.seconds", "Age of the oldest event that a subscriber has not received", this::lag, label);
    }

    private int lagging() {
        return lags.values().stream().mapToInt(Lag::subscribers).sum();
    }

    private double lag() {
        long now = clock.millis();
        return lags.values().stream()
                        .mapToLong(lag -> Math.max(0, now - lag.publishedMillis()))
                        .max()
                        .orElse(0)
                / 1000.0;
    }

    Reading.Channel read() {
        return new Reading.Channel(
                subscribers.sum(),
                (long) publishedEvents.count(),
                (long) deliveredEvents.count(),
                (long) gaps.count(),
                lagging(),
                (long) (1_000 * lag()),
                Prometheus.histogram(delay));
    }

    @Override
    public void subscriberJoined() {
        subscribers.increment();
    }

    @Override
    public void subscriberLeft() {
        subscribers.decrement();
    }

    @Override
    public void published(long bytes) {
        publishedEvents.increment();
        publishedBytes.increment(bytes);
    }

    @Override
    public void delivered(long events, long bytes) {
        deliveredEvents.increment(events);
        deliveredBytes.increment(bytes);
    }

    /** Records 0 if the clock was set back in the meantime. */
    @Override
    public void deliveryCompleted(long publishedMillis) {
        delay.record(Math.max(0, clock.millis() - publishedMillis), TimeUnit.MILLISECONDS);
    }

    @Override
    public void gaps(long reported) {
        gaps.increment(reported);
    }

    @Override
    public void lag(Object reporter, int subscribers, long publishedMillis) {
        lags.put(reporter, new Lag(subscribers, publishedMillis));
    }

    @Override
    public void noLag(Object reporter) {
        lags.remove(reporter);
    }
}
