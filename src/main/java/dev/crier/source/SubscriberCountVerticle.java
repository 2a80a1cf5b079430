package dev.crier.source;

import dev.crier.bus.Bus;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/**
 * The source that publishes how many subscribers this Crier has, at most once a second, and only if the number has changed. It
 * is for a channel that keeps the latest event.
 */
public final class SubscriberCountVerticle extends VerticleBase {

    private static final long PERIOD_MILLIS = 1_000;

    /** Not a number of subscribers, so the first number is a change. */
    private static final int NONE = -1;

    private ChannelName channel;
    private Bus bus;
    private int published = NONE;
    private boolean stopped;

    /** Completes when the first number has been published, so that no subscriber finds the channel empty. */
    @Override
    public Future<?> start() {
        if (config().getBoolean("shared", false)) {
            return Future.failedFuture(
                    "each node knows only its own subscribers (expected: log.store memory or sqlite)");
        }
        channel = new ChannelName(config().getString("channel"));
        bus = new Bus(vertx, config().getString("publishTo"));
        return publish();
    }

    /**
     * Publishes the number if it has changed, and again a second after that. If it fails, a later attempt publishes the number.
     * The event log itself logs that it cannot store.
     */
    private Future<?> publish() {
        return bus.subscribers()
                .compose(count -> count == published
                        ? Future.succeededFuture()
                        : bus.publish(channel, Event.of(String.valueOf(count))).onSuccess(id -> published = count))
                .onComplete(done -> publishLater());
    }

    /** Does nothing once undeployed, because Vert.x does not cancel a timer that is set after that. */
    private void publishLater() {
        if (!stopped) {
            vertx.setTimer(PERIOD_MILLIS, timer -> publish());
        }
    }

    @Override
    public Future<?> stop() {
        stopped = true;
        return Future.succeededFuture();
    }
}
