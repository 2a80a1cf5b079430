package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.ReadResult;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streamed bodies that are sent again with their key. Their events go to a log in memory. */
class StreamedAppendsTest {

    private static final ChannelName RUN = new ChannelName("/run");
    private static final Retention ALL =
            new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE, true);
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Event END = Event.end(EndReason.ENDED);
    private static final int RATE = 100;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private volatile long millis = 1_000_000_000_000L;
    private EventId begin;
    private EventLog log;
    private Limits limits;

    @BeforeEach
    void open() throws Exception {
        log = new EventLog(
                channel -> Optional.of(ALL),
                new MemoryStore(),
                () -> Instant.ofEpochMilli(millis),
                channels -> {},
                WINDOW);
        limit(0);
        onContext(log::open);
        begin = log.newest();
    }

    private void limit(int perSecond) throws Exception {
        Conf conf = Conf.read(
                new JsonObject().put("limits", new JsonObject().put("publicationsPerSecond", perSecond)), Map.of());
        limits = new Limits(conf.limits(), conf.trustedProxies(), false, () -> 0);
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private <T> T onContext(Callable<Future<T>> action) throws Exception {
        Promise<T> result = Promise.promise();
        context.runOnContext(turn -> {
            try {
                action.call().onComplete(result);
            } catch (Exception e) {
                result.fail(e);
            }
        });
        return RunningCrier.await(result.future());
    }

    private void trim() throws Exception {
        onContext(() -> {
            log.trim();
            return Future.succeededFuture();
        });
    }

    private static List<Event> events(String... data) {
        return Stream.of(data).map(Event::of).toList();
    }

    private static List<Event> ended(String... data) {
        return Stream.concat(events(data).stream(), Stream.of(END)).toList();
    }

    private static List<Event> numbers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Event(i % 3 == 0 ? "n" : "", String.valueOf(i)))
                .toList();
    }

    /** One request. Its events arrive in parts, each when the one before is stored. */
    private final class Body {

        private final Deque<List<Event>> parts;
        private final StreamedAppends appends;
        private final Promise<Body> over = Promise.promise();
        private long position;
        private Optional<Throwable> failure = Optional.empty();

        Body(String key, Precondition precondition, List<List<Event>> parts) {
            this.parts = new ArrayDeque<>(parts);
            appends = new StreamedAppends(
                    vertx,
                    RUN,
                    "bearer",
                    key,
                    precondition,
                    log,
                    limits,
                    this::changed,
                    refused -> failure = Optional.of(refused));
        }

        private void changed() {
            if (appends.waiting() == 0 && failure.isEmpty() && appends.settled() < position) {
                over.tryFail(new AssertionError("what is stored or skipped counts as waiting"));
            }
            context.runOnContext(turn -> step());
        }

        private void step() {
            if (failure.isEmpty() && appends.waiting() == 0 && !parts.isEmpty()) {
                List<Event> part = parts.poll();
                part.forEach(appends::add);
                position += part.size();
            }
            assertTrue(appends.store(position));
            if (appends.waiting() == 0 && (failure.isPresent() || parts.isEmpty())) {
                failure = failure.or(() -> appends.stored().missing());
                over.tryComplete(this);
            } else if (appends.waiting() == 0) {
                changed();
            }
        }

        long count() {
            return appends.stored().count();
        }

        EventId last() {
            return appends.stored().last().orElseThrow();
        }

        void assertStored(int count) {
            assertEquals(Optional.empty(), failure.map(Throwable::getMessage));
            assertEquals(count, count());
        }

        void assertFailed(PublishException.Reason reason, int count, String message) {
            assertEquals(message, failure.orElseThrow().getMessage());
            assertEquals(reason, ((PublishException) failure.get()).reason());
            assertEquals(count, count());
        }
    }

    private Body send(List<List<Event>> parts) throws Exception {
        return send("key", Precondition.NONE, parts);
    }

    private Body send(String key, Precondition precondition, List<List<Event>> parts) throws Exception {
        return onContext(() -> {
            var body = new Body(key, precondition, parts);
            body.step();
            return body.over.future();
        });
    }

    private static List<List<Event>> random(List<Event> events, Random random) {
        var parts = new ArrayList<List<Event>>();
        for (int begin = 0; begin < events.size(); ) {
            int end = Math.min(events.size(), begin + 1 + random.nextInt(random.nextBoolean() ? 3 : 50));
            parts.add(events.subList(begin, end));
            begin = end;
        }
        return parts;
    }

    private List<Entry> entries() {
        var all = new ArrayList<Entry>();
        List<Entry> next;
        do {
            EventId after = all.isEmpty() ? begin : all.get(all.size() - 1).id();
            next = ((ReadResult.Entries) log.read(RUN, ALL, after)).entries();
            all.addAll(next);
        } while (!next.isEmpty());
        return all;
    }

    private List<Event> stored() {
        return entries().stream().map(Entry::event).toList();
    }

    private EventId newest() {
        List<Entry> entries = entries();
        return entries.get(entries.size() - 1).id();
    }

    @Test
    void aBodyThatIsSentAgainAndAgainIsStoredOnceWhereverItBreaks() throws Exception {
        for (int seed = 0; seed < 100; seed++) {
            var random = new Random(seed);
            List<Event> all = numbers(200);
            String key = "key-" + seed;
            int before = stored().size();
            int reached = 0;
            for (int attempt = 0; attempt < 5; attempt++) {
                int cut = 1 + random.nextInt(all.size() - 1);
                Body body = send(key, Precondition.NONE, random(all.subList(0, cut), random));
                assertEquals(cut, body.count());
                assertEquals(cut < reached, body.failure.isPresent(), "a body that ends before what is stored");
                reached = Math.max(reached, cut);
            }
            Body whole = send(key, Precondition.NONE, random(all, random));
            whole.assertStored(all.size());
            assertEquals(newest(), whole.last());
            assertEquals(all, stored().subList(before, stored().size()), "seed " + seed);
        }
    }

    @Test
    void twoRequestsThatSendTheSameBodyAtOnceStoreEachEventOnceAndBothEndCorrectly() throws Exception {
        for (int seed = 0; seed < 100; seed++) {
            var random = new Random(seed);
            List<Event> all = numbers(300);
            String key = "key-" + seed;
            int before = stored().size();
            List<List<Event>> one = random(all, random);
            List<List<Event>> other = random(all, random);
            List<Body> bodies = onContext(() -> {
                var first = new Body(key, Precondition.NONE, one);
                var second = new Body(key, Precondition.NONE, other);
                first.step();
                second.step();
                return Future.all(first.over.future(), second.over.future()).map(both -> List.of(first, second));
            });
            for (Body body : bodies) {
                body.assertStored(all.size());
                assertEquals(newest(), body.last());
            }
            assertEquals(all, stored().subList(before, stored().size()), "seed " + seed);
        }
    }

    @Test
    void theEndOfTheChannelIsComparedButNotCounted() throws Exception {
        Body first = send(List.of(events("a"), ended("b")));
        first.assertStored(2);
        assertEquals(newest(), first.last());
        for (List<List<Event>> again : List.of(
                List.of(ended("a", "b")), List.of(events("a", "b"), List.of(END)), List.of(events("a"), ended("b")))) {
            Body body = send(again);
            body.assertStored(2);
            assertEquals(newest(), body.last());
        }
        send(List.of(events("a", "b")))
                .assertFailed(
                        PublishException.Reason.KEY_REUSED,
                        2,
                        "body: ended after 2 of 3 events that are stored under the Idempotency-Key (expected: the whole"
                                + " body again)");
        send(List.of(ended("a", "b", "c")))
                .assertFailed(
                        PublishException.Reason.KEY_REUSED,
                        0,
                        "body: not the content that is stored under the Idempotency-Key, within the first 3 events"
                                + " (expected: the same body again, or another key)");
        send("another-key", Precondition.NONE, List.of(ended("a")))
                .assertFailed(
                        PublishException.Reason.ENDED,
                        0,
                        "channel: ended at " + newest() + " (expected: a channel that has not ended)");
        assertEquals(ended("a", "b"), stored());
    }

    @Test
    void anEndAloneIsRepeated() throws Exception {
        send(List.of(ended())).assertStored(0);
        Body again = send(List.of(ended()));
        again.assertStored(0);
        assertEquals(newest(), again.last());
        assertEquals(List.of(END), stored());
    }

    /** Such as the end of a channel whose producer is gone. A retry of the body does not have it. */
    @Test
    void anEndThatIsNotOfTheBodyIsNotCompared() throws Exception {
        Event gone = Event.end(EndReason.PRODUCER_GONE);
        send(List.of(events("a", "b"))).assertStored(2);
        onContext(() -> log.append(new Publication(RUN, List.of(gone), Publication.Attempt.ONCE)));
        send(List.of(events("a"), events("b"))).assertStored(2);
        send(List.of(events("a", "b", "c")))
                .assertFailed(
                        PublishException.Reason.ENDED,
                        2,
                        "channel: ended at " + newest() + " (expected: a channel that has not ended)");
        assertEquals(3, stored().size());
    }

    @Test
    void onlyARequestWithTheKeyMayHaveEndedItsChannel() throws Exception {
        Body one = send(List.of(events("a")));
        Body other = send(List.of(events("a")));
        Body withoutKey = send("", Precondition.NONE, List.of(events("b")));
        send(List.of(ended("a", "c"))).assertStored(2);
        Entry end = log.recentEnd(RUN).orElseThrow();
        for (Body body : List.of(one, other)) {
            assertTrue(body.appends.mayHaveEnded(end));
        }
        assertFalse(withoutKey.appends.mayHaveEnded(end));
    }

    @Test
    void aStopIsNotTheEndOfABody() throws Exception {
        Body ahead = send(List.of(events("a")));
        Body behind = send(List.of());
        onContext(() ->
                log.append(new Publication(RUN, List.of(Event.end(EndReason.STOPPED)), Publication.Attempt.ONCE)));
        Entry end = log.recentEnd(RUN).orElseThrow();
        for (Body body : List.of(ahead, behind)) {
            assertFalse(body.appends.mayHaveEnded(end));
        }
    }

    @Test
    void aPreconditionCountsOnlyBeforeAnythingIsStoredUnderTheKey() throws Exception {
        send("key", new Precondition.Empty(), List.of(events("a"), events("b"))).assertStored(2);
        send("key", new Precondition.Empty(), List.of(events("a"), events("b", "c")))
                .assertStored(3);
        send("other", new Precondition.Empty(), List.of(events("x")))
                .assertFailed(
                        PublishException.Reason.PRECONDITION,
                        0,
                        "channel: the newest event is " + newest() + " (expected: none)");
        assertEquals(events("a", "b", "c"), stored());
    }

    @Test
    void otherContentIsRefusedWithTheNumberOfEventsThatAreTheSame() throws Exception {
        send(List.of(events("a", "b"))).assertStored(2);
        String message = "body: not the content that is stored under the Idempotency-Key, within the first 2 events"
                + " (expected: the same body again, or another key)";
        send(List.of(events("a"), events("B"), events("c")))
                .assertFailed(PublishException.Reason.KEY_REUSED, 0, message);
        send(List.of(List.of(Event.of("a"), new Event("b", "b"))))
                .assertFailed(PublishException.Reason.KEY_REUSED, 0, message);
        Body other = onContext(() -> {
            var body = new Body("key", Precondition.NONE, List.of(events("a", "b"), events("c")));
            var racing = new Body("key", Precondition.NONE, List.of(events("a", "b", "C")));
            body.step(); // goes on after the other one has stored its last event
            racing.step();
            return Future.all(body.over.future(), racing.over.future())
                    .map(both -> body.failure.isPresent() ? body : racing);
        });
        other.assertFailed(
                PublishException.Reason.KEY_REUSED,
                2,
                "body: not the content that is stored under the Idempotency-Key, within the first 3 events"
                        + " (expected: the same body again, or another key)");
        assertEquals(3, stored().size());
    }

    @Test
    void afterItsTimeAKeyIsForgotten() throws Exception {
        send(List.of(events("a", "b"))).assertStored(2);
        millis += WINDOW.toMillis() + 1;
        trim();
        send(List.of(events("a", "b", "c"))).assertStored(3);
        assertEquals(events("a", "b", "a", "b", "c"), stored());
    }

    @Test
    void aRequestEndsIfTheStoreHasFewerEventsUnderTheKeyThanItHasStored() throws Exception {
        Body late = onContext(() -> {
            var first = new Body("key", Precondition.NONE, List.of(events("a", "b", "c")));
            first.step();
            return first.over.future();
        });
        millis += WINDOW.toMillis() + 1;
        trim();
        send(List.of(events("a"))).assertStored(1);
        Body failed = onContext(() -> {
            var over = Promise.<Body>promise();
            late.parts.add(events("d"));
            late.step();
            vertx.setPeriodic(5, id -> {
                if (late.failure.isPresent()) {
                    vertx.cancelTimer(id);
                    over.tryComplete(late);
                }
            });
            return over.future();
        });
        failed.assertFailed(
                PublishException.Reason.UNAVAILABLE,
                1,
                "only 1 of 3 events are stored under the Idempotency-Key (expected: the whole body again)");
    }

    /** The clock stands still. The rate has room for one append of a body, which finds that its events are stored. */
    @Test
    void skippedEventsDoNotCountTowardsTheRateOfTheToken() throws Exception {
        limit(RATE);
        List<Event> most = numbers(RATE - RATE / 10);
        send(List.of(most)).assertStored(most.size());
        for (int i = 0; i < 100; i++) {
            send(List.of(most)).assertStored(most.size());
        }
        send(List.of(numbers(RATE))).assertStored(RATE);
        assertEquals(numbers(RATE), stored());
    }

    @Test
    void withoutAKeyNothingIsSkipped() throws Exception {
        send("", Precondition.NONE, List.of(events("a"))).assertStored(1);
        send("", Precondition.NONE, List.of(events("a"), ended("b"))).assertStored(2);
        assertEquals(ended("a", "a", "b"), stored());
    }
}
