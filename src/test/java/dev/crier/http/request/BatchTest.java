package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

    private static final int MAX_EVENTS = 20;

    private static List<Event> parse(String body) {
        return Batch.parse(body, "", MAX_EVENTS);
    }

    private static void assertFault(String message, String body) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> parse(body)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"data\":\"a\"}\n{\"data\":\"b\"}",
                "{\"data\":\"a\"}\r\n{\"data\":\"b\"}\r\n",
                "\n\n{\"data\":\"a\"}\n \n{\"data\":\"b\"}\n\n",
                "\uFEFF{\"data\":\"a\"}\n{ \"data\" : \"b\" }"
            })
    void eachLineIsAnEvent(String body) {
        assertEquals(List.of(Event.of("a"), Event.of("b")), parse(body));
    }

    @Test
    void aLineWithoutATypeHasTheDefaultType() {
        String body = "{\"data\":\"a\"}\n{\"data\":\"b\",\"event\":null}\n{\"event\":\"own\",\"data\":\"c\"}\n"
                + "{\"data\":\"d\",\"event\":\"\"}\n";
        assertEquals(
                List.of(new Event("all", "a"), new Event("all", "b"), new Event("own", "c"), new Event("", "d")),
                Batch.parse(body, "all", MAX_EVENTS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"two\\nlines\"|'two\nlines'",
                "\"\"|''",
                "5|5",
                "null|null",
                "true|true",
                "{\"a\": [1.10, 12345678901234567890.5, null]}|{\"a\":[1.10,12345678901234567890.5,null]}",
                "\"\\ud83d\\ude00\"|😀"
            })
    void dataIsAStringOrTheCompactJson(String json, String data) {
        assertEquals(List.of(Event.of(data)), parse("{\"data\":" + json + "}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|line 1: not an object (expected: a JSON object)",
                "{\"data\":|line 1, column 9: not JSON (expected: a JSON object)",
                "{\"data\":1,\"data\":2}|line 1, column 17: not JSON (expected: a JSON object)",
                "{\"event\":\"x\"}|line 1: no data (expected: the key data)",
                "{\"data\":\"x\",\"id\":\"1\"}|line 1: an unknown key (expected: event and data)",
                "{\"data\":\"\\ud800\"}|line 1: half a surrogate pair (expected: text)"
            })
    void theMessageNamesTheLineAndTheFault(String line, String message) {
        assertFault(message, line + "\n{\"data\":\"x\"}");
        assertFault(message.replace("line 1", "line 3"), "{\"data\":\"x\"}\n\n" + line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"5|event is not a string", "\"crier.x\"|event is not allowed", "\"a\\nb\"|event is not allowed"})
    void aTypeThatMayNotBePublishedIsAFault(String type, String fault) {
        assertFault(
                "line 1: " + fault + " (expected: " + Event.EXPECTED_TYPE + ")",
                "{\"data\":\"x\",\"event\":" + type + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \n\n", "\uFEFF"})
    void aBatchWithoutALineIsAFault(String body) {
        assertFault("the batch is empty (expected: one JSON object per line)", body);
    }

    /** The option -d of curl removes the line ends of a file. */
    @Test
    void theMessageForABatchInOneLineNamesDataBinary() {
        assertFault(
                "line 1: more than one object"
                        + " (expected: one JSON object per line; curl keeps line ends with --data-binary)",
                "{\"data\":\"a\"}{\"data\":\"b\"}");
        assertFault("line 2: more than one object (expected: a JSON object)", "{\"data\":\"a\"}\n{\"data\":\"b\"} {}");
    }

    @Test
    void parsingStopsAfterOneEventTooMany() {
        assertEquals(
                MAX_EVENTS + 1,
                parse("{\"data\":\"\"}\n".repeat(MAX_EVENTS + 1) + "rubbish").size());
    }

    /** A deeply nested value must not overflow the stack. */
    @Test
    void nestingIsLimited() {
        assertFault("line 1: not JSON (expected: a JSON object)", "{\"data\":" + "[".repeat(100_000));
    }
}
