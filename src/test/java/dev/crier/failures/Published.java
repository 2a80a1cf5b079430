package dev.crier.failures;

import dev.crier.event.EventId;
import java.util.List;
import java.util.stream.Stream;

/**
 * An acknowledged event.
 *
 * @param sent the {@link System#nanoTime} before the first request
 * @param acknowledged the {@link System#nanoTime} after the response
 */
record Published(String channel, String data, EventId id, long sent, long acknowledged) {

    /** Returns the data of the events of a channel in the order of their publication by one publisher. */
    static List<String> data(String channel, Stream<Published> published) {
        return published
                .filter(event -> event.channel().equals(channel))
                .map(Published::data)
                .toList();
    }
}
