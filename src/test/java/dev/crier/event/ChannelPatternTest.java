package dev.crier.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of channels, patterns of families, and the lookup of a name among patterns. */
class ChannelPatternTest {

    private static ChannelPattern pattern(String path) {
        return new ChannelPattern(new ChannelName(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/news", "/a/b/c", "/Grüße", "/a b", "/...", "/:id"})
    void aValidPathIsAChannelName(String path) {
        assertEquals(path, new ChannelName(path).path());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "news", "/", "//a", "/a/", "/a/./b", "/a/..", "/a\n", "/a\u200b", "/a\u2028"})
    void anInvalidPathIsNotAChannelName(String path) {
        assertThrows(IllegalArgumentException.class, () -> new ChannelName(path));
    }

    @Test
    void anUnpairedSurrogateIsNotAllowed() {
        assertThrows(IllegalArgumentException.class, () -> new ChannelName("/a" + (char) 0xd800));
    }

    @Test
    void aNameHasAtMost255BytesOfUtf8() {
        new ChannelName("/" + "é".repeat(127));
        assertThrows(IllegalArgumentException.class, () -> new ChannelName("/" + "é".repeat(127) + "x"));
    }

    @ParameterizedTest
    @CsvSource({
        "/news, /news, true",
        "/news, /news/1, false",
        "/orders/:id, /orders/42, true",
        "/orders/:id, /orders, false",
        "/orders/:id, /orders/42/items, false",
        "/:shop/orders/:id, /a/orders/42, true",
        "/:shop/orders/:id, /a/returns/42, false",
    })
    void aParameterMatchesAnyOneSegment(String pattern, String channel, boolean matches) {
        assertEquals(matches, pattern(pattern).matches(new ChannelName(channel)));
    }

    @Test
    void theTreeFindsTheMatchingPattern() {
        var tree = new PatternTree();
        List.of("/orders/:id", "/orders/new", "/:shop/orders").stream()
                .map(ChannelPatternTest::pattern)
                .forEach(tree::add);
        assertEquals(Optional.of(pattern("/orders/:id")), tree.find(new ChannelName("/orders/42")));
        assertEquals(Optional.of(pattern("/orders/new")), tree.find(new ChannelName("/orders/new")));
        assertEquals(Optional.of(pattern("/:shop/orders")), tree.find(new ChannelName("/a/orders")));
        assertEquals(Optional.empty(), tree.find(new ChannelName("/orders")));
        assertEquals(Optional.empty(), tree.find(new ChannelName("/a/b/c")));
    }

    @ParameterizedTest
    @CsvSource({
        "/orders/:id, true",
        "/:a/:b, true",
        "/orders/7, true",
        "/:a/new, true",
        "/orders, false",
        "/returns/:id, false",
    })
    void theTreeFindsOverlappingPatterns(String other, boolean overlaps) {
        var tree = new PatternTree();
        tree.add(pattern("/orders/:id"));
        assertEquals(overlaps ? List.of(pattern("/orders/:id")) : List.of(), tree.overlapping(pattern(other)));
    }
}
