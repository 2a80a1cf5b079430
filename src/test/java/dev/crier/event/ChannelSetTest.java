package dev.crier.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sets of channels and families, and how a channel is written in an id. */
class ChannelSetTest {

    private static ChannelSet set(String names, String families) {
        return new ChannelSet(
                paths(names).map(ChannelName::new).toList(),
                paths(families).map(ChannelName::new).map(ChannelPattern::new).toList());
    }

    private static Stream<String> paths(String list) {
        return Stream.of(list.split(" ")).filter(path -> !path.isEmpty());
    }

    @Test
    void theHeapOfASetGrowsWithItsNames() {
        assertEquals(152 + 2, set("/a", "").heapBytes());
        assertEquals(3 * 152 + 2 + 3 + 6, set("/a /bc", "/c/:id").heapBytes());
        assertEquals(152 + 2, set("/ä", "").heapBytes());
        assertEquals(152 + 6, set("/a\u20ac", "").heapBytes(), "two bytes for each character");
    }

    @Test
    void setsOfTheSameChannelsAreEqual() {
        assertEquals(set("/a /b", "/c/:id /d/:id"), set("/b /a /b", "/d/:id /c/:id /d/:id"));
        assertEquals(set("/a /b", "/c/:id").hashCode(), set("/b /a", "/c/:id").hashCode());
    }

    @ParameterizedTest
    @CsvSource({
        "/a, true",
        "/b/1, true",
        "/z, true",
        "/c/1, true",
        "/c/1/2, false",
        "/c, false",
        "/b, false",
        "/zz, false",
        "/1/d, true"
    })
    void aSetHasItsNamesAndTheChannelsOfItsFamilies(String channel, boolean contained) {
        assertEquals(contained, set("/z /a /b/1", "/c/:id /:id/d").contains(new ChannelName(channel)));
    }

    @Test
    void aLogLineShowsAFewChannels() {
        assertEquals("/a, /b", set("/a /b", "").toString());
        assertEquals("/a, /b, /c/:id", set("/a /b", "/c/:id").toString());
        assertEquals("/a, /b, /c and 2 more", set("/a /b /c /d", "/e/:id").toString());
    }

    @Test
    void aSetHasAtLeastOneChannel() {
        assertThrows(IllegalArgumentException.class, () -> set("", ""));
    }

    @Test
    void aChannelWithoutAParameterIsNotAFamily() {
        assertThrows(IllegalArgumentException.class, () -> set("", "/a"));
    }

    @ParameterizedTest
    @CsvSource({
        "/news, /news",
        "/orders/:id, /orders/:id",
        "/a b, /a%20b",
        "/é€, /%C3%A9%E2%82%AC",
        "/100%, /100%25",
        "/a?b#c, /a%3Fb%23c",
        "/a+b&c=d;e@f!$()*-._~, /a+b&c=d;e@f!$()*-._~",
    })
    void aNameIsWrittenAsInAUrl(String name, String encoded) {
        assertEquals(encoded, new ChannelName(name).encoded());
    }
}
