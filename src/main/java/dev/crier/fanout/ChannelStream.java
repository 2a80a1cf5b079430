package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.Notifications;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import dev.crier.transport.CloseHook;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one channel for a subscriber in the same process, with the same guarantees as over HTTP: every event once and in
 * order; where events are missing, an event of the type {@code crier.gap} whose id is the position after the gap.
 *
 * <p>It begins at its position when it gets a handler. It is a cursor on the log: without demand, it reads nothing. After the
 * end of its channel, which is an event of the type {@code crier.end}, or when Crier closes, it calls the end handler.
 *
 * <p>If the log cannot be read, it calls the exception handler once, and goes on where it was as soon as the log can be read.
 *
 * <p>All handlers run on the context that it was created for; any thread may call its methods. It holds resources from the first
 * handler until it ends or is closed: by {@link #close}, by {@code handler(null)}, or because its verticle is undeployed.
 *
 * <p>The class is long because each method of a stream may be called on any thread, at any time.
 */
public final class ChannelStream implements ReadStream<Entry> {

    /** How often it reads without a notification, because one may have been lost, or a read may have failed. */
    private static final long CHECK_MILLIS = 4_000;

    /** How many events it delivers in one turn of the context, so that a long backlog does not keep others waiting. */
    private static final int EVENTS_PER_TURN = 500;

    /** Stands for the address of a client: all streams of the process take turns with those of one address. */
    private static final String ADDRESS = "in process";

    private static final Logger LOG = LoggerFactory.getLogger(ChannelStream.class);

    private final Context context;
    private final EventLog log;
    private final Notifications notifications;
    private final ChannelName channel;
    private final Retention retention;
    private final StartAt start;
    private final Runnable follower = this::wake;
    private final Requester requester = new Requester(ADDRESS, this::isClosed);

    private volatile Handler<Entry> handler;
    private volatile Handler<Throwable> exceptionHandler;
    private volatile boolean closed;
    private final AtomicLong demand = new AtomicLong(Long.MAX_VALUE);

    /** Whether a delivery waits for its turn on the context. */
    private final AtomicBoolean woken = new AtomicBoolean();

    /** The thread that delivers; null if none does. */
    private volatile Thread delivering;

    /** Closes this stream with the verticle of its subscriber; null unless it follows its channel. Guarded by this object. */
    private CloseHook closeHook;

    /** Guarded by this object. */
    private long timer;

    /** Guarded by this object. */
    private Handler<Void> endHandler;

    /** Whether the stream has ended and was not closed before. Guarded by this object. */
    private boolean ended;

    // the fields below are used on the context only

    /** The position up to which the channel is read; null until it is known. */
    private EventId position;

    /** What is read and not delivered: at most the entries of one read, and a gap. */
    private final Deque<Entry> waiting = new ArrayDeque<>();

    /** Whether the stream ends after what waits. */
    private boolean ending;

    /** Whether the position or entries are being read from the store. */
    private boolean fetching;

    /** Whether the last read failed. */
    private boolean failing;

    /** How many events this turn has delivered. */
    private int deliveries;

    /**
     * Creates a stream whose start is found at once, so it has every event that is published after this call.
     *
     * @param context all handlers run on it
     */
    public ChannelStream(
            Context context,
            EventLog log,
            Notifications notifications,
            ChannelName channel,
            Retention retention,
            StartAt start) {
        this.context = context;
        this.log = log;
        this.notifications = notifications;
        this.channel = channel;
        this.retention = retention;
        this.start = start;
        begin();
    }

    /** Sets the handler of events, and begins; null closes the stream. */
    @Override
    public ChannelStream handler(Handler<Entry> handler) {
        if (handler == null) {
            close();
        } else {
            this.handler = handler;
            wake();
        }
        return this;
    }

    @Override
    public ChannelStream exceptionHandler(Handler<Throwable> handler) {
        exceptionHandler = handler;
        return this;
    }

    /** Sets the end handler. It is called even if the stream has ended before, as on another thread. */
    @Override
    public synchronized ChannelStream endHandler(Handler<Void> handler) {
        if (!ended) {
            endHandler = handler;
        } else if (handler != null) {
            onContext(() -> handler.handle(null));
        }
        return this;
    }

    @Override
    public ChannelStream pause() {
        demand.set(0);
        return this;
    }

    @Override
    public ChannelStream resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public ChannelStream fetch(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("fetch: " + amount + " (expected: 0 or more)");
        }
        demand.getAndUpdate(now -> now + amount < 0 ? Long.MAX_VALUE : now + amount);
        wake();
        return this;
    }

    /** Closes the stream, without a call of the end handler. No handler is called after that on the thread of the caller. */
    public synchronized void close() {
        closed = true;
        handler = null;
        exceptionHandler = null;
        endHandler = null;
        if (closeHook != null) {
            closeHook.remove();
            closeHook = null;
            notifications.unfollow(channel, follower);
            context.owner().cancelTimer(timer);
        }
    }

    private boolean isClosed() {
        return closed;
    }

    /** Follows the channel before the first read, so that no entry falls between the two. */
    private synchronized void follow() {
        if (!closed && closeHook == null) {
            closeHook = new CloseHook(context, this::close);
            notifications.follow(channel, follower);
            timer = context.owner().setPeriodic(CHECK_MILLIS, id -> wake());
        }
    }

    /** Delivers in a later turn of the context. While this thread delivers, it goes on by itself. */
    private void wake() {
        if (!closed && Thread.currentThread() != delivering && woken.compareAndSet(false, true)) {
            onContext(() -> {
                woken.set(false);
                deliver();
            });
        }
    }

    /** Runs the work in a later turn of the context. If its event loop or verticle has stopped, the stream is closed. */
    private void onContext(Runnable work) {
        try {
            context.runOnContext(turn -> work.run());
        } catch (RejectedExecutionException e) {
            close();
        }
    }

    /** Finds the position. May run on any thread. */
    private void begin() {
        fetching = true;
        Future<Optional<Beginning>> beginning = Future.succeededFuture(log.isReadable())
                .compose(isReadable ->
                        isReadable ? isAfterEnd() : Future.failedFuture("the log cannot be read at present"))
                .compose(isAfterEnd -> isAfterEnd
                        ? Future.succeededFuture(Optional.empty())
                        : Beginning.of(start, channel, retention, log, requester)
                                .map(Optional::of));
        beginning.onComplete((found, failure) -> onContext(() -> fetched(failure, () -> beginAt(found))));
    }

    private Future<Boolean> isAfterEnd() {
        return retention.ends() ? Beginning.isAfterEnd(start, channel, log, requester) : Future.succeededFuture(false);
    }

    /** @param beginning empty after the end of the channel */
    private void beginAt(Optional<Beginning> beginning) {
        ending = beginning.isEmpty();
        position = beginning.map(Beginning::position).orElse(EventId.LAST);
        beginning.flatMap(Beginning::gap).ifPresent(gap -> addGap(gap.requested(), gap.oldest()));
    }

    /**
     * Goes on after the position or entries were read from the store. A failure before the stream has a handler is not reported,
     * because the position is read again when it gets one.
     */
    private void fetched(Throwable failure, Runnable use) {
        fetching = false;
        if (failure == null) {
            failing = false;
            use.run();
            deliver();
        } else if (handler != null && !failing) {
            failing = true;
            Handler<Throwable> told = exceptionHandler;
            if (told == null) {
                LOG.error("{}: stored events cannot be read: {}", channel, failure.getMessage());
            } else {
                told.handle(failure);
            }
        }
    }

    /** Delivers until there is nothing to deliver, or no demand. */
    private void deliver() {
        if (delivering != null) {
            return; // a handler waits on a virtual thread; the delivery goes on after it
        }
        if (handler != null) {
            follow();
        }
        delivering = Thread.currentThread();
        deliveries = 0;
        boolean more = true;
        try {
            while (more && deliveries < EVENTS_PER_TURN) {
                more = step();
            }
        } finally {
            delivering = null;
            if (more) {
                wake(); // also after a handler has thrown, which the context reports
            }
        }
    }

    /** Delivers an event, or reads what follows. Returns whether another step may do more. */
    private boolean step() {
        Handler<Entry> receiver = handler;
        if (receiver == null) {
            return false;
        }
        if (notifications.isClosed() || ending && waiting.isEmpty()) {
            end();
            return false;
        }
        if (waiting.isEmpty()) {
            return !fetching && demand.get() > 0 && read();
        }
        if (!takeDemand()) {
            return false;
        }
        deliveries++;
        receiver.handle(waiting.poll());
        return true;
    }

    private boolean takeDemand() {
        return demand.getAndUpdate(now -> now == 0 || now == Long.MAX_VALUE ? now : now - 1) > 0;
    }

    private void end() {
        Handler<Void> told;
        synchronized (this) {
            told = endHandler;
            ended = !closed;
            close();
        }
        if (told != null) {
            told.handle(null);
        }
    }

    /** Reads what follows, or begins to fetch it from the store. Returns whether there is something to do at once. */
    private boolean read() {
        if (position == null) {
            begin();
            return false;
        }
        ReadResult result = log.read(channel, retention, position);
        if (result instanceof ReadResult.Elsewhere) {
            fetching = true;
            Future.succeededFuture(position)
                    .compose(after -> log.fetch(channel, after, requester)) // an exception becomes a failure
                    .onComplete((read, failure) -> onContext(() -> fetched(failure, () -> add(read))));
            return false;
        }
        return add(result);
    }

    private boolean add(ReadResult result) {
        failing = false;
        if (result instanceof ReadResult.Gap gap) {
            String before = position.toString();
            position = gap.through();
            addGap(before, gap.oldest());
            return true;
        }
        var entries = (ReadResult.Entries) result;
        UpToEnd part = retention.ends() ? UpToEnd.of(entries, channel, position, log) : new UpToEnd(entries, false);
        waiting.addAll(part.read().entries());
        position = part.read().through();
        ending = part.endsStream();
        return ending || !waiting.isEmpty() || part.read().more();
    }

    /** Adds the event of a gap that ends at the position. */
    private void addGap(String requested, Optional<EventId> oldest) {
        waiting.add(new Entry(position, channel, EventStream.gap(requested, oldest)));
    }
}
