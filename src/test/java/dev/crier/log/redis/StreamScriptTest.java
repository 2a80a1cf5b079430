package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The append script: parts of streams, and channels that end. */
class StreamScriptTest extends ScriptFixture {

    private static final String NEWS_LIST = KEYS.channel("/news");
    private static final String ORDER = "{test}:receipts:order";

    private String epoch;

    @BeforeEach
    void open() throws Exception {
        epoch = join("a");
    }

    private static List<String> texts() throws Exception {
        return list(NEWS_LIST).stream()
                .map(item -> item.substring(item.lastIndexOf('\n') + 1))
                .toList();
    }

    private String append(long number, List<?>... publications) throws Exception {
        var arguments = new ArrayList<Object>(List.of("a", number, epoch, "run", NOW));
        for (List<?> publication : publications) {
            arguments.addAll(publication);
        }
        return call(Script.APPEND, arguments.toArray()).toString();
    }

    @Test
    void aPartOfAStreamIsStoredIfItFollowsThePartBefore() throws Exception {
        String answer = append(
                1,
                List.of("/news", "events", "k", "0: 2:ab", 2, "\na", "\nb"),
                List.of("/news", "events", "k", "0: 1:a", 1, "\na"),
                List.of("/news", "events", "k", "2:ab 3:abc", 1, "\nc"),
                List.of("/news", "events", "k", "2:ab 3:abd", 1, "\nd"),
                List.of("/news", "events", "k", "digest", 1, "\ne"));
        EventId first = Break.id(answer.split(" ")[0]);
        String b = new EventId(first.millis(), first.sequence() + 1).toString();
        String c = new EventId(first.millis(), first.sequence() + 2).toString();
        assertEquals(first + " + =" + b + "=2:ab + =" + c + "=3:abc !", answer);
        assertEquals(List.of("a", "b", "c"), texts());
        assertEquals("3:abc " + NOW + " " + c, redis.command("HGET", KEYS.receipts(), "/news\nk"));
        assertEquals(List.of(NOW + " /news\nk"), list(ORDER));
    }

    @Test
    void aPartOfAStreamIsStoredOnceIfItsBatchIsRepeated() throws Exception {
        String first = append(1, List.of("/news", "events", "k", "0: 1:a", 1, "\na"));
        assertTrue(first.endsWith(" +"), first);
        assertEquals(first, append(1, List.of("/news", "events", "k", "0: 1:a", 1, "\na")));
        String next = append(2, List.of("/news", "events", "k", "1:a 2:ab", 1, "\nb"));
        assertTrue(next.endsWith(" +"), next);
        assertEquals(List.of("a", "b"), texts());
    }

    @Test
    void anOrdinaryPublicationIsNotContinuedAsAStream() throws Exception {
        String id =
                append(1, List.of("/news", "events", "k", "digest", 1, "\nx")).split(" ")[0];
        String answer = append(2, List.of("/news", "events", "k", "0: 1:a", 1, "\na"));
        assertTrue(answer.endsWith(" =" + id + "=digest"), answer);
    }

    @Test
    void aChannelThatHasEndedRefusesWhatItsPublisherDoesNotRepeat() throws Exception {
        String answer = append(
                1,
                List.of("/news", "events!", "k", "digest", 2, "\na", "crier.end\n{}"),
                List.of("/news", "events!", "", "", 1, "\nb"),
                List.of("/news", "events! *", "", "", 1, "\nb"),
                List.of("/news", "events!", "k", "digest", 2, "\na", "crier.end\n{}"),
                List.of("/news", "events *", "", "", 1, "\nb"));
        String first = answer.split(" ")[0];
        String end = newest().toString();
        assertEquals(first + " + ^" + end + " ^" + end + " " + first + " ~" + end, answer);
        assertEquals(List.of("a", "{}"), texts());
        assertTrue(append(2, List.of("/news", "events", "", "", 1, "\nb")).endsWith(" +"), "not declared to end");
        assertTrue(append(3, List.of("/news", "events!", "", "", 1, "\nc")).endsWith(" +"), "its newest is no end");
    }

    /** Its data has the mark of an end, and its type begins like one. */
    @Test
    void anEventThatLooksLikeAnEndIsNone() throws Exception {
        for (String event : List.of("\ncrier.end\n", "crier.ended\n", "x\ncrier.end\n", "crier-end\n")) {
            redis.command("DEL", NEWS_LIST);
            append(System.nanoTime(), List.of("/news", "events", "", "", 1, event));
            String answer = append(System.nanoTime(), List.of("/news", "events!", "", "", 1, "\nx"));
            assertTrue(answer.endsWith(" +"), event);
        }
    }

    @Test
    void aRunningStreamIsNotForgottenThoughItsReceiptIsTheOldestOfMoreThanAMillion() throws Exception {
        append(1, List.of("/news", "events", "k1", "0: 1:a", 1, "\na"));
        redis.command("EVAL", "for i = 1, 999999 do redis.call('RPUSH', KEYS[1], '1 /x\\n' .. i) end", "1", ORDER);
        long later = NOW + 1;
        call(Script.APPEND, "a", 2, epoch, "run", later, "/news", "events", "k1", "1:a 2:ab", 1, "\nb");
        append(3, List.of("/news", "events", "k2", "d", 1, "\nx"));
        assertEquals(1_000_000L, redis.command("LLEN", ORDER));
        assertEquals(1L, redis.command("HEXISTS", KEYS.receipts(), "/news\nk1"));
        assertEquals(
                List.of("1 /x\n2", later + " /news\nk1"),
                List.of(redis.command("LINDEX", ORDER, "0"), redis.command("LINDEX", ORDER, "-1")));
    }
}
