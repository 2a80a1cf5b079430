package dev.crier.routes;

import dev.crier.event.ChannelName;
import dev.crier.fanout.Drain;
import dev.crier.fanout.Subscribers;
import dev.crier.http.BodyChecks;
import dev.crier.http.PublishStreamHandler;
import dev.crier.log.Notifications;
import dev.crier.transport.stream.StreamWriters;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The recurring work of one event loop: reading for subscribers after a notification, answering the producers of a channel that
 * has ended, heartbeats and timeouts, and closing slow subscribers while too many bytes wait. One consumer and one timer serve
 * all subscribers, and another timer all bodies that arrive.
 */
final class EventLoopTasks {

    private static final long DRAIN_STEP_MILLIS = 20;

    private final Context context;
    private final SharedParts shared;
    private final Subscribers subscribers;
    private final PublishStreamHandler publishStreams;
    private final EventLoopDelay delay;
    private final StreamWriters writers;
    private final Runnable onQueueChange = this::queueChanged;
    private Notifications.Registration notified;
    private long timer;

    /** The timer of the drain; -1 for none, because 0 may be the id of another timer. */
    private long draining = -1;

    EventLoopTasks(
            Context context,
            SharedParts shared,
            Subscribers subscribers,
            PublishStreamHandler publishStreams,
            BodyChecks bodies,
            StreamWriters writers) {
        this.context = context;
        this.shared = shared;
        this.subscribers = subscribers;
        this.publishStreams = publishStreams;
        this.delay = new EventLoopDelay(context, shared.metrics(), () -> bodies.run(System.nanoTime()));
        this.writers = writers;
    }

    void start() {
        notified = shared.notifications().register(context, this::notified);
        timer = context.owner().setPeriodic(subscribers.checkMillis(), id -> checkSubscribers());
        delay.start();
        shared.queued().register(onQueueChange);
    }

    /** See {@link EventLoopDelay#isBlocked}. Thread-safe. */
    boolean isBlocked() {
        return delay.isBlocked();
    }

    void stop() {
        shared.queued().unregister(onQueueChange);
        context.owner().cancelTimer(timer);
        delay.stop();
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
        if (shared.queued().isFull()) {
            evictOrResume();
        }
        subscribers.check();
        publishStreams.check();
        shared.limits().dropExpired();
    }

    /** Called on any thread. */
    private void queueChanged() {
        context.runOnContext(turn -> evictOrResume());
    }

    /** Closes slow subscribers while too many bytes wait in all connections; after that, reads for the others again. */
    private void evictOrResume() {
        if (shared.queued().isFull()) {
            writers.release();
            subscribers.closeSlowest(shared.queued()::mustShrink);
            shared.queued().recheck();
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
