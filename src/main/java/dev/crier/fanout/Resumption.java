package dev.crier.fanout;

import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * The start of a stream, found from the position that the client asked for.
 *
 * @param position where delivery starts
 * @param preamble the first block of the stream
 * @param gaps how many gaps the preamble reports
 */
record Resumption(EventId position, Buffer preamble, int gaps) {

    /** Returns the start of the stream of one channel. */
    static Resumption of(Beginning beginning, Retention retention, Duration retry) {
        EventId position = beginning.position();
        if (!(retention instanceof Retention.Latest) && beginning.gap().isEmpty()) {
            return at(position, retry);
        }
        Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
        beginning.gap().ifPresent(gap -> EventStream.appendGap(preamble, position, gap.requested(), gap.oldest()));
        return new Resumption(position, preamble, beginning.gap().isPresent() ? 1 : 0);
    }

    static Resumption at(EventId position, Duration retry) {
        return new Resumption(position, EventStream.appendStart(Buffer.buffer(), position, retry), 0);
    }
}
