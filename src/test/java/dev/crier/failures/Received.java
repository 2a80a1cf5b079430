package dev.crier.failures;

import dev.crier.event.EventId;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** A block of an event stream, as a subscriber received it. */
sealed interface Received {

    /** The sequences of the ids of an epoch begin at its number times this. */
    int EPOCH_SEQUENCES = 1_000_000;

    static long epochNumber(EventId id) {
        return id.sequence() / EPOCH_SEQUENCES;
    }

    /** A block of a stream of several channels, with the channel or family that it names. */
    record Named(String channel, Received block) implements Received {}

    /** The first block of a stream without a gap. A stream of several channels may begin with the newest of latest channels. */
    record Start(EventId position) implements Received {}

    record Event(EventId id, String data) implements Received {}

    /**
     * A gap, in which events may be missing.
     *
     * @param asked the position before the gap
     * @param position the position after the gap
     * @param oldest the event after the gap, if there was one
     */
    record Gap(EventId asked, EventId position, Optional<EventId> oldest) implements Received {

        static Gap of(String data, EventId position) {
            var json = new JsonObject(data);
            return new Gap(
                    EventId.parse(json.getString("asked")).orElseThrow(),
                    position,
                    Optional.ofNullable(json.getString("oldest"))
                            .map(id -> EventId.parse(id).orElseThrow()));
        }

        /** Returns whether the event is in the gap. */
        boolean covers(EventId id) {
            return asked.isBefore(id) && !position.isBefore(id);
        }

        boolean isSameRange(Gap other) {
            return asked.equals(other.asked) && position.equals(other.position);
        }

        /** Returns whether the subscriber moved to another primary, so that it may go back to the break between the two. */
        boolean leavesAnEpoch() {
            return epochNumber(asked) != epochNumber(position);
        }
    }
}
