package dev.crier.fanout;

import dev.crier.metrics.ChannelMetrics;

/**
 * Counts the events and gaps that the subscribers of a channel, or of all channel sets, on one event loop receive. A delivery
 * costs each subscriber a few additions; the metrics are updated once per pass. A pass is one delivery of new entries to all of
 * these subscribers.
 */
final class DeliveryStats {

    private static final long NONE = Long.MAX_VALUE;

    private final ChannelMetrics metrics;
    private long events;
    private long bytes;
    private long gaps;

    /** When the oldest event that this pass has delivered was published. */
    private long oldestDeliveredMillis = NONE;

    private int lagging;

    /** When the oldest event that a lagging subscriber has not received was published. */
    private long oldestLaggingMillis = NONE;

    DeliveryStats(ChannelMetrics metrics) {
        this.metrics = metrics;
    }

    /** Begins a pass without the age of earlier deliveries, such as those to new subscribers or after a drain. */
    void beginPass() {
        oldestDeliveredMillis = NONE;
    }

    void delivered(int events, int bytes, long oldestMillis) {
        this.events += events;
        this.bytes += bytes;
        oldestDeliveredMillis = Math.min(oldestDeliveredMillis, oldestMillis);
    }

    void gaps(int count) {
        gaps += count;
    }

    void endPass() {
        if (oldestDeliveredMillis < NONE) {
            metrics.deliveryCompleted(oldestDeliveredMillis);
        }
        report();
    }

    /** Ends a pass that has counted the subscribers that lag. */
    void endCheck() {
        endPass();
        reportLag();
    }

    /** Reports the last counts, because no subscriber is left. */
    void close() {
        report();
        metrics.noLag(this);
    }

    /** Adds the counts to the metrics. */
    private void report() {
        if (events > 0) {
            metrics.delivered(events, bytes);
            events = 0;
            bytes = 0;
        }
        if (gaps > 0) {
            metrics.gaps(gaps);
            gaps = 0;
        }
    }

    /** Counts a subscriber that lags, until the end of the check. */
    void lags(long oldestMillis) {
        lagging++;
        oldestLaggingMillis = Math.min(oldestLaggingMillis, oldestMillis);
    }

    /** Replaces the lag in the metrics by what was counted since the last call. */
    private void reportLag() {
        if (lagging > 0) {
            metrics.lag(this, lagging, oldestLaggingMillis);
        } else {
            metrics.noLag(this);
        }
        lagging = 0;
        oldestLaggingMillis = NONE;
    }
}
