package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EndReason;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.StartAt;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.streams.WriteStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A subscriber in the same process gets what a client gets over HTTP. */
class ChannelStreamTest extends ChannelStreamFixture {

    @Test
    void aStreamThatStartsNowHasEveryEventAfterItWasCreated() throws Exception {
        publish(NEWS, "old");
        ChannelStream stream = stream(NEWS, StartAt.now());
        publish(NEWS, "a", "b");
        var follower = new Follower(stream);
        publish(NEWS, "c");
        follower.awaitData("a", "b", "c");
    }

    @Test
    void aStreamStartsAtTheOldestEventAfterAnEventOrAtAnInstant() throws Exception {
        long opened = log.newest().millis(); // nothing is known of this millisecond, so an instant in it is a gap
        Eventually.until("the next millisecond", () -> System.currentTimeMillis() > opened);
        List<EventId> ids = publish(NEWS, "a", "b", "c");
        follow(NEWS, StartAt.earliest()).awaitData("a", "b", "c");
        follow(NEWS, StartAt.after(ids.get(0))).awaitData("b", "c");
        follow(NEWS, StartAt.after(ids.get(1).toString())).awaitData("c");
        follow(NEWS, StartAt.from(Instant.ofEpochMilli(ids.get(0).millis()))).awaitData("a", "b", "c");
        var later = follow(NEWS, StartAt.from(Instant.now().plusSeconds(3_600)));
        publish(NEWS, "d");
        later.awaitData("d");
    }

    @Test
    void anEntryHasItsIdItsChannelAndItsEvent() throws Exception {
        var follower = follow(NEWS, StartAt.now());
        EventId id = append(NEWS, List.of(new Event("sold", "7"))).get(0);
        Eventually.until("an event", () -> follower.entries.size() == 1);
        Entry entry = follower.entries.get(0);
        assertEquals(List.of(id, NEWS, new Event("sold", "7")), List.of(entry.id(), entry.channel(), entry.event()));
    }

    @Test
    void missingEventsAreAGapWithThePositionAfterIt() throws Exception {
        List<EventId> ids = publish(THREE, "1", "2", "3", "4", "5");
        var follower = follow(THREE, StartAt.after(ids.get(0)));
        Eventually.until("all events", () -> follower.entries.size() == 4);
        assertEquals(
                new Event("crier.gap", "{\"asked\":\"%s\",\"oldest\":\"%s\"}".formatted(ids.get(0), ids.get(2))),
                follower.entries.get(0).event());
        assertEquals(List.of("3", "4", "5"), follower.data().subList(1, 4), "the events after the gap");
        EventId afterGap = follower.entries.get(0).id();
        follow(THREE, StartAt.after(afterGap)).awaitData("3", "4", "5");
    }

    @Test
    void anIdOfAnotherServerIsAGap() throws Exception {
        EventId id = publish(NEWS, "a").get(0);
        follow(NEWS, StartAt.after("x7")).awaitData("{\"asked\":\"x7\",\"oldest\":\"" + id + "\"}", "a");
    }

    @Test
    void aPausedStreamGetsNothingAndThenEverythingThatIsKept() throws Exception {
        List<EventId> first = publish(THREE, "0");
        var follower = follow(THREE, StartAt.now());
        follower.stream.pause();
        List<EventId> ids = publish(THREE, "1", "2", "3", "4");
        onMine(() -> {});
        assertEquals(List.of(), follower.entries);
        follower.stream.resume();
        follower.awaitData("{\"asked\":\"" + first.get(0) + "\",\"oldest\":\"" + ids.get(1) + "\"}", "2", "3", "4");
    }

    @Test
    void aStreamWithoutAHandlerReadsNothing() throws Exception {
        ChannelStream stream = stream(THREE, StartAt.now());
        publish(THREE, "1", "2", "3", "4");
        var follower = new Follower(stream);
        Eventually.until("a gap and three events", () -> follower.entries.size() == 4);
        assertEquals("crier.gap", follower.entries.get(0).event().type());
    }

    @Test
    void fetchDeliversAsManyEventsAsItAsksFor() throws Exception {
        publish(NEWS, "a", "b", "c", "d");
        ChannelStream stream = stream(NEWS, StartAt.earliest()).pause();
        var follower = new Follower(stream);
        stream.fetch(1);
        follower.awaitData("a");
        stream.fetch(1).fetch(1);
        follower.awaitData("a", "b", "c");
        stream.pause();
        stream.fetch(0);
        onMine(() -> {});
        assertEquals(3, follower.entries.size());
        stream.resume();
        follower.awaitData("a", "b", "c", "d");
        assertThrows(IllegalArgumentException.class, () -> stream.fetch(-1));
    }

    @Test
    void aHandlerMayPauseAndFetch() throws Exception {
        publish(NEWS, "a", "b", "c", "d");
        ChannelStream stream = stream(NEWS, StartAt.earliest()).pause();
        var received = new CopyOnWriteArrayList<String>();
        stream.handler(entry -> {
            received.add(entry.event().data());
            if (received.size() < 3) {
                stream.fetch(1);
            }
        });
        stream.fetch(1);
        Eventually.until("three events", () -> received.size() == 3);
        onMine(() -> {});
        assertEquals(List.of("a", "b", "c"), received);
    }

    @Test
    void aLatestChannelGivesTheNewestEventAndNeverAnOlderOneAfterIt() throws Exception {
        EventId first = publish(STATE, "1").get(0);
        var follower = follow(STATE, StartAt.now());
        follower.awaitData("1");
        follower.stream.pause();
        publish(STATE, "2");
        publish(STATE, "3");
        follower.stream.resume();
        follower.awaitData("1", "3");
        follow(STATE, StartAt.after(first)).awaitData("3");
    }

    @Test
    void theStreamOfAChannelThatCanEndStartsWithItsOldestEventAndEndsWithIt() throws Exception {
        publish(RUN, "a");
        var follower = follow(RUN, StartAt.now());
        follower.awaitData("a");
        EventId end =
                append(RUN, List.of(Event.of("b"), Event.end(EndReason.ENDED))).get(1);
        Eventually.until("the end", () -> follower.ended);
        assertEquals(List.of("a", "b", "{\"reason\":\"ended\"}"), follower.data());
        assertEquals(end, follower.entries.get(2).id());
        assertTrue(follower.entries.get(2).event().isEnd());
        assertEquals(0, notifications.followedChannels());
        var late = follow(RUN, StartAt.earliest());
        Eventually.until("the end", () -> late.ended);
        assertEquals(3, late.entries.size());
        var after = follow(RUN, StartAt.after(end));
        Eventually.until("the end", () -> after.ended);
        assertEquals(List.of(), after.entries);
    }

    @Test
    void theEndNeedsNoDemandAfterTheLastEvent() throws Exception {
        append(RUN, List.of(Event.end(EndReason.STOPPED)));
        ChannelStream stream = stream(RUN, StartAt.now()).pause();
        var follower = new Follower(stream);
        onMine(() -> {});
        assertFalse(follower.ended);
        stream.fetch(1);
        Eventually.until("the end", () -> follower.ended);
        follower.awaitData("{\"reason\":\"stopped\"}");
    }

    /** A thread of its own may set the end handler after the handler of events. */
    @Test
    void anEndHandlerThatIsSetAfterTheEndIsCalled() throws Exception {
        append(RUN, List.of(Event.end(EndReason.ENDED)));
        var follower = follow(RUN, StartAt.earliest());
        Eventually.until("the end", () -> follower.ended);
        var contexts = new CopyOnWriteArrayList<Context>();
        follower.stream.endHandler(end -> contexts.add(Vertx.currentContext()));
        RunningCrier.await(follower.stream.pipeTo(new SlowDestination()));
        assertEquals(List.of(mine), contexts);
    }

    @Test
    void everyEventArrivesOnceAndInOrderOnTheContextOfTheStream() throws Exception {
        var contexts = new CopyOnWriteArrayList<Context>();
        ChannelStream stream = stream(NEWS, StartAt.now());
        var received = new CopyOnWriteArrayList<Integer>();
        stream.handler(entry -> {
            contexts.addIfAbsent(Vertx.currentContext());
            received.add(Integer.parseInt(entry.event().data()));
        });
        var published = new ArrayList<Future<?>>();
        for (int i = 0; i < 5_000; i++) {
            published.add(
                    log.append(new Publication(NEWS, List.of(Event.of(String.valueOf(i))), Publication.Attempt.ONCE)));
        }
        RunningCrier.await(Future.all(published));
        Eventually.until("all events", () -> received.size() >= 5_000);
        assertEquals(IntStream.range(0, 5_000).boxed().toList(), received);
        assertEquals(1, contexts.size());
        assertSame(mine, contexts.get(0));
    }

    /** 1,000 events of 1,000 bytes are many reads. */
    @Test
    void aBacklogLongerThanOneReadArrivesAsAWhole() throws Exception {
        String text = "x".repeat(1_000);
        for (int i = 0; i < 10; i++) {
            append(NEWS, IntStream.range(0, 100).mapToObj(n -> Event.of(text)).toList());
        }
        var follower = follow(NEWS, StartAt.earliest());
        Eventually.until("all events", () -> follower.entries.size() == 1_000);
        List<EventId> ids = follower.entries.stream().map(Entry::id).toList();
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
    }

    @Test
    void aLongBacklogLetsOtherWorkOfItsContextRun() throws Exception {
        append(NEWS, IntStream.range(0, 5_000).mapToObj(n -> Event.of("")).toList());
        var received = new AtomicInteger();
        var receivedBefore = new AtomicInteger();
        stream(NEWS, StartAt.earliest()).handler(entry -> {
            if (received.incrementAndGet() == 1) {
                mine.runOnContext(turn -> receivedBefore.set(received.get()));
            }
        });
        Eventually.until("all events", () -> received.get() == 5_000);
        assertTrue(receivedBefore.get() <= 1_000, () -> receivedBefore + " events");
    }

    @Test
    void aHandlerThatThrowsGetsTheNextEvent() throws Exception {
        var reported = new CopyOnWriteArrayList<Throwable>();
        mine.exceptionHandler(reported::add);
        publish(NEWS, "a", "b");
        var received = new CopyOnWriteArrayList<String>();
        stream(NEWS, StartAt.earliest()).handler(entry -> {
            received.add(entry.event().data());
            throw new IllegalStateException(entry.event().data());
        });
        publish(NEWS, "c");
        Eventually.until("three failures", () -> reported.size() == 3);
        assertEquals(List.of("a", "b", "c"), received);
    }

    @Test
    void aClosedStreamCallsNoHandler() throws Exception {
        publish(NEWS, "a", "b");
        var received = new CopyOnWriteArrayList<String>();
        var ended = new AtomicInteger();
        ChannelStream stream = stream(NEWS, StartAt.earliest());
        stream.endHandler(end -> ended.incrementAndGet());
        stream.handler(entry -> {
            received.add(entry.event().data());
            stream.handler(null);
        });
        Eventually.until("an event", () -> received.size() == 1);
        publish(NEWS, "c");
        stream.resume();
        onMine(() -> {});
        assertEquals(List.of("a"), received);
        assertEquals(0, ended.get());
        assertEquals(0, notifications.followedChannels());
    }

    @Test
    void allStreamsEndWhenTheirNotificationsAreClosed() throws Exception {
        var one = follow(NEWS, StartAt.now());
        var paused = follow(RUN, StartAt.now());
        paused.stream.pause();
        Eventually.until("streams that follow", () -> notifications.followedChannels() == 2);
        notifications.close();
        Eventually.until("the ends", () -> one.ended && paused.ended);
        var late = follow(NEWS, StartAt.now());
        Eventually.until("the end", () -> late.ended);
        assertEquals(0, notifications.followedChannels());
    }

    @Test
    void aThousandStreamsLeaveNothing() throws Exception {
        publish(NEWS, "a");
        int before = timers();
        int hooks = closeHooks(mine);
        var open = follow(NEWS, StartAt.earliest());
        open.awaitData("a");
        assertEquals(
                List.of(1, before + 1, hooks + 1),
                List.of(notifications.followedChannels(), timers(), closeHooks(mine)));
        open.stream.close();
        for (int i = 0; i < 1_000; i++) {
            var follower = follow(i % 2 == 0 ? NEWS : STATE, i % 3 == 0 ? StartAt.now() : StartAt.earliest());
            if (i % 5 != 0) {
                onMine(() -> {}); // otherwise it is closed before it begins
            }
            follower.stream.close();
        }
        onMine(() -> {});
        assertEquals(0, notifications.followedChannels());
        assertEquals(before, timers());
        assertEquals(hooks, closeHooks(mine));
    }

    @Test
    void aStreamIsClosedWithItsVerticle() throws Exception {
        for (ThreadingModel model : List.of(ThreadingModel.EVENT_LOOP, ThreadingModel.WORKER)) {
            int before = timers();
            var received = new CopyOnWriteArrayList<String>();
            var contexts = new CopyOnWriteArrayList<Context>();
            var verticle = new AbstractVerticle() {
                @Override
                public void start() {
                    new ChannelStream(context, log, notifications, NEWS, DECLARED.get(NEWS), StartAt.now())
                            .handler(entry -> {
                                contexts.addIfAbsent(Vertx.currentContext());
                                received.add(entry.event().data());
                            });
                }
            };
            String id = RunningCrier.await(
                    vertx.deployVerticle(verticle, new DeploymentOptions().setThreadingModel(model)));
            publish(NEWS, "a");
            Eventually.until("an event", () -> received.size() == 1);
            assertEquals(
                    List.of(model),
                    contexts.stream().map(Context::threadingModel).toList());
            RunningCrier.await(vertx.undeploy(id));
            assertEquals(0, notifications.followedChannels());
            assertEquals(before, timers());
            publish(NEWS, "b");
            onMine(() -> {});
            assertEquals(List.of("a"), received);
        }
    }

    @Test
    void aPipeReadsAsMuchAsItsDestinationTakes() throws Exception {
        publish(NEWS, "a", "b", "c");
        var destination = new SlowDestination();
        Future<Void> piped = stream(RUN, StartAt.now()).pipeTo(destination);
        append(RUN, List.of(Event.of("a"), Event.of("b"), Event.end(EndReason.ENDED)));
        for (int i = 1; i <= 3; i++) {
            int written = i;
            Eventually.until("written", () -> destination.written.size() == written);
            onMine(() -> {});
            assertEquals(written, destination.written.size());
            onMine(destination::drain);
        }
        RunningCrier.await(piped);
        assertTrue(destination.ended);
        assertEquals(0, notifications.followedChannels());
    }

    /** It is full after each write. */
    private static final class SlowDestination implements WriteStream<Entry> {

        final List<String> written = new CopyOnWriteArrayList<>();
        volatile boolean ended;
        private Handler<Void> drained;

        void drain() {
            drained.handle(null);
        }

        @Override
        public WriteStream<Entry> exceptionHandler(Handler<Throwable> handler) {
            return this;
        }

        @Override
        public Future<Void> write(Entry entry) {
            written.add(entry.event().data());
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> end() {
            ended = true;
            return Future.succeededFuture();
        }

        @Override
        public WriteStream<Entry> setWriteQueueMaxSize(int maxSize) {
            return this;
        }

        @Override
        public boolean writeQueueFull() {
            return true;
        }

        @Override
        public WriteStream<Entry> drainHandler(Handler<Void> handler) {
            drained = handler;
            return this;
        }
    }

    private int timers() throws Exception {
        return size(vertx, "timeouts");
    }

    /** Vert.x has no public count of timers and close hooks. */
    private static int closeHooks(Context context) throws Exception {
        Object hooks = context.getClass().getMethod("closeFuture").invoke(context);
        return size(hooks, "children");
    }

    private static int size(Object object, String field) throws Exception {
        var map = object.getClass().getDeclaredField(field);
        map.setAccessible(true);
        Object value = map.get(object);
        return value == null ? 0 : ((Map<?, ?>) value).size();
    }
}
