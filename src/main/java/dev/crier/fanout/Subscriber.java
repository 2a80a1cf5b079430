package dev.crier.fanout;

import dev.crier.event.EventId;
import dev.crier.log.AbandonedException;
import dev.crier.log.Requester;
import dev.crier.metrics.EndReason;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * One reader: a cursor on the log and a link to write to. It belongs to the event loop of its connection.
 *
 * <p>It reads only while its connection takes what is written. So what a slow reader has not read stays in the log, and
 * costs no memory of its own.
 */
public final class Subscriber {

    private final Subscribers all;
    private final ChannelFanout channel;
    private final StreamWriter link;
    private final String address;

    /**
     * The cursor, as numbers: for a collector of generations, a reference from an old object to a new one is work, and
     * here it would be one for each reader and event.
     */
    private long cursorMillis;

    private long cursorSequence;
    private boolean fetching;

    /** Set while {@link #pump} runs, because a write may report a drained connection, which calls it again. */
    private boolean pumping;

    /** Its stream is to end as soon as its connection has taken what was written. */
    private boolean ending;

    private boolean written;

    /** When something was last written, by the clock of the walk. */
    private long writtenAt;

    /** How much waits in the connection as long as it takes nothing, and when it was last seen to take some of it. */
    private long waiting;

    private long takenAt;

    /** When its stream has lasted long enough, or as long as its reader may. */
    private final long endsAt;

    /** Index in the channel's list, for removal in constant time. The thread that reads may see it late. */
    int index;

    Subscriber(Subscribers all, ChannelFanout channel, EventId cursor, StreamWriter link, String address, long endsAt) {
        this.all = all;
        this.channel = channel;
        moveTo(cursor);
        this.link = link;
        this.address = address;
        this.writtenAt = all.now();
        this.takenAt = writtenAt;
        this.endsAt = endsAt;
        link.onDrain(this::drained);
    }

    /** Sends what is after the cursor, as far as the connection takes it, and all of it in one go. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            boolean more = true;
            while (more && !ending && !isGone() && !fetching && !link.isFull() && !all.isFull()) {
                var frames = channel.after(cursor());
                if (frames.isEmpty()) {
                    fetch();
                    more = false; // a fetch that fails at once is tried again at the next beat
                } else {
                    deliver(frames.get());
                    more = frames.get().more();
                }
            }
        } finally {
            pumping = false;
        }
        flush();
    }

    private void drained() {
        takenAt = all.now();
        pump();
    }

    private void fetch() {
        var fetch = channel.fetch(cursor(), new Requester(address, this::isGone));
        fetching = true;
        fetch.onComplete(fetched -> {
            fetching = false;
            if (fetched.cause() instanceof AbandonedException) {
                pump(); // the others that waited for this read had left
            } else if (fetched.failed()) {
                all.unreadable(channel.name(), fetched.cause());
            } else if (!isGone() && !ending && fetched.result().isPresent()) {
                all.readable();
                deliver(fetched.result().get());
                pump();
            }
        });
    }

    /** Moves the cursor after the write, so that entries are read again if the write fails. */
    private void deliver(Frames frames) {
        if (frames.bytes().length() == 0) {
            moveTo(frames.through());
        } else if (write(frames.bytes())) {
            moveTo(frames.through());
            channel.tally().delivered(frames);
        }
    }

    private EventId cursor() {
        return new EventId(cursorMillis, cursorSequence);
    }

    private void moveTo(EventId place) {
        cursorMillis = place.millis();
        cursorSequence = place.sequence();
    }

    /** What the time has brought: events that no ring has told of, a comment for an idle stream, the end of a dead one. */
    void beat() {
        long now = all.now();
        long stillWaiting = link.waiting();
        if (stillWaiting == 0 || stillWaiting < waiting) {
            takenAt = now;
        } else if (all.isStalled(takenAt)) {
            cut(EndReason.STALLED);
            return;
        }
        waiting = stillWaiting;
        if (now >= endsAt) {
            // one that takes little by little would stay for long
            if (!end(all.retry(), EndReason.LIFETIME) && all.isStalled(endsAt)) {
                cut(EndReason.STALLED);
            }
            return;
        }
        pump();
        if (!isGone() && all.isIdle(writtenAt) && !link.isFull()) {
            write(Subscribers.COMMENT);
            flush();
        }
        if (!isGone() && (fetching || link.isFull() || all.isFull())) {
            channel.held(cursor());
        }
    }

    /**
     * Ends its stream behind what it has been given; the reader comes back for what it has not.
     *
     * @param retry how long it is to wait until then
     * @param why what is counted as the reason
     * @return false if its connection has not taken all; then it is given no more, and is to be asked again
     */
    boolean end(Duration retry, EndReason why) {
        ending = true;
        if (link.waiting() > 0) {
            return false;
        }
        if (!write(channel.endFrame(cursor(), retry))) {
            return true;
        }
        flush();
        leave(why);
        link.end();
        return true;
    }

    /** Ends its stream at once, whatever waits in it. */
    void cut(EndReason why) {
        leave(why);
        link.cut();
    }

    /**
     * Writes the bytes. A write that throws, as when memory is exhausted, ends the stream: some of the bytes may have been
     * sent, so nothing can follow them.
     *
     * @return false if the write failed and ended the stream
     */
    boolean write(Buffer bytes) {
        try {
            link.write(bytes);
        } catch (RuntimeException | OutOfMemoryError e) {
            all.unwritable(channel.name(), e);
            cut(EndReason.WRITE_FAILED);
            return false;
        }
        writtenAt = all.now();
        waiting += bytes.length();
        written = true;
        return true;
    }

    /** Whether bytes wait in the connection. */
    boolean isSlow() {
        return link.waiting() > 0;
    }

    /** When the connection last took bytes or was seen to be empty. */
    long takenAt() {
        return takenAt;
    }

    private void flush() {
        if (written) {
            written = false;
            link.flush();
        }
    }

    boolean isGone() {
        return index < 0;
    }

    /** The reader is gone. Calling it again does nothing. */
    public void leave() {
        leave(EndReason.LEFT);
    }

    private void leave(EndReason why) {
        if (channel.remove(this)) {
            all.left(channel, why);
        }
    }
}
