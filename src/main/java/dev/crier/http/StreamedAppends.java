package dev.crier.http;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.StreamDigest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The events of a {@link StreamedPublication} that wait for the log. One append is in progress at a time; the events that are
 * added meanwhile are the next append. If the token has a rate, an append has as many events as the rate allows, and the next one
 * waits for its time.
 *
 * <p>If the request has a key, events that are stored under it already are skipped, without the log and the rate.
 *
 * <p>The class is long because the appends, the rate and the skipping take turns. {@link StoredPart} has what is stored.
 */
final class StreamedAppends {

    private static final long NO_TIMER = -1;

    private static final PublishException LOST = new PublishException(
            PublishException.Reason.UNAVAILABLE,
            "the log may have lost events of the body that were stored (expected: the whole body again)");

    private final Vertx vertx;
    private final ChannelName channel;
    private final String bearer;
    private final EventLog log;
    private final Limits limits;
    private final Runnable changed;
    private final Consumer<Throwable> refused;

    /** The precondition of the next append. Only the first append has one: after it, the newest event is the request's own. */
    private Precondition precondition;

    /** The condition that nobody else has published since the request began. */
    private final Precondition unchanged;

    private final List<Event> added = new ArrayList<>();

    /** The number of events of the append in progress, or of those that are being skipped; 0 if there is none. */
    private int storing;

    private final StoredPart stored;

    /** Whether the log has been given the end of the channel. */
    private boolean isEnding;

    private long settled;
    private long rateTimer = NO_TIMER;
    private boolean isHurried;

    /**
     * @param key the key of the whole stream, or "" for none
     * @param precondition of the first append; nothing is checked if events are stored under the key already
     * @param changed called when events have been stored or refused, and when the next append need not wait any more
     * @param refused called before that if the log has refused events. Those after them are dropped
     */
    StreamedAppends(
            Vertx vertx,
            ChannelName channel,
            String bearer,
            String key,
            Precondition precondition,
            EventLog log,
            Limits limits,
            Runnable changed,
            Consumer<Throwable> refused) {
        this.vertx = vertx;
        this.channel = channel;
        this.bearer = bearer;
        this.stored = new StoredPart(key);
        this.precondition = precondition;
        this.unchanged = precondition == Precondition.NONE
                ? log.recentNewest(channel)
                        .<Precondition>map(Precondition.Newest::new)
                        .orElseGet(Precondition.Empty::new)
                : precondition;
        this.log = log;
        this.limits = limits;
        this.changed = changed;
        this.refused = refused;
    }

    void add(Event event) {
        added.add(event);
    }

    /** Drops events that would have to wait for the rate of their token, from now on. */
    void hurry() {
        isHurried = true;
        if (rateTimer != NO_TIMER) {
            vertx.cancelTimer(rateTimer);
            rateTimer = NO_TIMER;
        }
    }

    /**
     * Begins the next append, unless one is in progress, there is nothing to store, or the rate of the token does not allow it.
     *
     * @param position the position in the body after the event that was added last
     * @return false if all added events were dropped
     */
    boolean store(long position) {
        if (storing > 0 || rateTimer != NO_TIMER) {
            return true;
        }
        if (added.isEmpty()) {
            settled = position;
            return true;
        }
        if (stored.isSkipping()) {
            skip(position);
            return true;
        }
        if (stored.last().filter(log::hasLost).isPresent()) {
            drop(LOST);
            return true;
        }
        int events = Math.min(added.size(), limits.maxStreamedAtOnce());
        int seconds = limits.tryPublish(bearer, events);
        if (seconds == 0) {
            append(events, position);
        } else if (isHurried) {
            added.clear();
            settled = position;
            return false;
        } else {
            rateTimer = vertx.setTimer(TimeUnit.SECONDS.toMillis(seconds), id -> {
                rateTimer = NO_TIMER;
                changed.run();
            });
        }
        return true;
    }

    /**
     * Skips events that are stored already. Goes on in the next turn of the event loop, because others must have their turn while
     * a long body is skipped.
     */
    private void skip(long position) {
        try {
            storing = stored.skip(added);
        } catch (PublishException e) {
            drop(e);
            return;
        }
        added.subList(0, storing).clear();
        boolean isAll = added.isEmpty();
        vertx.runOnContext(turn -> {
            storing = 0;
            settled = isAll ? position : settled;
            changed.run();
        });
    }

    private void append(int events, long position) {
        List<Event> next = added.subList(0, events);
        StreamDigest after = stored.after(next);
        var publication = new Publication(channel, next, stored.attempt(after), precondition);
        isEnding = publication.ends();
        precondition = Precondition.NONE;
        next.clear();
        storing = events;
        boolean isAll = added.isEmpty();
        log.append(publication).onComplete((ids, failure) -> {
            storing = 0;
            if (failure == null) {
                stored.stored(publication.events(), after, ids.get(ids.size() - 1));
                settled = isAll ? position : settled;
            } else if (failure instanceof AlreadyStoredException already) {
                limits.notPublished(bearer, events);
                skip(publication.events(), already);
            } else {
                drop(failure);
            }
            changed.run();
        });
    }

    /**
     * Returns whether this may be the end of this body, if the body ends its channel: the log has been given it, or another
     * request may have stored the same body under its key.
     */
    boolean mayHaveEnded(Entry end) {
        return isEnding || stored.hasKey() && end.event().equals(Event.end(EndReason.ENDED));
    }

    /** Returns the condition that nobody else has published since this request did so, or since it began if it has not. */
    Precondition unlessOthersPublished() {
        return stored.newest().<Precondition>map(Precondition.Newest::new).orElse(unchanged);
    }

    private void skip(List<Event> refused, AlreadyStoredException already) {
        added.addAll(0, refused);
        try {
            stored.skip(already);
        } catch (PublishException e) {
            drop(e);
        }
    }

    /** Drops the events that the log has not been given, because it has refused others, or would refuse these. */
    void drop(Throwable failure) {
        added.clear();
        hurry();
        refused.accept(failure);
    }

    /** Returns how many events wait for the log, with those of the append in progress. */
    int waiting() {
        return added.size() + storing;
    }

    /** Returns the position in the body before which no event waits for the log. */
    long settled() {
        return settled;
    }

    /** Returns which events of the body are stored. */
    StoredPart stored() {
        return stored;
    }
}
