package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.StartAt;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Schedules of subscribers in the same process, which follow one channel each. */
class ChannelStreamScheduleTest extends ChannelScheduleContract {

    private final List<ChannelStream> open = new ArrayList<>();

    @Override
    Client client(ChannelName channel) {
        return new Follower(channel);
    }

    /** A notification may be lost. A stream reads without one every few seconds, as if it had got more demand. */
    @Override
    void step(Random random) throws Exception {
        super.step(random);
        if (!open.isEmpty()) {
            open.get(random.nextInt(open.size())).fetch(0);
        }
    }

    private final class Follower extends Client {

        private ChannelStream stream;
        private long demand;
        private int withoutDemand;

        Follower(ChannelName channel) {
            super(channel);
        }

        @Override
        boolean isConnected() {
            return stream != null;
        }

        @Override
        void connect(StartAt start) throws Exception {
            demand = Long.MAX_VALUE;
            run(() -> {
                stream = new ChannelStream(context, log, notifications, channel, DECLARED.get(channel), start);
                stream.handler(this::received);
                open.add(stream);
            });
        }

        private void received(Entry entry) {
            withoutDemand += demand > 0 ? 0 : 1;
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            received(entry.event().type(), entry.event().data());
            lastEventId = entry.id().toString();
        }

        @Override
        void disconnect(Random random) throws Exception {
            run(stream::close);
            open.remove(stream);
            stream = null;
        }

        @Override
        void turn(Random random) throws Exception {
            run(() -> {
                if (demand > 0) {
                    demand = 0;
                    stream.pause();
                } else if (random.nextBoolean()) {
                    demand = 1 + random.nextInt(10);
                    stream.fetch(demand);
                } else {
                    demand = Long.MAX_VALUE;
                    stream.resume();
                }
            });
        }

        @Override
        void acceptAll() throws Exception {
            run(() -> {
                demand = Long.MAX_VALUE;
                stream.resume();
            });
        }

        @Override
        boolean hasReceived(int number) {
            return received.get(received.size() - 1) == number;
        }

        @Override
        void receive() {
            assertEquals(0, withoutDemand, "events without demand");
        }
    }
}
