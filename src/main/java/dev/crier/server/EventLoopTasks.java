package dev.crier.server;

import dev.crier.event.ChannelName;
import dev.crier.fanout.Drain;
import dev.crier.fanout.Subscribers;
import dev.crier.http.PublishStreamHandler;
import dev.crier.limit.Limits;
import dev.crier.log.Notifications;
import dev.crier.transport.stream.QueuedBytes;
import dev.crier.transport.stream.StreamWriters;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The recurring work of one event loop: reading for subscribers after a notification, answering the producers of a channel that
 * has ended, heartbeats and timeouts, and closing slow subscribers while too many bytes wait. One consumer and one timer serve
 * all subscribers.
 */
final class EventLoopTasks {

    private static final long DRAIN_STEP_MILLIS = 20;

    private final Context context;
    private final Notifications notifications;
    private final Subscribers subscribers;
    private final PublishStreamHandler publishStreams;
    private final StreamWriters writers;
    private final QueuedBytes queued;
    private final Limits limits;
    private final Runnable onQueueChange = this::queueChanged;
    private Notifications.Registration notified;
    private long timer;

    /** The timer of the drain; -1 for none, because 0 may be the id of another timer. */
    private long draining = -1;

    EventLoopTasks(
            Context context,
            Notifications notifications,
            Subscribers subscribers,
            PublishStreamHandler publishStreams,
            StreamWriters writers,
            QueuedBytes queued,
            Limits limits) {
        this.context = context;
        this.notifications = notifications;
        this.subscribers = subscribers;
        this.publishStreams = publishStreams;
        this.writers = writers;
        this.queued = queued;
        this.limits = limits;
    }

    void start() {
        notified = notifications.register(context, this::notified);
        timer = context.owner().setPeriodic(subscribers.checkMillis(), id -> checkSubscribers());
        queued.register(onQueueChange);
    }

    void stop() {
        queued.unregister(onQueueChange);
        context.owner().cancelTimer(timer);
        context.owner().cancelTimer(draining);
        notified.unregister();
        writers.release();
    }

    /** Reads once, at the end of the event loop's turn, for all notifications of the turn. */
    private void notified(ChannelName channel) {
        if (subscribers.notified(channel)) {
            context.runOnContext(turn -> subscribers.deliver());
        }
        publishStreams.notified(channel);
    }

    private void checkSubscribers() {
        if (queued.isFull()) {
            evictOrResume();
        }
        subscribers.check();
        publishStreams.check();
        limits.dropExpired();
    }

    /** Called on any thread. */
    private void queueChanged() {
        context.runOnContext(turn -> evictOrResume());
    }

    /** Closes slow subscribers while too many bytes wait in all connections; after that, reads for the others again. */
    private void evictOrResume() {
        if (queued.isFull()) {
            writers.release();
            subscribers.closeSlowest(queued::mustShrink);
            queued.recheck();
        } else {
            subscribers.resumeReading();
        }
    }

    /**
     * Ends all streams, spread over the drain time; at once if it is zero.
     *
     * @param first the drain time now
     * @param time returns the current drain time, which may change to zero
     */
    void endStreams(Duration first, Supplier<Duration> time) {
        if (first.isZero()) {
            subscribers.abortAll();
            return;
        }
        Drain drain = subscribers.drain(first);
        draining = context.owner().setPeriodic(DRAIN_STEP_MILLIS, id -> {
            if (time.get().isZero()) {
                subscribers.abortAll();
            } else {
                drain.endDueStreams();
            }
        });
    }
}
