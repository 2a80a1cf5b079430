package dev.crier.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which events a text of lines has. {@link EventParserCutsTest} cuts the bytes. */
class LineParserTest {

    private static final int MAX_BYTES = 4;

    private final LineParser parser = new LineParser("t", MAX_BYTES);

    private String parse(String text) {
        parser.feed(text.getBytes(StandardCharsets.UTF_8));
        parser.end();
        var events = new ArrayList<String>();
        for (Optional<Event> next = parser.next(); next.isPresent(); next = parser.next()) {
            assertEquals("t", next.get().type());
            events.add(next.get().data());
        }
        return events.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';            []",
                "a;             [a]",
                "a\\n;          [a]",
                "a\\nb\\rc\\r\\nd; '[a, b, c, d]'",
                "a\\n\\nb\\n\\n; '[a, , b, ]'",
                "\\r\\r\\n\\n;  '[, , ]'",
                "'  a ';        '[  a ]'",
                "BOMa\\nBOM;    '[a, BOM]'",
            })
    void eachLineIsAnEvent(String text, String events) {
        assertEquals(
                events.replace("BOM", "\uFEFF"),
                parse(text.replace("\\n", "\n").replace("\\r", "\r").replace("BOM", "\uFEFF")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n"})
    void aLineOfTheLargestSizeIsAnEventAndOneByteMoreIsTooLarge(String end) {
        assertEquals("[a, üü]", parse("a\nüü" + end));
        var other = new LineParser("", MAX_BYTES);
        other.feed(("\uFEFFabcd\nabcde" + end).getBytes(StandardCharsets.UTF_8));
        other.end();
        assertEquals(Optional.of(Event.of("abcd")), other.next());
        assertThrows(EventParser.TooLargeException.class, other::next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n"})
    void invalidUtf8IsAFaultAfterTheLinesBeforeIt(String end) {
        parser.feed(("a\n\u00e9" + end).getBytes(StandardCharsets.ISO_8859_1));
        parser.end();
        assertEquals(Optional.of(new Event("t", "a")), parser.next());
        assertThrows(IllegalArgumentException.class, parser::next);
    }

    @Test
    void aLineWithoutEndIsTooLargeBeforeItFillsTheMemory() {
        parser.feed(new byte[MAX_BYTES]);
        assertEquals(Optional.empty(), parser.next());
        parser.feed(new byte[MAX_BYTES]);
        assertThrows(EventParser.TooLargeException.class, parser::next);
    }
}
