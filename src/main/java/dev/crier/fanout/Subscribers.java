package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.StreamEndReason;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The subscribers of one event loop. Only that event loop uses this class, except for {@link #count}.
 *
 * <p>Its owner calls {@link #notified} for each notification of the log, {@link #deliver} at the end of that turn of the event
 * loop, and {@link #check} periodically.
 *
 * <p>The class is long because it has everything that other packages do with subscribers. What concerns one channel or one
 * subscriber is in other classes.
 */
public final class Subscribers {

    /** The part of its lifetime by which a stream may end early, so that streams that begin together do not end together. */
    private static final double LIFETIME_JITTER = 0.2;

    private final EventLog log;
    private final StreamTimeouts timeouts;
    private final LongSupplier nowMillis;
    private final RandomGenerator random;
    private final Metrics metrics;
    private final LoopState loop;
    private final Fanouts fanouts = new Fanouts();
    private final SetEncoder encoder = new SetEncoder();
    private final SetChanges changes;
    private final DeliveryStats setStats;

    /** The channels that have had a notification since the last delivery. */
    private final Set<ChannelName> notified = new LinkedHashSet<>();

    /** Called with each new subscriber. Does nothing unless a drain has begun. */
    private Consumer<Subscriber> onJoin = subscriber -> {};

    /** One function for all subscribers, because each refers to it as long as its stream lasts. */
    private final BiConsumer<Subscriber, StreamEndReason> onEnd = this::remove;

    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param nowMillis a clock that never goes back
     * @param readingPaused whether too many bytes wait in all connections together, so that nothing more may be read
     */
    public Subscribers(
            EventLog log,
            StreamTimeouts timeouts,
            LongSupplier nowMillis,
            RandomGenerator random,
            Metrics metrics,
            BooleanSupplier readingPaused) {
        this.log = log;
        this.timeouts = timeouts;
        this.nowMillis = nowMillis;
        this.random = random;
        this.metrics = metrics;
        this.loop = new LoopState(timeouts, nowMillis, readingPaused);
        this.changes = new SetChanges(log, fanouts, encoder);
        this.setStats = new DeliveryStats(metrics.channelSets());
    }

    /** Returns whether the log can be read. Otherwise no subscriber can be added. */
    public boolean canRead() {
        return log.isReadable();
    }

    /** Returns whether {@link #isAfterEnd} asks the store, which may take long. */
    public boolean asksStore(ChannelName name, StartAt start) {
        return start instanceof StartAt.After after && log.newest().isBefore(after.position())
                || start instanceof StartAt.From from && log.newest().isBefore(from.position())
                || (start instanceof StartAt.After || start instanceof StartAt.From) && !log.isRecent(name);
    }

    /**
     * Returns whether the channel has ended and the client has received its end, so that a subscriber would never get an event.
     * The result fails if the log cannot be read.
     */
    public Future<Boolean> isAfterEnd(ChannelName name, StartAt start, String address, BooleanSupplier hasLeft) {
        return Beginning.isAfterEnd(start, name, log, new Requester(address, hasLeft))
                .onFailure(failure -> {
                    if (!(failure instanceof AbandonedException)) {
                        loop.readFailed(name.path(), failure);
                    }
                });
    }

    /**
     * Adds a subscriber and delivers what it asked for. The result fails if the log cannot be read.
     *
     * @param validity how long the client is permitted to read
     * @param address the client's address; reads for one address take turns with those for others
     * @param hasLeft whether the client has left; thread-safe
     */
    public Future<Subscriber> add(
            ChannelName name,
            Retention retention,
            StartAt start,
            StreamWriter writer,
            Duration validity,
            String address,
            BooleanSupplier hasLeft) {
        long validUntil = after(validity.toMillis());
        return joined(
                name.path(),
                Beginning.of(start, name, retention, log, new Requester(address, hasLeft))
                        .map(beginning -> {
                            Fanout fanout = fanouts.of(name, absent -> channel(name, retention));
                            Resumption resumption = Resumption.of(beginning, retention, timeouts.retry());
                            return join(fanout, fanout.reader(), resumption, writer, address, validUntil);
                        }));
    }

    /**
     * Adds a subscriber of several channels.
     *
     * @see #add(ChannelName, Retention, StartAt, StreamWriter, Duration, String, BooleanSupplier)
     */
    public Future<Subscriber> add(
            ChannelSet set,
            StartAt start,
            StreamWriter writer,
            Duration validity,
            String address,
            BooleanSupplier hasLeft) {
        long validUntil = after(validity.toMillis());
        return joined(
                set.toString(),
                SetResumption.of(start, set, log, encoder, timeouts.retry(), new Requester(address, hasLeft))
                        .map(resumption -> {
                            Fanout fanout = fanouts.of(set, this::channelSet);
                            StreamReader reader = resumption.reader().orElse(fanout.reader());
                            return join(fanout, reader, resumption.start(), writer, address, validUntil);
                        }));
    }

    private Future<Subscriber> joined(String description, Future<Subscriber> subscriber) {
        return subscriber
                .onSuccess(joined -> {
                    if (log.stores()) {
                        loop.readSucceeded();
                    }
                })
                .onFailure(failure -> {
                    if (failure instanceof AbandonedException) {
                        metrics.streamEnded(StreamEndReason.LEFT);
                    } else {
                        loop.readFailed(description, failure);
                        metrics.streamEnded(StreamEndReason.UNREADABLE);
                    }
                });
    }

    private Fanout channel(ChannelName name, Retention retention) {
        var counted = metrics.channel(name.path());
        var stats = new DeliveryStats(counted);
        return new Fanout(new ChannelReader(name, retention, log, stats), counted, () -> {
            stats.close();
            fanouts.remove(name);
        });
    }

    private Fanout channelSet(ChannelSet set) {
        var reader = new SetReader(set, log, changes, encoder, setStats);
        return new Fanout(reader, metrics.channelSets(), () -> {
            fanouts.remove(set);
            if (fanouts.ofSets().isEmpty()) {
                setStats.close();
            }
        });
    }

    /** Registers the subscriber before its first read, so that no entry falls between the two. */
    private Subscriber join(
            Fanout fanout,
            StreamReader reader,
            Resumption resumption,
            StreamWriter writer,
            String address,
            long validUntil) {
        long endsAt = Math.min(validUntil, endOfLifetime());
        var subscriber = new Subscriber(fanout, loop, reader, resumption.position(), writer, address, endsAt, onEnd);
        fanout.add(subscriber);
        count.incrementAndGet();
        try {
            subscriber.write(resumption.preamble());
            fanout.reader().stats().gaps(resumption.gaps());
            subscriber.deliver();
        } catch (RuntimeException | Error e) {
            subscriber.abort(StreamEndReason.WRITE_FAILED); // the caller never gets it, so nothing else would remove it
            throw e;
        }
        onJoin.accept(subscriber);
        return subscriber;
    }

    /** Returns the end of a stream that begins now. */
    private long endOfLifetime() {
        long lifetime = timeouts.lifetime().toMillis();
        return lifetime == 0
                ? Long.MAX_VALUE
                : after(lifetime - (long) (lifetime * LIFETIME_JITTER * random.nextDouble()));
    }

    private long after(long millis) {
        long now = nowMillis.getAsLong();
        return now + millis < now ? Long.MAX_VALUE : now + millis;
    }

    private void remove(Subscriber subscriber, StreamEndReason reason) {
        subscriber.fanout().remove(subscriber);
        metrics.streamEnded(reason);
        count.decrementAndGet(); // last, so that another thread that sees the new count also sees the metrics
    }

    /**
     * Records that the channel may have new entries. Repeated calls do no harm.
     *
     * @return whether the caller must call {@link #deliver} at the end of this turn of the event loop. One delivery serves all
     *     notifications of the turn, so a burst costs each subscriber one write.
     */
    public boolean notified(ChannelName name) {
        return fanouts.isFollowed(name) && notified.add(name) && notified.size() == 1;
    }

    /** Delivers the new entries of all channels that have had a notification. */
    public void deliver() {
        var due = new ArrayList<Fanout>();
        notified.forEach(name -> fanouts.of(name).ifPresent(due::add));
        notified.clear();
        changes.find(due);
        pass(due, Fanout::deliver, DeliveryStats::endPass);
    }

    /** Runs the action for each fan-out. Those that share their counts come together, and have one pass. */
    private static void pass(List<Fanout> fanouts, Consumer<Fanout> action, Consumer<DeliveryStats> end) {
        DeliveryStats stats = null;
        for (Fanout fanout : fanouts) {
            if (fanout.reader().stats() != stats) {
                if (stats != null) {
                    end.accept(stats);
                }
                stats = fanout.reader().stats();
                stats.beginPass();
            }
            action.accept(fanout);
        }
        if (stats != null) {
            end.accept(stats);
        }
    }

    /** Returns how often {@link #check} must be called. */
    public long checkMillis() {
        return timeouts.checkMillis();
    }

    /** Sends heartbeats, ends streams that are due or stalled, and delivers entries whose notification was lost. */
    public void check() {
        loop.checkBegins();
        changes.find(new ArrayList<>());
        pass(fanouts.all(), Fanout::check, DeliveryStats::endCheck);
        encoder.release();
        changes.release();
    }

    /**
     * Closes subscribers with waiting bytes until fewer bytes wait. Those without progress for longest are closed first. Each
     * resumes at the position that it reached.
     *
     * @param tooManyBytes whether still too many bytes wait; called before each subscriber is closed
     */
    public void closeSlowest(BooleanSupplier tooManyBytes) {
        var slow = new ArrayList<Subscriber>();
        forEach(subscriber -> {
            if (subscriber.hasWaitingBytes()) {
                slow.add(subscriber);
            }
        });
        slow.sort(Comparator.comparingLong(Subscriber::lastProgressAt));
        for (Subscriber subscriber : slow) {
            if (!tooManyBytes.getAsBoolean()) {
                return;
            }
            subscriber.abort(StreamEndReason.EVICTED);
        }
    }

    /** Reads again for all subscribers, after reading was paused. */
    public void resumeReading() {
        pass(fanouts.all(), Fanout::deliver, DeliveryStats::endPass);
    }

    /** Aborts all streams. Clients reconnect by themselves. */
    public void abortAll() {
        forEach(subscriber -> subscriber.abort(StreamEndReason.SHUTDOWN));
    }

    /** Begins to end all streams within the window, including those of subscribers that join later. */
    public Drain drain(Duration window) {
        var all = new ArrayList<Subscriber>();
        forEach(all::add);
        var drain = new Drain(all, window, timeouts.retry(), nowMillis, random);
        onJoin = drain::add;
        return drain;
    }

    /** Runs the action for each subscriber. The action may remove subscribers, and with them channels. */
    private void forEach(Consumer<Subscriber> action) {
        fanouts.all().forEach(fanout -> fanout.forEach(action));
    }

    /** Returns the number of subscribers of each single channel that is wanted: of those with the most, if there are more. */
    public Map<ChannelName, Integer> byChannel(Predicate<ChannelName> wanted, int max) {
        var counts = new HashMap<ChannelName, Integer>();
        fanouts.ofChannels().forEach((name, fanout) -> {
            if (wanted.test(name)) {
                counts.put(name, fanout.size());
            }
        });
        if (counts.size() > max) {
            var least = counts.values().stream()
                    .sorted(Comparator.reverseOrder())
                    .skip(max - 1L)
                    .findFirst()
                    .orElseThrow();
            counts.values().removeIf(count -> count < least);
        }
        return counts;
    }

    /** Returns the number of subscribers. Thread-safe. */
    public int count() {
        return count.get();
    }
}
