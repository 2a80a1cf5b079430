package dev.crier.fanout;

import dev.crier.metrics.ChannelMetrics;

/**
 * What the readers of one channel of one event loop were given since the metrics were last told, in plain numbers: so an
 * event costs a reader some additions, and what costs more is paid once for a walk.
 */
final class DeliveryStats {

    private static final long NEVER = Long.MAX_VALUE;

    private final ChannelMetrics metrics;
    private long events;
    private long bytes;
    private long gaps;

    /** When the oldest event that the walk has delivered was published. */
    private long deliveredSince = NEVER;

    private int lagging;

    /** When the oldest event that a reader lacks was published. */
    private long laggingSince = NEVER;

    DeliveryStats(ChannelMetrics metrics) {
        this.metrics = metrics;
    }

    void delivered(Frames frames) {
        if (frames.events() == 0) {
            gaps++;
            return;
        }
        events += frames.events();
        bytes += frames.bytes().length();
        deliveredSince = Math.min(deliveredSince, frames.sinceMillis());
    }

    void gap() {
        gaps++;
    }

    void lags(long sinceMillis) {
        lagging++;
        laggingSince = Math.min(laggingSince, sinceMillis);
    }

    /** A walk begins. What was delivered before it, to readers that came or caught up, says nothing of how long that took. */
    void walk() {
        deliveredSince = NEVER;
    }

    /** The walk is over. */
    void walked() {
        if (deliveredSince < NEVER) {
            metrics.deliveredSince(deliveredSince);
        }
        tell();
    }

    /** Tells what was counted. */
    void tell() {
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

    /** Tells how many lag; all who do have been asked since the last time. */
    void tellLag() {
        if (lagging > 0) {
            metrics.lag(this, lagging, laggingSince);
        } else {
            metrics.noLag(this);
        }
        lagging = 0;
        laggingSince = NEVER;
    }
}
