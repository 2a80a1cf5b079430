package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Retention;
import dev.crier.log.AbandonedException;
import dev.crier.log.EventLog;
import dev.crier.log.Requester;
import dev.crier.metrics.EndReason;
import dev.crier.metrics.Metrics;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The subscribers of one event loop, which alone may call it, but for {@link #count}. */
public final class Subscribers {

    static final Buffer COMMENT = Buffer.buffer(EventStream.COMMENT);

    /** By how much of its longest lifetime a stream may be shorter. */
    private static final double SPREAD = 0.2;

    private static final Logger LOG = LoggerFactory.getLogger(Subscribers.class);

    private final EventLog log;
    private final StreamTimeouts patience;
    private final LongSupplier nowMillis;
    private final RandomGenerator random;
    private final Metrics metrics;
    private final BooleanSupplier full;
    private final Map<ChannelName, ChannelFanout> channels = new HashMap<>();
    private final Set<ChannelName> rung = new LinkedHashSet<>();
    private Consumer<Subscriber> joined = subscriber -> {};
    private boolean unreadable;
    private boolean unwritable;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param nowMillis a clock that never goes back
     * @param full whether so many bytes wait in all connections that nothing more may be read
     */
    public Subscribers(
            EventLog log,
            StreamTimeouts patience,
            LongSupplier nowMillis,
            RandomGenerator random,
            Metrics metrics,
            BooleanSupplier full) {
        this.log = log;
        this.patience = patience;
        this.nowMillis = nowMillis;
        this.random = random;
        this.metrics = metrics;
        this.full = full;
    }

    /** Whether the log can be read. Otherwise no subscriber can be added. */
    public boolean areReadable() {
        return log.isReadable();
    }

    /**
     * Lets a reader in.
     *
     * @param lasts for how long at most
     * @param address the client's address; reads of one address take turns with those of others
     * @param hasLeft whether the client has left; thread-safe
     */
    public Future<Subscriber> add(
            ChannelName name,
            Retention keep,
            StartAt start,
            StreamWriter link,
            Duration lasts,
            String address,
            BooleanSupplier hasLeft) {
        long end = after(lasts.toMillis());
        return Resumption.of(start, name, keep, log, patience.retry(), new Requester(address, hasLeft))
                .map(arrival -> join(name, keep, arrival, link, address, end))
                .onFailure(failure ->
                        metrics.ended(failure instanceof AbandonedException ? EndReason.LEFT : EndReason.UNREADABLE));
    }

    /** It stands among the subscribers before its first read, so that no entry falls between the two. */
    private Subscriber join(
            ChannelName name, Retention keep, Resumption arrival, StreamWriter link, String address, long end) {
        ChannelFanout channel = channels.computeIfAbsent(
                name, absent -> new ChannelFanout(name, keep, log, metrics.channel(name.path())));
        var subscriber = new Subscriber(this, channel, arrival.cursor(), link, address, Math.min(end, endOfLifetime()));
        channel.add(subscriber);
        count.incrementAndGet();
        try {
            subscriber.write(arrival.preamble());
            if (arrival.gap()) {
                channel.tally().gap();
            }
            subscriber.pump();
        } catch (RuntimeException | Error e) {
            subscriber.cut(EndReason.WRITE_FAILED); // else nobody would ever remove it
            throw e;
        }
        joined.accept(subscriber);
        return subscriber;
    }

    /**
     * The channel has grown, or may have: to ring too often does no harm.
     *
     * @return whether {@link #answer} is to be called at the end of this turn of the event loop: so a burst of rings
     *     costs each reader one write
     */
    public boolean ring(ChannelName name) {
        return channels.containsKey(name) && rung.add(name) && rung.size() == 1;
    }

    /** Brings all readers what the rings since the last answer told of. */
    public void answer() {
        var names = List.copyOf(rung);
        rung.clear();
        for (ChannelName name : names) {
            ChannelFanout channel = channels.get(name);
            if (channel != null) {
                channel.grown(Subscriber::pump);
            }
        }
    }

    /** How often {@link #beat} is to be called. */
    public long walkMillis() {
        return patience.walkMillis();
    }

    /** To be called every {@link #walkMillis}; also wakes whom a ring did not reach. */
    public void beat() {
        unwritable = false;
        new ArrayList<>(channels.values()).forEach(ChannelFanout::beat);
    }

    /**
     * Closes subscribers with waiting bytes, those that have taken nothing for longest first, until fewer bytes wait. They
     * resume at the position that they reached.
     *
     * @param tooMuch whether still too many bytes wait; called before each subscriber is closed
     */
    public void evict(BooleanSupplier tooMuch) {
        var slow = new ArrayList<Subscriber>();
        channels.values()
                .forEach(channel -> channel.forEach(subscriber -> {
                    if (subscriber.isSlow()) {
                        slow.add(subscriber);
                    }
                }));
        slow.sort(Comparator.comparingLong(Subscriber::takenAt));
        for (Subscriber subscriber : slow) {
            if (!tooMuch.getAsBoolean()) {
                return;
            }
            subscriber.cut(EndReason.EVICTED);
        }
    }

    /** Reads again for the subscribers, after too many bytes waited. */
    public void resume() {
        new ArrayList<>(channels.values()).forEach(channel -> channel.grown(Subscriber::pump));
    }

    /** Ends the stream of each, whatever waits in it: they come back by themselves. */
    public void end() {
        new ArrayList<>(channels.values())
                .forEach(channel -> channel.grown(subscriber -> subscriber.cut(EndReason.SHUTDOWN)));
    }

    /** Begins to end the streams of all who are there, and of who still comes, in random order, over a time. */
    public Drain drain(Duration window) {
        var all = new ArrayList<Subscriber>();
        channels.values().forEach(channel -> channel.grown(all::add));
        var drain = new Drain(all, window, patience.retry(), nowMillis, random);
        joined = drain::add;
        return drain;
    }

    /** How many there are; any thread may ask. */
    public int count() {
        return count.get();
    }

    void left(ChannelFanout channel, EndReason why) {
        count.decrementAndGet();
        metrics.ended(why);
        if (channel.isEmpty()) {
            channels.remove(channel.name());
        }
    }

    void readable() {
        unreadable = false;
    }

    /** Whether so many bytes wait in all connections that nothing more may be read. */
    boolean isFull() {
        return full.getAsBoolean();
    }

    long now() {
        return nowMillis.getAsLong();
    }

    Duration retry() {
        return patience.retry();
    }

    /** When a stream that begins now has lasted long enough: not all that began together end together. */
    private long endOfLifetime() {
        long lifetime = patience.lifetime().toMillis();
        return lifetime == 0 ? Long.MAX_VALUE : after(lifetime - (long) (lifetime * SPREAD * random.nextDouble()));
    }

    private long after(long millis) {
        long now = now();
        return now + millis < now ? Long.MAX_VALUE : now + millis;
    }

    /** So early that, with the next walk, it would be too late. */
    boolean isIdle(long writtenAt) {
        return now() - writtenAt > patience.heartbeat().toMillis() - patience.walkMillis();
    }

    boolean isStalled(long takenAt) {
        return now() - takenAt > patience.stall().toMillis();
    }

    /** Logs a failed write once a walk, because thousands may fail together. */
    void unwritable(ChannelName channel, Throwable failure) {
        if (!unwritable) {
            unwritable = true;
            LOG.error(
                    "{}: a stream was ended because a write to it failed: {}",
                    channel,
                    failure.toString(),
                    error(failure));
        }
    }

    /** An error is logged as such, with its stack trace, so that one of the virtual machine's is seen to. */
    private static Throwable error(Throwable failure) {
        return failure instanceof Error ? failure : null;
    }

    /** It is asked for again at the next walk; told once, until something can be read again. */
    void unreadable(ChannelName channel, Throwable failure) {
        if (!unreadable) {
            unreadable = true;
            LOG.error("{}: what is stored could not be read: {}", channel, failure.getMessage(), error(failure));
        }
    }
}
