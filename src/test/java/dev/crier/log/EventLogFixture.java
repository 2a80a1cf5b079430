package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An open event log on any store, with a clock that the test sets, and the ways to publish to it and to read it. */
public abstract class EventLogFixture {

    public static final ChannelName NEWS = new ChannelName("/news");
    public static final ChannelName ORDERS = new ChannelName("/orders");
    public static final ChannelName LAST_THREE = new ChannelName("/three");
    public static final ChannelName TIME = new ChannelName("/time");

    /** A channel that can end, and keeps its events for an hour. */
    public static final ChannelName ANSWER = new ChannelName("/answer");

    /** A channel that can end, and keeps two events. */
    public static final ChannelName LAST_TWO = new ChannelName("/two");

    public static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    private static final Map<ChannelName, Retention> DECLARED = Map.of(
            NEWS,
            ALL,
            ORDERS,
            new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1)),
            LAST_THREE,
            new Retention.Events(3, Retention.Events.ANY_AGE),
            ANSWER,
            new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1), true),
            LAST_TWO,
            new Retention.Events(2, Retention.Events.ANY_AGE, true),
            TIME,
            new Retention.Latest());

    /** A family whose channels keep all events. */
    public static final ChannelPattern RUNS = new ChannelPattern(new ChannelName("/runs/:id"));

    public static final Function<ChannelName, Optional<Retention>> RETENTION =
            channel -> RUNS.matches(channel) ? Optional.of(ALL) : Optional.ofNullable(DECLARED.get(channel));

    public static final Requester ANYONE = new Requester("192.0.2.1", () -> false);

    public final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    protected final List<Set<ChannelName>> notifications = new CopyOnWriteArrayList<>();

    /** The time of a clock that is never set. */
    public long now = 1_000_000_000_000L;

    /** How far the wall clock is ahead of the clock that is never set. */
    public long wrongMillis;

    public EventLog log;
    protected Store store;

    protected abstract Store store() throws Exception;

    @BeforeEach
    protected void openLog() throws Exception {
        store = store();
        log = new EventLog(
                RETENTION, store, clock(), notifications::add, Duration.ofMinutes(10), LogLimits.NONE, Metrics.NONE);
        RunningCrier.await(onContext(log::open));
    }

    protected AgeClock clock() {
        return new AgeClock(() -> Instant.ofEpochMilli(now + wrongMillis), () -> now * 1_000_000);
    }

    @AfterEach
    protected void closeLog() throws Exception {
        RunningCrier.await(onContext(log::close));
        RunningCrier.await(vertx.close());
    }

    /** Runs the work on the log's context. */
    protected <T> Future<T> onContext(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        context.runOnContext(run -> work.get().onComplete(done));
        return done.future();
    }

    protected Future<List<EventId>> publishing(ChannelName channel, Attempt attempt, String... data) {
        var events = List.of(data).stream().map(Event::of).toList();
        return onContext(() -> log.append(new Publication(channel, events, attempt)));
    }

    protected List<EventId> publish(ChannelName channel, String... data) throws Exception {
        return RunningCrier.await(publishing(channel, Attempt.ONCE, data));
    }

    protected Future<List<EventId>> publishingIf(ChannelName channel, Precondition precondition, String data) {
        return onContext(
                () -> log.append(new Publication(channel, List.of(Event.of(data)), Attempt.ONCE, precondition)));
    }

    /** Appends to the store past this log, as another process that shares the store does. */
    protected void publishElsewhere(ChannelName channel, String data) throws Exception {
        var publication = new Publication(channel, List.of(Event.of(data)), Attempt.ONCE);
        RunningCrier.await(onContext(() -> store.append(List.of(publication))));
    }

    /** Reads once, from memory or from the store. */
    protected ReadResult readOnce(ChannelName channel, EventId after) throws Exception {
        ReadResult result = log.read(channel, RETENTION.apply(channel).orElseThrow(), after);
        return result instanceof ReadResult.Elsewhere ? RunningCrier.await(log.fetch(channel, after, ANYONE)) : result;
    }

    /** Reads everything after the position, as a subscriber does; a gap is "gap". */
    protected List<String> read(ChannelName channel, EventId after) throws Exception {
        var read = new ArrayList<String>();
        boolean more = true;
        EventId cursor = after;
        while (more) {
            ReadResult result = readOnce(channel, cursor);
            if (result instanceof ReadResult.Entries entries) {
                entries.entries().forEach(entry -> read.add(entry.event().data()));
                more = entries.more() || cursor.isBefore(entries.through());
                cursor = entries.through();
            } else {
                read.add("gap");
                cursor = ((ReadResult.Gap) result).through();
            }
        }
        return read;
    }

    /** Reads what channels have after the position, in one order. A gap is "gap /channel". */
    protected List<String> read(ChannelSet set, EventId after) throws Exception {
        var read = new ArrayList<String>();
        EventId cursor = after;
        SetRead result;
        CatchUp catchUp = log.sets().catchUp(set);
        do {
            var inMemory = log.sets().read(set, cursor);
            result = inMemory.isPresent() ? inMemory.get() : RunningCrier.await(catchUp.read(cursor, ANYONE));
            EventId last = cursor;
            for (SetRead.Item item : result.items()) {
                if (item instanceof SetRead.Found) {
                    assertTrue(last.isBefore(item.position()), "in order");
                    last = item.position();
                } else {
                    assertEquals(cursor, last, "a gap before all entries");
                }
                read.add(
                        item instanceof SetRead.Found found
                                ? found.entry().event().data()
                                : "gap " + ((SetRead.Lost) item).channel());
            }
            assertFalse(result.through().isBefore(last), "the position does not go back");
            cursor = result.through();
        } while (result.more());
        return read;
    }

    /** Reads everything that the channel has. */
    protected List<String> readAll(ChannelName channel) throws Exception {
        List<String> read = read(channel, EventId.FIRST);
        return read.isEmpty() || !read.get(0).equals("gap") ? read : read.subList(1, read.size());
    }

    protected void trim() throws Exception {
        RunningCrier.await(onContext(() -> {
            log.trim();
            return Future.succeededFuture();
        }));
    }

    /** Trims until the condition holds: a trim does nothing while another runs, and takes one small step. */
    protected void untilTrimmed(Callable<Boolean> done) throws Exception {
        Eventually.until("trimmed", () -> {
            trim();
            return done.call();
        });
    }
}
