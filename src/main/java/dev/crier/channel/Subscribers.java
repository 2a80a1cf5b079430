package dev.crier.channel;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The subscribers of one event loop, which alone may call it. */
public final class Subscribers {

    private static final Buffer COMMENT = Buffer.buffer(EventStream.COMMENT);

    private final EventLog log;
    private final Map<ChannelName, LocalChannel> channels = new HashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    public Subscribers(EventLog log) {
        this.log = log;
    }

    /**
     * Lets a reader in, who is given all that the channel has after the place. It stands among the
     * subscribers before its first read, so that no entry falls between the two.
     */
    public Subscriber add(ChannelName name, EventId after, WriteStream<Buffer> out) {
        LocalChannel channel = channels.computeIfAbsent(name, n -> new LocalChannel(n, log, count));
        var subscriber = new Subscriber(channel, after, out);
        channel.add(subscriber);
        subscriber.pump();
        return subscriber;
    }

    /** The channel has grown, or may have: to ring too often does no harm. */
    public void ring(ChannelName name) {
        LocalChannel channel = channels.get(name);
        if (channel != null) {
            channel.forEach(Subscriber::pump);
        }
    }

    /** To be called twice in each heartbeat; also wakes whom a ring did not reach. */
    public void beat() {
        channels.values().forEach(channel -> channel.forEach(subscriber -> subscriber.beat(COMMENT)));
    }

    /** How many there are; any thread may ask. */
    public int count() {
        return count.get();
    }
}
