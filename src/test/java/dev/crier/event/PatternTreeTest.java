package dev.crier.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lookup of channels and overlaps among many patterns. A tree that misses either serves a channel with wrong settings. */
class PatternTreeTest {

    private static ChannelPattern pattern(String path) {
        return new ChannelPattern(new ChannelName(path));
    }

    private static PatternTree tree(String... patterns) {
        var tree = new PatternTree();
        Arrays.stream(patterns).map(PatternTreeTest::pattern).forEach(tree::add);
        return tree;
    }

    @ParameterizedTest
    @CsvSource({
        "/news, /news, true",
        "/news, /new, false",
        "/news, /news/x, false",
        "/news, /News, false",
        "/a/b, /a, false",
        "/orders/:id, /orders/42, true",
        "/orders/:id, /orders/:id, true",
        "/orders/:id, /orders, false",
        "/orders/:id, /orders/42/x, false",
        "/orders/:id, /others/42, false",
        "/:a/:b, /x/y, true",
        "/:a/:b, /x, false",
        "/a/:b/c, /a/x/c, true",
        "/a/:b/c, /a/x/d, false",
        "/a:b/c, /axb/c, false",
        "/*, /news, false",
        "/caf\u00e9, /caf\u00e9, true"
    })
    void aChannelIsFoundByThePatternThatMatchesIt(String pattern, String channel, boolean matches) {
        assertEquals(matches, pattern(pattern).matches(new ChannelName(channel)));
        assertEquals(
                matches ? Optional.of(pattern(pattern)) : Optional.empty(),
                tree(pattern).find(new ChannelName(channel)));
    }

    @ParameterizedTest
    @CsvSource({
        "/a, /a, true",
        "/a, /b, false",
        "/a, /a/b, false",
        "/a/:x, /a/b, true",
        "/a/:x, /a/:y, true",
        "/a/:x, /b/:y, false",
        "/a/:x, /a/:y/c, false",
        "/:x/b, /a/:y, true",
        "/:x/b, /:y/c, false",
        "/a/:x/c, /a/b/:y, true",
        "/a/:x/c, /b/:y/c, false",
        "/:x/:y, /a/b, true"
    })
    void patternsOverlapIfAChannelMatchesBoth(String one, String other, boolean overlap) {
        assertEquals(overlap ? List.of(pattern(one)) : List.of(), tree(one).overlapping(pattern(other)));
        assertEquals(overlap ? List.of(pattern(other)) : List.of(), tree(other).overlapping(pattern(one)));
    }

    @Test
    void aTreeFindsEveryOverlappingPattern() {
        PatternTree tree = tree("/a/:x/c", "/a/b/d", "/b/b/c", "/:x/b", "/a/b/:y");
        Set<String> overlapping = tree.overlapping(pattern("/:z/b/c")).stream()
                .map(ChannelPattern::path)
                .collect(Collectors.toSet());
        assertEquals(Set.of("/a/:x/c", "/b/b/c", "/a/b/:y"), overlapping);
    }

    /** The branch of the literal segment leads to no pattern, so the search returns to that of the parameter. */
    @Test
    void aTreeFindsAParameterAfterALiteralThatDoesNotMatch() {
        PatternTree tree = tree("/a/b/c", "/:x/b/d");
        assertEquals(Optional.of(pattern("/:x/b/d")), tree.find(new ChannelName("/a/b/d")));
        assertEquals(Optional.of(pattern("/a/b/c")), tree.find(new ChannelName("/a/b/c")));
        assertEquals(Optional.empty(), tree.find(new ChannelName("/a/b")));
        assertEquals(Optional.empty(), tree.find(new ChannelName("/a/b/c/d")));
    }
}
