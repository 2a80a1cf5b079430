package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.BulkType;
import io.vertx.redis.client.impl.types.MultiType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answer of the join script, and the breaks in it. */
class LogStateTest {

    private static Response answer(String... words) {
        var answer = MultiType.create(words.length, false);
        for (String word : words) {
            answer.add(BulkType.create(Buffer.buffer(word), false));
        }
        return answer;
    }

    @Test
    void theAnswerHasTheStateAndAllBreaks() {
        var first = new Break(EventId.FIRST, new EventId(10, 0), false, 2);
        var second = new Break(new EventId(15, 2), new EventId(20, 3_000_001), true, 3);
        var state = LogState.parse(
                answer("JOINED", "20-3000001", "30-1", "12-3", "12345", "25-4", "0-0 10-0 2", "15-2 20-3000001 ="));
        assertEquals(
                new LogState(
                        "20-3000001",
                        new EventId(30, 1),
                        new EventId(12, 3),
                        12_345,
                        new EventId(25, 4),
                        new Breaks(List.of(first, second))),
                state);
        assertEquals(second, state.breaks().last());
        assertEquals(new EventId(10, 0), state.breaks().begin());
    }

    @ParameterizedTest
    @CsvSource({"WAIT, true", "JOINED, false"})
    void theAnswerWaitMeansThatTheNodeMustWait(String word, boolean mustWait) {
        assertEquals(mustWait, LogState.mustWait(answer(word)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1-", "-1", "1-x", "01-1", "1-1 2"})
    void anInvalidIdIsReported(String text) {
        var failure = assertThrows(IllegalStateException.class, () -> Break.id(text));
        assertEquals("Redis sent the event id " + text, failure.getMessage());
    }
}
