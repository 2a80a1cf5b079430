package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.Event;
import dev.crier.event.Publication;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishRequestTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static PublishRequest text(String query, String key) {
        return PublishRequest.of(MediaType.TEXT, query, key);
    }

    @Test
    void theBodyOfATextIsTheDataOfOneEvent() {
        assertEquals(
                List.of(new Event("alert", "two\nlines ä")),
                text("event=alert", null).events(bytes("two\nlines ä"), 1));
        assertEquals(List.of(Event.of("")), text(null, null).events(bytes(""), 1));
    }

    @Test
    void theTypeInTheQueryIsTheDefaultOfABatch() {
        var batch = PublishRequest.of(MediaType.BATCH, "event=alert", null);
        assertEquals(List.of(new Event("alert", "x")), batch.events(bytes("{\"data\":\"x\"}"), 1));
    }

    @Test
    void aBodyThatIsNotUtf8IsRejected() {
        byte[] latin1 = {'a', (byte) 0xe9, 'b'};
        assertThrows(IllegalArgumentException.class, () -> text(null, null).events(latin1, 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "event=a%0Aid:1",
                "event=a%0Db",
                "event=%00",
                "event=%7F",
                "event=%C2%85",
                "event=crier.gap",
                "event=crier.",
                "event=a&event=b",
                "event=%zz"
            })
    void aTypeThatMayNotBePublishedIsRejected(String query) {
        assertThrows(IllegalArgumentException.class, () -> text(query, null));
    }

    @Test
    void aTypeHasAtMost255Characters() {
        assertEquals("x".repeat(255), text("event=" + "x".repeat(255), null).eventType());
        assertThrows(IllegalArgumentException.class, () -> text("event=" + "x".repeat(256), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "with space", "a\tb", "ü", "\u007f"})
    void aKeyThatIsNotVisibleAsciiIsRejected(String key) {
        assertThrows(IllegalArgumentException.class, () -> text(null, key));
    }

    @Test
    void aKeyHasAtMost255Characters() {
        assertEquals("x".repeat(255), text(null, "x".repeat(255)).key());
        assertThrows(IllegalArgumentException.class, () -> text(null, "x".repeat(256)));
    }

    @Test
    void aRequestWithoutAKeyIsNotRepeatable() {
        assertEquals(Publication.Attempt.ONCE, text(null, null).attempt(bytes("x")));
    }

    @Test
    void theDigestDiffersByFormatTypeAndBody() {
        var attempt = text(null, "k").attempt(bytes("x"));
        assertEquals("k", attempt.key());
        assertEquals(attempt, text("y=z", "k").attempt(bytes("x")));
        var others = Set.of(
                text(null, "k").attempt(bytes("y")),
                text("event=e", "k").attempt(bytes("x")),
                text("end", "k").attempt(bytes("x")),
                PublishRequest.of(MediaType.BATCH, null, "k").attempt(bytes("x")));
        assertEquals(4, others.size());
        others.forEach(other -> assertNotEquals(attempt, other));
    }

    /** A store keeps digests, so a new release must compute them as the old one did. */
    @Test
    void theDigestStaysTheSameOverReleases() {
        assertEquals(
                "a657548b8232da8ed93ad479d903e2ec361ff1eec79328b195037ccbaa57d6b3",
                text("event=e", "k").attempt(bytes("x")).digest());
        assertEquals(
                "2c8bbada33f5e4fbb426cedca10728770318ab8a9db8c9822f3bc2d534104029",
                text("event=e&end", "k").attempt(bytes("x")).digest());
    }
}
