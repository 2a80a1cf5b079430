package dev.crier.log;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of events, in one order over all channels. It gives the ids, has its store keep the entries, and shows
 * them only then. What is recent it has in memory, whatever the store.
 *
 * <p>Most of it is the one queue in front of the store, from {@link #append} to {@link #stored}: the order of ids, of
 * commits, of what readers see and of the answers hangs on that being in one piece.
 *
 * <p>One context writes: it alone calls what is not said to be for any thread. Any thread reads.
 */
public final class EventLog {

    /** How many publications may wait for the store before the next is refused. */
    static final int MAX_WAITING = 10_000;

    /** How many bytes of events may wait. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    /** After how many entries no further publication goes to the store at the same time. */
    static final int MAX_AT_ONCE = 5_000;

    /**
     * The longest pause, in calls of {@link #trim}, before the next probe of a store that has only seemed to recover. Short,
     * because the log must be ready within five seconds after the cause has gone, even if no one publishes.
     */
    static final int MAX_PAUSE = 4;

    private static final String CANNOT_STORE = "the log cannot store at present";

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    /** How far the clock may be behind the ids without a word. */
    private static final long BEHIND_MILLIS = 10_000;

    private record Waiting(List<Entry> entries, long bytes, Optional<Receipt> receipt, Promise<List<EventId>> stored) {}

    private final Function<ChannelName, Optional<Retention>> keeps;
    private final Store store;
    private final AgeClock clock;
    private final LogLimits bounds;
    private final LogSize held = new LogSize();
    private final Consumer<Set<ChannelName>> ring;
    private final Duration retryWindow;
    private final Receipts receipts;

    /** Nothing as long as the store could not be read. */
    private volatile RecentEntries window;

    /** Set before the window is. */
    private Capacity capacity;

    private EventId lastGiven;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long storingBytes;
    private boolean storing;
    private volatile boolean failing;
    private String cause = "";
    private boolean probing;

    /** Whether the store has recovered by its own account, and has stored nothing since. */
    private boolean unproven;

    /** How many calls of {@link #trim} a probe waits; 0 unless an append has failed after a probe that succeeded. */
    private int pause;

    private int pauseLeft;
    private boolean trimming;
    private boolean untrimmed;
    private boolean behind;
    private boolean closed;

    /**
     * @param keeps what a channel keeps; nothing for one that is not declared
     * @param ring told of the channels that have grown
     * @param retryWindow for how long a key makes a retry safe
     */
    public EventLog(
            Function<ChannelName, Optional<Retention>> keeps,
            Store store,
            InstantSource clock,
            Consumer<Set<ChannelName>> ring,
            Duration retryWindow) {
        this(keeps, store, new AgeClock(clock, () -> clock.millis() * 1_000_000), ring, retryWindow, LogLimits.NONE);
    }

    /** @param bounds how much it may hold */
    public EventLog(
            Function<ChannelName, Optional<Retention>> keeps,
            Store store,
            AgeClock clock,
            Consumer<Set<ChannelName>> ring,
            Duration retryWindow,
            LogLimits bounds) {
        this.keeps = keeps;
        this.store = store;
        this.clock = clock;
        this.ring = ring;
        this.retryWindow = retryWindow;
        this.bounds = bounds;
        this.receipts = new Receipts(retryWindow, held);
    }

    /**
     * Opens the store, even if that cannot store or be read at present: then it is tried again at each {@link #trim}. The
     * failure is one that a try cannot mend.
     */
    public Future<Void> open() {
        return store.open(clock.wallMillis())
                .map(opened -> {
                    opened(opened);
                    return opened;
                })
                .compose(
                        opened -> probe(),
                        failure -> failure instanceof ConfException || failure instanceof LogInUseException
                                ? Future.failedFuture(failure)
                                : failing(failure));
    }

    private void opened(Store.Opened opened) {
        clock.resume(opened.storedMillis(), opened.wallAheadMillis());
        long recentBytes = store.recentBytes();
        var readable = new RecentEntries(keeps, recentBytes, bounds.emptyChannels(), opened, held);
        capacity = new Capacity(bounds, readable, held, recentBytes == Long.MAX_VALUE ? 0 : recentBytes);
        lastGiven = opened.newest();
        opened.receipts().forEach(receipts::restore);
        window = readable;
    }

    private Future<Void> probe() {
        return store.probe()
                .compose(
                        stores -> {
                            recovered();
                            return Future.succeededFuture();
                        },
                        this::failing);
    }

    private Future<Void> failing(Throwable failure) {
        failed(failure);
        return Future.succeededFuture();
    }

    public Future<Void> close() {
        closed = true;
        return store.close();
    }

    /**
     * Publishes. The ids are given when the store has the events as safe as it makes them; the failure is a {@link
     * Refusal}, and then nobody sees the events.
     */
    public Future<List<EventId>> append(Publication publication) {
        Optional<Future<List<EventId>>> earlier = receipts.find(publication);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        if (keeps.apply(publication.channel()).isEmpty()) {
            return refused(
                    PublishException.Reason.NO_SUCH_CHANNEL,
                    publication.channel() + ": no such channel (expected: one that the conf declares)");
        }
        if (failing || !isReadable()) {
            return refused(PublishException.Reason.UNAVAILABLE, CANNOT_STORE);
        }
        if (waiting.size() >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) {
            return refused(
                    PublishException.Reason.UNAVAILABLE, "the log is too far behind (expected: fewer at a time)");
        }
        long bytes = 0;
        for (Event event : publication.events()) {
            bytes += HeapSize.of(event);
        }
        Optional<PublishException> full =
                capacity.admit(publication, bytes + Receipts.bytes(publication), waitingBytes + storingBytes);
        if (full.isPresent()) {
            return Future.failedFuture(full.get());
        }
        Promise<List<EventId>> stored = Promise.promise();
        ChannelName channel = window.shared(publication.channel());
        receipts.add(publication, channel, stored.future(), clock.millis());
        waiting.add(order(publication, channel, bytes, stored));
        waitingBytes += bytes;
        held.add(bytes);
        if (!storing) {
            storeWaiting();
        }
        return stored.future();
    }

    private static <T> Future<T> refused(PublishException.Reason reason, String message) {
        return Future.failedFuture(new PublishException(reason, message));
    }

    private Waiting order(Publication publication, ChannelName channel, long bytes, Promise<List<EventId>> stored) {
        var entries = new ArrayList<Entry>(publication.events().size());
        long now = clock.millis();
        for (Event event : publication.events()) {
            lastGiven = lastGiven.next(clock.wallMillis());
            entries.add(new Entry(lastGiven, channel, event, now));
        }
        Optional<Receipt> receipt = publication.attempt().isRepeatable()
                ? Optional.of(new Receipt(
                        channel,
                        publication.attempt().key(),
                        publication.attempt().digest(),
                        ids(entries),
                        now))
                : Optional.empty();
        return new Waiting(entries, bytes, receipt, stored);
    }

    private static List<EventId> ids(List<Entry> entries) {
        return entries.stream().map(Entry::id).toList();
    }

    /**
     * Gives the store the publications that wait, whole ones and only so many that nothing else waits long for the store or
     * for this thread. The rest, and what arrives meanwhile, goes next.
     */
    private void storeWaiting() {
        storing = true;
        var batch = new ArrayDeque<Waiting>();
        var entries = new ArrayList<Entry>();
        var stamped = new ArrayList<Receipt>();
        while (!waiting.isEmpty() && entries.size() < MAX_AT_ONCE) {
            Waiting wait = waiting.poll();
            batch.add(wait);
            storingBytes += wait.bytes();
            entries.addAll(wait.entries());
            wait.receipt().ifPresent(stamped::add);
        }
        waitingBytes -= storingBytes;
        store.append(entries, stamped).onComplete(done -> {
            storing = false;
            held.add(-storingBytes);
            storingBytes = 0;
            try {
                if (done.succeeded()) {
                    stored(batch, entries);
                } else {
                    failed(done.cause());
                    settleCapacity();
                    var refusal = new PublishException(PublishException.Reason.UNAVAILABLE, CANNOT_STORE);
                    batch.forEach(wait -> wait.stored().fail(refusal));
                }
            } finally {
                if (!waiting.isEmpty() && !storing) {
                    storeWaiting();
                }
            }
        });
    }

    private void stored(Deque<Waiting> batch, List<Entry> entries) {
        storesAgain();
        window.show(entries);
        settleCapacity();
        var grown = new LinkedHashSet<ChannelName>();
        entries.forEach(entry -> grown.add(entry.channel()));
        try {
            ring.accept(grown);
        } finally { // the events are stored, and their publishers must hear that
            batch.forEach(wait -> wait.stored().complete(ids(wait.entries())));
        }
    }

    /** Before the publishers get their answers, since one may publish again at once. */
    private void settleCapacity() {
        capacity.settle(waiting.stream().map(wait -> wait.entries().get(0).channel()));
    }

    /**
     * A probe has succeeded. An append may fail nevertheless, since it needs more room and other pages of the file: if one
     * has, only the next append that succeeds is logged as the end of the failure.
     */
    private void recovered() {
        if (failing) {
            failing = false;
            unproven = true;
            if (pause == 0) {
                LOG.info("The log stores again");
            }
        }
    }

    /** An append has succeeded. */
    private void storesAgain() {
        if (failing || pause > 0) {
            LOG.info("The log stores again");
        }
        failing = false;
        unproven = false;
        pause = 0;
        cause = "";
    }

    /** Logs each cause once, since it may come back every second, and once more after the log has said that it stores. */
    private void failed(Throwable failure) {
        failing = true;
        boolean contradicted = unproven && pause == 0;
        if (unproven) {
            unproven = false;
            pause = Math.min(MAX_PAUSE, 2 * pause + 1);
            pauseLeft = pause;
        }
        if ((contradicted || !cause.equals(failure.getMessage())) && !closed) {
            cause = String.valueOf(failure.getMessage());
            LOG.error(
                    isReadable()
                            ? "The log cannot store, and publishing is refused until it can: {}"
                            : "The log cannot be read, and subscribers and publishers are refused until it can: {}",
                    cause);
        }
    }

    /** Whether the store took what it was last given; for any thread. */
    public boolean stores() {
        return !failing;
    }

    /** Why publishing is refused for lack of room, if it is; for any thread. */
    public Optional<String> full() {
        return isReadable() ? capacity.full() : Optional.empty();
    }

    /** Whether it can be read; for any thread. Once it can, it stays so. */
    public boolean isReadable() {
        return window != null;
    }

    /** Drops expired entries, and tries a store again that has failed. Called every second. */
    public void trim() {
        if (failing && !storing && !probing && !closed && pauseLeft-- <= 0) {
            probing = true;
            (window == null ? open().recover(this::failing) : probe()).onComplete(done -> probing = false);
        }
        if (window == null) {
            return;
        }
        long now = clock.millis();
        window.expire(now);
        receipts.forget(now);
        capacity.look();
        compareClock();
        if (!trimming) {
            trimming = true;
            trimStore(now);
        }
    }

    /** Ids never go back: when the clock does, they go on from the newest until it has caught up. */
    private void compareClock() {
        long millis = lastGiven.millis() - clock.wallMillis();
        if (!behind && millis > BEHIND_MILLIS) {
            behind = true;
            LOG.warn(
                    "The clock is {} behind the newest event id, {}: ids stay in order, and events live as long as"
                            + " before (expected: a clock that is not set back)",
                    Duration.ofMillis(millis),
                    lastGiven);
        } else if (behind && millis <= 0) {
            behind = false;
            LOG.info("The clock has caught up with the newest event id");
        }
    }

    /** Step by step, as long as there is something to do; what is to be stored gets in between. */
    private void trimStore(long now) {
        store.trim(now, now - retryWindow.toMillis(), clock.wallAheadMillis(), window.settled())
                .onComplete(step -> {
                    if (step.succeeded()) {
                        window.forgottenByStore(step.result().forgotten());
                    }
                    if (step.succeeded() && step.result().more() && !closed) {
                        trimStore(now);
                        return;
                    }
                    trimming = false;
                    if (step.failed() && !untrimmed && !closed) {
                        LOG.warn(
                                "The log could not be trimmed: {}", step.cause().getMessage());
                    }
                    untrimmed = step.failed();
                });
    }

    /** The newest place; for any thread. */
    public EventId newest() {
        return window.settled();
    }

    /** What the channel has after the place, as it keeps it; for any thread. */
    public ReadResult read(ChannelName channel, Retention keep, EventId after) {
        return keep instanceof Retention.Latest ? window.latest(channel, after) : window.read(channel, after);
    }

    /**
     * When the oldest entry that the channel has after the place was stored, or a later time if that entry is no longer in
     * memory; for any thread.
     */
    public OptionalLong storedAfter(ChannelName channel, Retention keep, EventId place) {
        return window.storedAfter(channel, keep, place);
    }

    /** How many entries are in memory; for any thread. */
    public long entries() {
        return isReadable() ? window.entries() : 0;
    }

    /** About how much memory the log takes: entries, channels, keys, and what waits; for any thread. */
    public long memoryBytes() {
        return isReadable() ? window.bytes() : 0;
    }

    /** How many channels exist; for any thread. */
    public long channels() {
        return isReadable() ? window.channels() : 0;
    }

    /** How much of the disk it takes; for any thread that may wait. */
    public long fileBytes() {
        return store.fileBytes();
    }

    /** What the channel has after a place that is no longer in memory; for any thread. */
    public Future<ReadResult> fetch(ChannelName channel, EventId after, Requester requester) {
        return store.read(channel, after, window.newest(), requester);
    }

    /** The gap that such a fetch would find; one that ends where it begins is none. For any thread. */
    public Future<ReadResult.Gap> fetchGap(ChannelName channel, EventId after, Requester requester) {
        return store.gap(channel, after, requester);
    }

    /** Writes a copy of the store beside it. */
    public Future<Store.Backup> backup() {
        return store.backup();
    }
}
