package dev.crier.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which events an event stream has, and which faults end it. {@link EventParserCutsTest} cuts the bytes. */
class EventStreamParserTest {

    private static final int MAX_BYTES = 20;

    private final EventStreamParser parser = new EventStreamParser("", MAX_BYTES);

    /** Returns the events as {@code type=data}, separated by bars. */
    private static String parse(EventParser parser, String stream) {
        parser.feed(stream.getBytes(StandardCharsets.UTF_8));
        parser.end();
        return events(parser);
    }

    private static String events(EventParser parser) {
        var events = new ArrayList<String>();
        for (Optional<Event> next = parser.next(); next.isPresent(); next = parser.next()) {
            events.add((next.get().type() + "=" + next.get().data()).replace("\n", "\\n"));
        }
        return String.join("|", events);
    }

    private static String text(String escaped) {
        return escaped.replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("_", " ")
                .replace("BOM", "\uFEFF");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "data: a\\n\\n;                           =a",
                "data:a\\n\\n;                            =a",
                "data:__a\\n\\n;                          '= a'",
                "data: a\\r\\rdata: b\\r\\r;              =a|=b",
                "data: a\\r\\n\\r\\ndata: b\\n\\r;        =a|=b",
                "data: a\\ndata: b\\rdata\\n\\n;          =a\\nb\\n",
                "data\\n\\n;                              =",
                "data:\\n\\n;                             =",
                "event: x\\ndata: a\\n\\ndata: b\\n\\n;   x=a|=b",
                "event: x\\nevent: y\\ndata: a\\n\\n;     y=a",
                "event: x\\nevent\\ndata: a\\n\\n;        =a",
                "event: x\\n\\ndata: a\\n\\n;             =a",
                "BOMdata: a\\n\\nBOMdata: b\\n\\n;        =a",
                ":comment\\n:\\ndata: a\\n: data: b\\n\\n; =a",
                "id: 7\\nretry: 3\\nother\\ndata: a\\n\\n; =a",
                "Data: b\\n data: c\\ndata: a\\n\\n;      =a",
                "data: a:b\\n\\n;                         =a:b",
                "data: a\\n\\n\\n\\n\\n;                  =a",
                "event: crier.start\\ndata: {}\\n\\ndata: a\\n\\nevent: crier.gap\\ndata: b\\n\\n; =a",
                "data: ü€\uD83D\uDE00\\n\\n;              =ü€\uD83D\uDE00",
                "data: \uFFFD\\n\\n;                      =\uFFFD",
            })
    void blocksWithDataAreEvents(String stream, String events) {
        assertEquals(events, parse(parser, text(stream)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "data: a", "data: a\\n", "data: a\\r\\n", "event: x\\n\\n", ":\\n\\n", "id: 1\\n\\n", "BOM"})
    void anUnfinishedBlockAndOneWithoutDataAreNoEvents(String stream) {
        assertEquals("", parse(parser, text(stream)));
    }

    @Test
    void theDefaultTypeIsThatOfBlocksWithoutType() {
        assertEquals("d=a|x=b", parse(new EventStreamParser("d", MAX_BYTES), "data: a\n\nevent: x\ndata: b\n\n"));
    }

    @Test
    void aBlockIsAnEventAsSoonAsItsBlankLineHasBegunToEnd() {
        parser.feed("data: a\r\n\r".getBytes(StandardCharsets.UTF_8));
        assertEquals("=a", events(parser));
        parser.feed("\ndata: b\n\n".getBytes(StandardCharsets.UTF_8));
        assertEquals("=b", events(parser));
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: \u00e9\n",
                ":\u00ff\n",
                "id: \u00c0\u0080\n",
                "event: \u00ed\u00a0\u0080\n",
                "\u00e2\u0082\n"
            })
    void invalidUtf8IsAFaultAfterTheEventsBeforeIt(String line) {
        parser.feed(bytes("data: a\n\n" + line + "\ndata: b\n\n"));
        assertEquals(Optional.of(Event.of("a")), parser.next());
        var fault = assertThrows(IllegalArgumentException.class, parser::next);
        assertEquals("invalid UTF-8 (expected: UTF-8)", fault.getMessage());
    }

    @Test
    void aTypeThatMayNotBePublishedIsAFault() {
        for (String type : List.of("a\tb", "x".repeat(256))) {
            var one = new EventStreamParser("", MAX_BYTES);
            one.feed(bytes("data: a\n\nevent: " + type + "\ndata: b\n\n"));
            assertEquals(Optional.of(Event.of("a")), one.next());
            assertThrows(IllegalArgumentException.class, one::next);
        }
    }

    @Test
    void theLongestTypeHasRoom() {
        String type = "€".repeat(255);
        assertEquals(type + "=a", parse(parser, "event: " + type + "\ndata: a\n\n"));
    }

    @Test
    void dataOfTheLargestSizeIsAnEventAndOneByteMoreIsTooLarge() {
        String largest = "ü".repeat(9) + "\n" + "x";
        assertEquals(MAX_BYTES, largest.getBytes(StandardCharsets.UTF_8).length);
        String stream = "data: " + largest.replace("\n", "\ndata: ");
        assertEquals("=" + largest.replace("\n", "\\n"), parse(parser, "\uFEFF" + stream + "\n\n"));
        var other = new EventStreamParser("", MAX_BYTES);
        other.feed(("data: a\n\n" + stream + "x\n\n").getBytes(StandardCharsets.UTF_8));
        assertEquals(Optional.of(Event.of("a")), other.next());
        assertThrows(EventParser.TooLargeException.class, other::next);
    }

    @Test
    void aLineWithoutEndIsTooLargeBeforeItFillsTheMemory() {
        parser.feed(new byte[MAX_BYTES]);
        assertEquals(Optional.empty(), parser.next());
        parser.feed(new byte[1 << 11]);
        assertThrows(EventParser.TooLargeException.class, parser::next);
    }

    @Test
    void heldBytesAreThoseOfTheUnfinishedBlock() {
        parser.feed(bytes("data: a\n\ndata: bc\ndata"));
        assertEquals(22, parser.heldBytes(), "nothing is read");
        parser.next();
        assertEquals(13, parser.heldBytes());
        parser.next();
        assertEquals("bc".length() + "data".length(), parser.heldBytes());
        parser.feed(bytes(": d\n\n"));
        parser.next();
        parser.next();
        assertEquals(0, parser.heldBytes());
        assertEquals(5, parser.lines());
    }
}
