package dev.crier.log.redis;

import dev.crier.event.EventId;
import io.vertx.redis.client.Response;
import java.util.ArrayList;

/**
 * The state of the log when a node joins.
 *
 * @param epoch the end of the last break, as text
 * @param newest the newest event id
 * @param forgotten the newest entry that any forgotten channel may have lost
 * @param millis the log's own time
 * @param whole the position after which the node follows the stream of recent batches: the one that it has shown, if the stream
 *     has everything after it; for a new node, a position near the end
 * @param breaks all breaks
 */
record LogState(String epoch, EventId newest, EventId forgotten, long millis, EventId whole, Breaks breaks) {

    private static final int FIRST_BREAK = 6;

    /** Parses the answer of the join script to a node that has joined. */
    static LogState parse(Response answer) {
        var breaks = new ArrayList<Break>();
        for (int i = FIRST_BREAK; i < answer.size(); i++) {
            breaks.add(Break.parse(answer.get(i).toString()));
        }
        return new LogState(
                answer.get(1).toString(),
                Break.id(answer.get(2).toString()),
                Break.id(answer.get(3).toString()),
                answer.get(4).toLong(),
                Break.id(answer.get(5).toString()),
                new Breaks(breaks));
    }

    static boolean mustWait(Response answer) {
        return answer.get(0).toString().equals("WAIT");
    }
}
