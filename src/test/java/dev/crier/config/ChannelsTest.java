package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Declared channels and families. */
class ChannelsTest {

    private static Channels read(String... patterns) {
        var channels = new JsonObject();
        Arrays.stream(patterns).forEach(pattern -> channels.put(pattern, new JsonObject()));
        return read(channels);
    }

    private static Channels read(JsonObject channels) {
        return Conf.read(new JsonObject().put("channels", channels), Map.of()).channels();
    }

    @ParameterizedTest
    @CsvSource({
        "/orders, /orders",
        "/orders/42, /orders/:id",
        "/orders/:id, /orders/:id",
        "/a/x/c, /a/:b/c",
        "/orders/4/2,",
        "/:x/42,",
        "/a/x/d,",
        "/a/c,",
        "/:o,"
    })
    void aChannelIsDeclaredByItsNameOrItsFamily(String channel, String declaration) {
        Channels channels = read("/orders/:id", "/orders", "/a/:b/c");
        assertEquals(
                Optional.ofNullable(declaration),
                channels.declaration(new ChannelName(channel)).map(ChannelPattern::path));
        assertEquals(
                declaration != null, channels.find(new ChannelName(channel)).isPresent());
    }

    @ParameterizedTest
    @CsvSource({"/orders, true", "/orders/42, true", "/orders/4:2, true", "/orders/:id, false", "/orders/:x, false"})
    void theNameOfAFamilyIsNotAChannel(String name, boolean isChannel) {
        Channels channels = read("/orders/:id", "/orders");
        assertEquals(isChannel, channels.findChannel(new ChannelName(name)).isPresent());
        assertTrue(channels.find(new ChannelName(name)).isPresent());
    }

    @Test
    void aChannelHasTheConfigurationOfItsFamily() {
        Channels channels = read(new JsonObject("{\"/orders/:id\": {\"publish\": true}, \"/orders\": {}}"));
        assertTrue(channels.find(new ChannelName("/orders/42")).orElseThrow().publish());
        assertEquals(
                false, channels.find(new ChannelName("/orders")).orElseThrow().publish());
        assertEquals(Set.of(new ChannelName("/orders")), channels.named());
    }

    @Test
    void aChannelEndsIfItsDeclarationSaysSo() {
        Channels channels = read(new JsonObject("""
                {
                  "/news": {"keep": {"events": 9}},
                  "/builds/:id": {"keep": {"age": "PT1H"}, "ends": true},
                  "/runs/:id": {"keep": {"events": 9}, "ends": true, "onProducerGone": "end"},
                  "/state": {"ends": false, "onProducerGone": "wait"}
                }"""));
        var ending = new TreeMap<String, List<Boolean>>();
        for (String channel : List.of("/news", "/builds/7", "/runs/42", "/state")) {
            ChannelConf conf = channels.find(new ChannelName(channel)).orElseThrow();
            ending.put(channel, List.of(conf.retention().ends(), conf.endsWithProducer()));
        }
        assertEquals(
                Map.of(
                        "/news", List.of(false, false),
                        "/builds/7", List.of(true, false),
                        "/runs/42", List.of(true, true),
                        "/state", List.of(false, false)),
                ending);
    }

    @ParameterizedTest
    @CsvSource({"/a/:x, /a/b", "/:x/b, /a/:y", "/a/:x, /a/:y", "/a/:x/c, /a/b/:y"})
    void overlappingPatternsAreRejected(String first, String second) {
        List<String> errors =
                assertThrows(ConfException.class, () -> read(first, second)).errors();
        assertEquals(
                List.of("channels." + second + ": overlaps " + first
                        + " (expected: a pattern that matches none of the other's channels)"),
                errors);
    }

    @Test
    void aPatternIsReportedForEachPatternThatItOverlaps() {
        List<String> errors = assertThrows(ConfException.class, () -> read("/a/:x/c", "/a/b/:y", "/:z/b/c", "/a/b"))
                .errors();
        String expected = " (expected: a pattern that matches none of the other's channels)";
        assertEquals(
                List.of(
                        "channels./a/b/:y: overlaps /a/:x/c" + expected,
                        "channels./:z/b/c: overlaps /a/b/:y" + expected,
                        "channels./:z/b/c: overlaps /a/:x/c" + expected),
                errors);
    }

    /** Would take too long if each pattern were compared with every other. */
    @Test
    @Timeout(30)
    void tensOfThousandsOfChannelsAreReadQuickly() {
        var channels = new JsonObject();
        for (int i = 0; i < 10_000; i++) {
            channels.put("/channel/" + i, new JsonObject());
            channels.put("/family/" + i + "/:id", new JsonObject());
        }
        Channels read = read(channels);
        assertEquals(20_000, read.declared().size());
        for (int i = 0; i < 10_000; i++) {
            var family = new ChannelPattern(new ChannelName("/family/" + i + "/:id"));
            assertEquals(Optional.of(family), read.declaration(new ChannelName("/family/" + i + "/42")));
        }
        assertEquals(Optional.empty(), read.find(new ChannelName("/family/42")));
    }
}
