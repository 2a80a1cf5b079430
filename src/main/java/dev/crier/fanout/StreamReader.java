package dev.crier.fanout;

import dev.crier.event.EventId;
import dev.crier.log.store.Requester;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/** Reads what a subscriber receives, as bytes. Only the event loop of its subscribers uses it. */
interface StreamReader {

    /**
     * Entries and gaps, as bytes of an event stream.
     *
     * @param through the subscriber's position after these bytes
     * @param bytes empty if there is nothing up to there
     * @param more whether the next read returns more at once
     * @param oldestMillis when the oldest event was published, in milliseconds since 1970
     * @param endsStream whether the stream ends after these bytes, because the channel has ended
     */
    record EncodedRead(
            EventId through, Buffer bytes, boolean more, int events, int gaps, long oldestMillis, boolean endsStream) {

        /** Creates a read after which the stream goes on. */
        EncodedRead(EventId through, Buffer bytes, boolean more, int events, int gaps, long oldestMillis) {
            this(through, bytes, more, events, gaps, oldestMillis, false);
        }
    }

    /** Returns what follows the position, or empty if it must be fetched from the store. */
    Optional<EncodedRead> read(EventId position);

    /** Reads what follows the position from the store. The result is empty if that is in memory meanwhile. */
    Future<Optional<EncodedRead>> fetch(EventId position, Requester requester);

    /** Returns whether a subscriber at the position must go on with the reader that its {@link Fanout} shares. */
    boolean isReadThrough(EventId position);

    /** Returns the last block of a stream. It has the position to resume from, if there is one. */
    Buffer endBlock(EventId position, Duration retry);
}
