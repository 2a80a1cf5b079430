package dev.crier.log;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.LogInUseException;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.LogSize;
import dev.crier.log.store.OwnContext;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of all events, in one order over all channels. Publications wait in one queue for the {@link Store}, which
 * decides the order. What the store shows becomes readable here and is then announced by a notification; the publisher is
 * answered last. The newest entries are in memory, whatever the store.
 *
 * <p>The context that opens the log is its own: the queue, the store's callbacks and {@link #trim} run on it. Any thread may
 * publish and read.
 *
 * <p>The class is long because it has everything that other packages do with the log. Its parts are classes of their own.
 */
public final class EventLog {

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    private final Function<ChannelName, Optional<Retention>> retentionOf;
    private final Declarations declarations;
    private final Store store;
    private final AgeClock clock;
    private final Consumer<Set<ChannelName>> notification;
    private final Duration retryWindow;
    private final LogLimits limits;
    private final Metrics metrics;
    private final Tracing tracing;
    private final LogSize size = new LogSize();
    private final StoreHealth health;
    private final OwnContext own = new OwnContext();
    private volatile boolean open;

    /** Null until the store has been read. The fields below are set before it. */
    private volatile RecentEntries recent;

    private Resumption resumption;
    private SetReads sets;
    private Capacity capacity;
    private AppendQueue queue;
    private Trimmer trimmer;

    /** Creates a log without limits and metrics, whose entries age by the wall clock. */
    public EventLog(
            Function<ChannelName, Optional<Retention>> retentionOf,
            Store store,
            InstantSource clock,
            Consumer<Set<ChannelName>> notification,
            Duration retryWindow) {
        this(
                retentionOf,
                store,
                new AgeClock(clock, () -> clock.millis() * 1_000_000),
                notification,
                retryWindow,
                LogLimits.NONE,
                Metrics.NONE);
    }

    /**
     * @param retentionOf returns what a channel keeps, or nothing if the channel is not declared
     * @param notification is given the channels that have new entries
     * @param retryWindow how long an idempotency key makes a retry safe
     */
    public EventLog(
            Function<ChannelName, Optional<Retention>> retentionOf,
            Store store,
            AgeClock clock,
            Consumer<Set<ChannelName>> notification,
            Duration retryWindow,
            LogLimits limits,
            Metrics metrics) {
        this(retentionOf, store, clock, notification, retryWindow, limits, metrics, Tracing.NONE);
    }

    /** Creates a log whose publications are traced. */
    public EventLog(
            Function<ChannelName, Optional<Retention>> retentionOf,
            Store store,
            AgeClock clock,
            Consumer<Set<ChannelName>> notification,
            Duration retryWindow,
            LogLimits limits,
            Metrics metrics,
            Tracing tracing) {
        this.retentionOf = retentionOf;
        this.declarations = new Declarations(retentionOf);
        this.store = store;
        this.clock = clock;
        this.health = new StoreHealth(clock::wallMillis);
        this.notification = notification;
        this.retryWindow = retryWindow;
        this.limits = limits;
        this.metrics = metrics;
        this.tracing = tracing;
    }

    /**
     * Opens the log on the current context, even if the store cannot be read or cannot append at present. {@link #trim} then
     * tries again. Fails only if trying again cannot help.
     */
    public Future<Void> open() {
        own.capture();
        return openStore().onSuccess(opened -> open = true);
    }

    private Future<Void> openStore() {
        return store.open(clock, new LogListener(() -> recent, health, notification))
                .map(opened -> {
                    opened(opened);
                    return opened;
                })
                .compose(
                        opened -> probe(),
                        failure -> failure instanceof ConfException || failure instanceof LogInUseException
                                ? Future.failedFuture(failure)
                                : failed(failure));
    }

    private void opened(Store.Opened opened) {
        clock.resume(opened.storedMillis(), opened.wallAheadMillis());
        long recentBytes = store.recentBytes();
        var readable = new RecentEntries(retentionOf, recentBytes, limits.emptyChannels(), opened, size);
        long evictableBytes = recentBytes == Long.MAX_VALUE ? 0 : recentBytes;
        capacity = new Capacity(limits, readable, () -> size.bytes() + store.memoryBytes(), evictableBytes);
        queue = new AppendQueue(own, store, health, capacity, size, clock, metrics);
        trimmer = new Trimmer(readable, store, clock, retryWindow);
        sets = new SetReads(readable, store);
        resumption = new Resumption(readable, store, opened.begin());
        recent = readable;
    }

    private Future<Void> probe() {
        return store.probe().onSuccess(good -> health.probed()).recover(this::failed);
    }

    private Future<Void> failed(Throwable failure) {
        health.failed(failure, isReadable());
        return Future.succeededFuture();
    }

    /** Refuses further publications and closes the store. */
    public Future<Void> close() {
        open = false;
        health.close();
        if (trimmer != null) {
            trimmer.close();
        }
        own.release();
        return store.close();
    }

    /**
     * Publishes. Thread-safe; the answer arrives on the context of the caller.
     *
     * @return the ids of the events, once they are as safe as the store makes them and can be read here; or a {@link
     *     PublishException} or {@link dev.crier.event.AlreadyStoredException}. Nobody sees the events of a failed publication,
     *     unless the reason is {@link PublishException.Reason#UNKNOWN}
     */
    public Future<List<EventId>> append(Publication publication) {
        if (!open) {
            return Future.failedFuture(new PublishException(PublishException.Reason.UNAVAILABLE, "the log is closed"));
        }
        return tracing.trace(publication, () -> own.call(() -> accept(publication)));
    }

    private Future<List<EventId>> accept(Publication publication) {
        try {
            Publication checked = declarations.check(publication);
            return isReadable()
                    ? queue.append(checked.withName(recent.sharedName(publication.channel())))
                    : Future.failedFuture(cannotStore());
        } catch (PublishException refusal) {
            return Future.failedFuture(refusal);
        }
    }

    /**
     * Returns the entry with which the channel has ended, or nothing. Looks only into memory, which has the newest entries of
     * each channel that a notification has just named. Thread-safe.
     */
    public Optional<Entry> recentEnd(ChannelName channel) {
        return recent.newest(channel).filter(entry -> entry.event().isEnd());
    }

    /** Returns whether events of the channel are in memory, so that {@link #end} need not ask the store. Thread-safe. */
    public boolean isRecent(ChannelName channel) {
        return recent.newest(channel).isPresent();
    }

    /** Returns the id of the channel's newest event, or nothing if memory has none. Thread-safe. */
    public Optional<EventId> recentNewest(ChannelName channel) {
        return isReadable() ? recent.newest(channel).map(Entry::id) : Optional.empty();
    }

    /** Returns the id of the event with which the channel has ended, or nothing if it has not ended. Thread-safe. */
    public Future<Optional<EventId>> end(ChannelName channel, Requester requester) {
        Optional<NewestEvent> newest = recent.newest(channel).map(NewestEvent::of);
        return (newest.isPresent() ? Future.succeededFuture(newest) : store.newest(channel, requester))
                .map(found -> found.flatMap(NewestEvent::end));
    }

    static PublishException cannotStore() {
        return new PublishException(PublishException.Reason.UNAVAILABLE, "the log cannot store at present");
    }

    /** Drops expired entries and retries a failed store. Called every second, on the log's context. */
    public void trim() {
        if (open && (queue == null || !queue.isStoring())) {
            health.retry(() -> isReadable() ? probe() : openStore().recover(this::failed));
        }
        if (isReadable()) {
            trimmer.trim();
            capacity.check();
        }
    }

    /** Returns whether the store took the last batch or the last probe. Thread-safe. */
    public boolean stores() {
        return health.isGood();
    }

    /** Returns why the store cannot append, or nothing if it can. Thread-safe. */
    public Optional<StoreFailure> failure() {
        return health.failure();
    }

    /** Returns why publishing is refused for lack of room, or nothing. Thread-safe. */
    public Optional<String> full() {
        return isReadable() ? capacity.full() : Optional.empty();
    }

    /** Returns whether the log can be read. Once it can, it stays so. Thread-safe. */
    public boolean isReadable() {
        return recent != null;
    }

    /** Returns whether the store may have lost the event with this id, which it has stored. Thread-safe. */
    public boolean hasLost(EventId id) {
        return isReadable() && store.hasLost(id);
    }

    /** Returns the newest position up to which entries can be read here. Thread-safe. */
    public EventId newest() {
        return recent.settled();
    }

    /**
     * Returns the position at which a subscriber begins that wants only new events. It is {@link #newest}, except while the store
     * shows entries that were appended before it was opened. Thread-safe.
     */
    public Future<EventId> now() {
        return store.now(recent::settled);
    }

    /** Returns what the channel has in memory after the position, as far as its retention keeps it. Thread-safe. */
    public ReadResult read(ChannelName channel, Retention retention, EventId after) {
        return retention instanceof Retention.Latest ? recent.latest(channel, after) : recent.read(channel, after);
    }

    /** Reads what the channel has after a position that is no longer in memory. Thread-safe. */
    public Future<ReadResult> fetch(ChannelName channel, EventId after, Requester requester) {
        return store.read(channel, after, recent.settled(), ReadResult.MAX_BYTES, requester);
    }

    /** Returns the reader of channel sets. Thread-safe, once the log {@link #isReadable}. */
    public SetReads sets() {
        return sets;
    }

    /**
     * Returns where a subscriber goes on after a position: there, or at another position if the store has never given that
     * id. After a position of another log, later than {@link #newest}, it goes on at the first event. Thread-safe.
     */
    public Future<EventId> resumption(EventId after) {
        return resumption.resumption(after);
    }

    /**
     * Returns the gap after the position at which a subscriber resumes, on a channel that keeps events. If nothing is missing,
     * the gap ends at that position. Fetches no entries. Thread-safe.
     */
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return resumption.gap(channel, after, requester);
    }

    /**
     * Returns when the oldest entry of the channel after the position was stored, or a later time if that entry is no longer
     * in memory. Thread-safe.
     */
    public OptionalLong storedAfter(ChannelName channel, Retention retention, EventId position) {
        return recent.storedAfter(channel, retention, position);
    }

    /** Returns how many entries are in memory. Thread-safe. */
    public long entries() {
        return isReadable() ? recent.entries() : 0;
    }

    /** Returns about how many bytes of memory entries, channels, keys and waiting publications take. Thread-safe. */
    public long memoryBytes() {
        return isReadable() ? recent.bytes() + store.memoryBytes() : 0;
    }

    /** Returns how many channels exist. Thread-safe. */
    public long channels() {
        return isReadable() ? recent.known().count() : 0;
    }

    /** Returns the size of the store on disk. Thread-safe, but may block. */
    public long fileBytes() {
        return store.fileBytes();
    }

    /** See {@link Store#shared}. Thread-safe. */
    public Optional<Store.Shared> shared() {
        return isReadable() ? store.shared() : Optional.empty();
    }

    /** See {@link Store#sharers}. Thread-safe. */
    public Future<List<Store.Sharer>> sharers() {
        return isReadable() ? store.sharers() : Future.succeededFuture(List.of());
    }

    /** Calls the action for each channel that exists. Thread-safe. */
    public void forEachChannel(Consumer<ChannelName> action) {
        if (isReadable()) {
            recent.known().forEach(action);
        }
    }

    /** Returns what the channel keeps at present, as far as memory knows. Thread-safe. */
    public Optional<KeptEntries> kept(ChannelName channel) {
        return isReadable() ? recent.kept(channel) : Optional.empty();
    }

    /** Returns what the channel keeps at present. Asks the store if memory does not know. Thread-safe. */
    public Future<KeptEntries> keptEntries(ChannelName channel) {
        return kept(channel)
                .map(Future::succeededFuture)
                .orElseGet(() -> isReadable() ? store.kept(channel) : Future.failedFuture(cannotStore()));
    }

    /** Returns how many of the newest entries each channel has since a time. Knows a limited number of entries. Thread-safe. */
    public Map<ChannelName, Integer> recentCounts(long sinceMillis) {
        return isReadable() ? recent.order().counts(sinceMillis) : Map.of();
    }

    /** Writes a copy of the store, beside the store. */
    public Future<Store.Backup> backup() {
        return store.backup();
    }
}
