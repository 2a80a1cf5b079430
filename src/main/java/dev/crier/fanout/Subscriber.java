package dev.crier.fanout;

import dev.crier.event.EventId;
import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
import dev.crier.metrics.StreamEndReason;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * One subscriber: a position in the log and a writer for its stream. Only the event loop of its connection uses this class.
 *
 * <p>It reads only while its connection accepts bytes. What a slow subscriber has not received stays in the log, so it costs
 * no memory of its own.
 *
 * <p>The class is long because delivery, draining, the periodic check and the end of the stream change the same fields. A
 * second object for each subscriber would take more memory.
 */
public final class Subscriber {

    /** The {@link #index} of a subscriber whose stream has ended. */
    static final int REMOVED = -1;

    private static final Buffer HEARTBEAT = Buffer.buffer(EventStream.COMMENT);

    private final Fanout fanout;
    private final LoopState loop;
    private final StreamWriter writer;
    private final String address;
    private final BiConsumer<Subscriber, StreamEndReason> onEnd;

    /** Reads for this subscriber alone at first, or is the shared reader of {@link #fanout}. */
    private StreamReader reader;

    /** The position, as numbers. A reference to a new object would cost the garbage collector work at each event. */
    private long positionMillis;

    private long positionSequence;
    private boolean fetching;

    /** Set while {@link #deliver} runs, because a write may report a drained connection, which calls it again. */
    private boolean delivering;

    /** Set when the stream must end as soon as its connection has accepted all bytes. */
    private boolean ending;

    /** Set when the subscriber has received the end of its channel, after which its stream needs no end block. */
    private boolean channelEnded;

    private boolean unflushed;
    private long lastWriteAt;

    /** An upper bound of the bytes that wait in the connection: those at the last check, and those written since. */
    private long waitingBytes;

    /** When the connection was last seen to accept bytes, or to have none waiting. */
    private long lastProgressAt;

    /** When the stream reaches its lifetime, or the token expires. */
    private final long endsAt;

    /** The index in the list of {@link Fanout}, which sets it. Other threads may see a change late. */
    int index;

    /** @param onEnd removes the subscriber; called once, when the stream ends */
    Subscriber(
            Fanout fanout,
            LoopState loop,
            StreamReader reader,
            EventId position,
            StreamWriter writer,
            String address,
            long endsAt,
            BiConsumer<Subscriber, StreamEndReason> onEnd) {
        this.fanout = fanout;
        this.loop = loop;
        this.reader = reader;
        moveTo(position);
        this.writer = writer;
        this.address = address;
        this.lastWriteAt = loop.now();
        this.lastProgressAt = lastWriteAt;
        this.endsAt = endsAt;
        this.onEnd = onEnd;
        writer.onDrain(this::drained);
    }

    /** Writes what the log has after the position, as far as the connection accepts it, and flushes once. */
    void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            boolean more = true;
            while (more && !ending && !hasEnded() && !fetching && !writer.isFull() && !loop.isReadingPaused()) {
                var read = reader.read(position());
                if (read.isEmpty()) {
                    more = fetch(); // a fetch that fails at once is repeated at the next check
                } else {
                    send(read.get());
                    more = read.get().more();
                }
            }
        } finally {
            delivering = false;
        }
        flush();
    }

    private void drained() {
        lastProgressAt = loop.now();
        deliver();
    }

    /** Fetches what follows. Returns whether that has succeeded at once. */
    private boolean fetch() {
        var fetch = reader.fetch(position(), new Requester(address, this::hasEnded));
        fetching = true;
        fetch.onComplete(fetched -> {
            fetching = false;
            if (fetched.cause() instanceof AbandonedException) {
                deliver(); // the read was dropped, because the subscribers that waited before this one had left
            } else if (fetched.failed()) {
                loop.readFailed(fanout.reader().description(), fetched.cause());
            } else if (!hasEnded() && !ending && fetched.result().isPresent()) {
                loop.readSucceeded();
                send(fetched.result().get());
                deliver();
            }
        });
        return fetch.succeeded();
    }

    /** Moves the position after the write, so that the entries are read again if the write fails. */
    private void send(StreamReader.EncodedRead read) {
        if (read.bytes().length() == 0) {
            moveTo(read.through());
        } else if (write(read.bytes())) {
            moveTo(read.through());
            fanout.reader().countDelivery(read);
        }
        if (reader != fanout.reader() && reader.isReadThrough(position())) {
            reader = fanout.reader();
        }
        if (read.endsStream()) {
            ending = true;
            channelEnded = true;
            flush();
            if (writer.waitingBytes() > 0) {
                writer.whenSent(this::endWithChannel);
            } else {
                endWithChannel();
            }
        }
    }

    /** Ends the stream after the end of its channel, which the client has received. */
    private void endWithChannel() {
        if (!hasEnded()) {
            leave(StreamEndReason.CHANNEL_ENDED);
            writer.end(false);
        }
    }

    private EventId position() {
        return new EventId(positionMillis, positionSequence);
    }

    private void moveTo(EventId position) {
        positionMillis = position.millis();
        positionSequence = position.sequence();
    }

    /**
     * The periodic check: aborts a stalled stream, ends a stream at the end of its lifetime, delivers events whose notification
     * was lost, sends a heartbeat, and counts the lag.
     */
    void check() {
        long now = loop.now();
        long stillWaiting = writer.waitingBytes();
        if (stillWaiting == 0 || stillWaiting < waitingBytes) {
            lastProgressAt = now;
        } else if (loop.isStalled(lastProgressAt)) {
            abort(StreamEndReason.STALLED);
            return;
        }
        waitingBytes = stillWaiting;
        if (channelEnded || now >= endsAt) {
            // a connection that accepts a little at a time makes progress, but must not outlive its end for long
            if (!tryEnd(loop.retry(), StreamEndReason.LIFETIME) && loop.isStalled(endsAt)) {
                abort(StreamEndReason.STALLED);
            }
            return;
        }
        deliver();
        if (!hasEnded() && loop.needsHeartbeat(lastWriteAt) && !writer.isFull()) {
            write(HEARTBEAT);
            flush();
        }
        // a subscriber that begins with a reader of its own may be at a position from long before it joined
        boolean isBeginning = reader != fanout.reader();
        if (!hasEnded() && !isBeginning && (fetching || writer.isFull() || loop.isReadingPaused())) {
            fanout.reader().countLag(position());
        }
    }

    /**
     * Writes the bytes. A write that throws, as when memory is exhausted, ends the stream: some of the bytes may have been
     * sent, so nothing can follow them. Returns false then.
     */
    boolean write(Buffer bytes) {
        try {
            writer.write(bytes);
        } catch (RuntimeException | OutOfMemoryError e) {
            loop.writeFailed(fanout.reader().description(), e);
            abort(StreamEndReason.WRITE_FAILED);
            return false;
        }
        lastWriteAt = loop.now();
        waitingBytes += bytes.length();
        unflushed = true;
        return true;
    }

    private void flush() {
        if (unflushed) {
            unflushed = false;
            writer.flush();
        }
    }

    boolean hasWaitingBytes() {
        return writer.waitingBytes() > 0;
    }

    long lastProgressAt() {
        return lastProgressAt;
    }

    Fanout fanout() {
        return fanout;
    }

    /** Returns whether the stream has ended. Thread-safe, but another thread may see the end late. */
    boolean hasEnded() {
        return index == REMOVED;
    }

    /**
     * Ends the stream with a last block, if the connection has accepted everything before. Otherwise returns false, and the
     * caller tries again later. From the first call on, nothing more is delivered; the client resumes at its position.
     *
     * <p>After the end of its channel, a stream has no other last block, and this is the reason why it ended.
     *
     * @param retry how long the client waits before it reconnects
     */
    boolean tryEnd(Duration retry, StreamEndReason reason) {
        ending = true;
        if (writer.waitingBytes() > 0) {
            return false;
        }
        if (channelEnded) {
            endWithChannel();
        } else if (write(reader.endBlock(position(), retry))) {
            flush();
            leave(reason);
            writer.end(true);
        }
        return true;
    }

    /** Ends the stream at once, without the bytes that wait. */
    void abort(StreamEndReason reason) {
        leave(reason);
        writer.abort();
    }

    /** Removes the subscriber after its client has left. Repeated calls have no effect. */
    public void leave() {
        leave(StreamEndReason.LEFT);
    }

    private void leave(StreamEndReason reason) {
        if (!hasEnded()) {
            onEnd.accept(this, reason);
        }
    }
}
