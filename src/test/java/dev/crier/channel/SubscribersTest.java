package dev.crier.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SubscribersTest {

    private static final ChannelName NEWS = new ChannelName("/news");

    private final EventLog log = new EventLog(Set.of(NEWS), InstantSource.system());
    private final Subscribers subscribers = new Subscribers(log);

    /** A connection whose queue is full exactly when the test says so. */
    private static final class Connection implements WriteStream<Buffer> {

        final List<Buffer> written = new ArrayList<>();
        boolean full;
        Runnable onWrite = () -> {};
        private Handler<Void> drain;

        List<String> texts() {
            return written.stream().map(Buffer::toString).toList();
        }

        void drained() {
            full = false;
            drain.handle(null);
        }

        @Override
        public Future<Void> write(Buffer bytes) {
            written.add(bytes);
            onWrite.run();
            return Future.succeededFuture();
        }

        @Override
        public boolean writeQueueFull() {
            return full;
        }

        @Override
        public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
            drain = handler;
            return this;
        }

        @Override
        public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Void> end() {
            throw new UnsupportedOperationException();
        }
    }

    private void publish(String data) {
        log.append(NEWS, Event.of(data));
        subscribers.ring(NEWS);
    }

    private Subscriber join(Connection connection) {
        return subscribers.add(NEWS, EventId.FIRST, connection);
    }

    @Test
    void aNewSubscriberIsGivenTheCurrentEventAtOnce() {
        publish("one");
        var connection = new Connection();
        join(connection);
        assertEquals(List.of("data: one\n\n"), connection.texts());
    }

    @Test
    void anEventIsGivenOnceHoweverOftenItRings() {
        var connection = new Connection();
        join(connection);
        publish("one");
        subscribers.ring(NEWS);
        subscribers.ring(NEWS);
        assertEquals(List.of("data: one\n\n"), connection.texts());
    }

    @Test
    void allAtTheSamePlaceAreGivenTheSameBytes() {
        var first = new Connection();
        var second = new Connection();
        join(first);
        join(second);
        publish("one");
        assertSame(first.written.get(0), second.written.get(0));
    }

    @Test
    void aSlowReaderIsGivenNothingWhileItsQueueIsFullAndThenTheNewest() {
        var slow = new Connection();
        var fast = new Connection();
        join(slow);
        join(fast);
        publish("one");
        slow.full = true;
        publish("two");
        subscribers.beat();
        publish("three");
        assertEquals(List.of("data: one\n\n"), slow.texts());
        slow.drained();
        assertEquals(List.of("data: one\n\n", "data: three\n\n"), slow.texts());
        assertEquals(List.of("data: one\n\n", "data: two\n\n", "data: three\n\n"), fast.texts());
    }

    @Test
    void aRingThatWasLostIsMadeUpForByTheHeartbeat() {
        var connection = new Connection();
        join(connection);
        log.append(NEWS, Event.of("one"));
        subscribers.beat();
        assertEquals(List.of("data: one\n\n"), connection.texts());
    }

    @Test
    void anIdleStreamIsGivenACommentOnceInTwoBeats() {
        var connection = new Connection();
        join(connection);
        for (int i = 0; i < 6; i++) {
            subscribers.beat();
        }
        assertEquals(List.of(":\n", ":\n", ":\n"), connection.texts());
    }

    @Test
    void aStreamThatHasEventsIsGivenNoComment() {
        var connection = new Connection();
        join(connection);
        for (int i = 0; i < 4; i++) {
            publish("x");
            subscribers.beat();
        }
        assertEquals(4, connection.written.size());
    }

    @Test
    void whoHasLeftIsGivenNothing() {
        var connection = new Connection();
        Subscriber subscriber = join(connection);
        subscriber.leave();
        subscriber.leave();
        publish("one");
        assertEquals(List.of(), connection.texts());
        assertEquals(0, subscribers.count());
    }

    @Test
    void whoeverLeavesInMidWalkNobodyElseMissesTheEvent() {
        var connections = new ArrayList<Connection>();
        var joined = new ArrayList<Subscriber>();
        for (int i = 0; i < 10; i++) {
            connections.add(new Connection());
            joined.add(join(connections.get(i)));
        }
        connections.get(5).onWrite =
                () -> List.of(9, 5, 0, 2).forEach(i -> joined.get(i).leave());
        publish("one");
        assertEquals(6, subscribers.count());
        for (int stayed : List.of(1, 3, 4, 6, 7, 8)) {
            assertEquals(List.of("data: one\n\n"), connections.get(stayed).texts(), "subscriber " + stayed);
        }
    }
}
