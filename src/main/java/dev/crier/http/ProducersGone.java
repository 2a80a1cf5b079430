package dev.crier.http;

import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.log.EventLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends channels whose producer has gone before it ended them. Retries while the log cannot store, because the subscribers of a
 * channel would wait for ever.
 */
final class ProducersGone {

    /** The most channels whose end may wait for the log. Others stay open. */
    private static final int MAX_DUE = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(ProducersGone.class);

    private final EventLog log;

    /** The channels whose end the log could not store, with the ends. */
    private final Map<ChannelName, Publication> due = new HashMap<>();

    ProducersGone(EventLog log) {
        this.log = log;
    }

    /** @param unlessOthers that nobody has published to the channel since */
    void end(ChannelName channel, Precondition unlessOthers) {
        var end = List.of(Event.end(EndReason.PRODUCER_GONE));
        append(new Publication(channel, end, Publication.Attempt.ONCE, unlessOthers));
    }

    void retry() {
        List<Publication> ends = List.copyOf(due.values());
        due.clear();
        ends.forEach(this::append);
    }

    private void append(Publication end) {
        log.append(end).onFailure(failure -> {
            if (isTemporary(failure) && due.size() < MAX_DUE) {
                due.put(end.channel(), end);
            } else {
                LOG.debug("{} stays open although its producer has gone: {}", end.channel(), failure.getMessage());
            }
        });
    }

    /** Returns whether the log may store the end later. If it is unknown whether it did, a second attempt is harmless. */
    static boolean isTemporary(Throwable failure) {
        return failure instanceof PublishException refused
                && switch (refused.reason()) {
                    case UNAVAILABLE, UNKNOWN, FULL -> true;
                    default -> false;
                };
    }
}
