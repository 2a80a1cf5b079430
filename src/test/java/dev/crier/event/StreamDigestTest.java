package dev.crier.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamDigestTest {

    private static StreamDigest of(Event... events) {
        StreamDigest digest = StreamDigest.NONE;
        for (Event event : List.of(events)) {
            digest = digest.with(event);
        }
        return digest;
    }

    /** Stores keep digests, so a later release must compute the same. */
    @Test
    void theDigestIsTheSameInEachRelease() {
        assertEquals("0:", of().toString());
        assertEquals(
                "1:719de0bf159048336eb081044a8c7a023e3f1e9d440deb5e5bb38870b6d684ba",
                of(Event.of("a")).toString());
        assertEquals(
                "2:2d6de34b6245c1b7a22c6da360c5b737bd7e515f89d43d3649a7c691e35677b3",
                of(Event.of("a"), new Event("é", "x\ny€")).toString());
        assertEquals(
                "3:6306e0298aeee8a251758f62a7e066514889757c1019d435f3fa2332e33cf192",
                of(Event.of("a"), new Event("é", "x\ny€"), Event.end(EndReason.ENDED))
                        .toString());
    }

    @Test
    void otherEventsHaveAnotherDigest() {
        StreamDigest digest = of(new Event("a", "bc"), Event.of("d"));
        assertNotEquals(digest, of(new Event("ab", "c"), Event.of("d")));
        assertNotEquals(digest, of(Event.of("abc"), Event.of("d")));
        assertNotEquals(digest, of(Event.of("d"), new Event("a", "bc")));
        assertNotEquals(digest, of(new Event("a", "bc")));
        assertNotEquals(of(Event.of("ab"), Event.of("")), of(Event.of("a"), Event.of("b")));
        assertEquals(digest, of(new Event("a", "bc"), Event.of("d")));
    }

    @Test
    void aDigestIsReadFromItsText() {
        for (StreamDigest digest : List.of(StreamDigest.NONE, of(Event.of("a")), of(Event.of("a"), Event.of("b")))) {
            assertEquals(Optional.of(digest), StreamDigest.parse(digest.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "digest",
                "1",
                ":",
                "-1:",
                "1:x",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            })
    void theDigestOfAnotherPublicationIsNotThatOfAStream(String text) {
        assertEquals(Optional.empty(), StreamDigest.parse(text));
    }
}
