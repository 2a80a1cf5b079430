package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.StartAt;
import dev.crier.testing.StreamParser;
import io.vertx.core.buffer.Buffer;
import java.util.Random;

/** Schedules of clients over HTTP that follow one channel each. A connection may break between two writes. */
class ScheduleTest extends ChannelScheduleContract {

    @Override
    Client client(ChannelName channel) {
        return new HttpClient(channel);
    }

    private final class HttpClient extends Client {

        private TestConnection connection;
        private Subscriber subscriber;

        HttpClient(ChannelName channel) {
            super(channel);
        }

        @Override
        boolean isConnected() {
            return connection != null;
        }

        @Override
        void connect(StartAt start) throws Exception {
            connection = new TestConnection();
            subscriber = run(() -> subscribers.add(
                    channel, DECLARED.get(channel), start, connection, TestFanout.UNLIMITED, "a", () -> false));
        }

        @Override
        void disconnect(Random random) throws Exception {
            run(() -> {
                subscriber.leave();
                receive(random.nextInt(connection.written.size() + 1));
            });
            connection = null;
        }

        @Override
        void turn(Random random) throws Exception {
            ScheduleTest.this.turn(connection);
        }

        @Override
        void acceptAll() throws Exception {
            run(connection::drain);
        }

        @Override
        boolean hasReceived(int number) {
            return connection.texts().stream().anyMatch(text -> text.contains("data: " + number + "\n"));
        }

        @Override
        void receive() {
            receive(connection.written.size());
        }

        /** Receives the first writes of the connection. The others are lost with it. */
        private void receive(int writes) {
            var stream = Buffer.buffer();
            connection.written.subList(0, writes).forEach(stream::appendBuffer);
            for (StreamParser.Fired fired : StreamParser.parse(stream.toString())) {
                received(fired.type(), fired.data());
            }
            String id = StreamParser.lastEventId(stream.toString());
            lastEventId = id.isEmpty() ? lastEventId : id;
        }
    }
}
