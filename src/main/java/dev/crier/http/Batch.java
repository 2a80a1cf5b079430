package dev.crier.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.crier.event.Event;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The body of a batch: a JSON object with {@code data} and, if wanted, {@code event} a line. */
final class Batch {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Batch() {}

    /**
     * Returns the events of the lines. A byte order mark at the beginning, which some editors write, is skipped.
     *
     * @param type the type of an event whose line has none
     * @param most parsing stops after one event more than this
     * @throws IllegalArgumentException if a line is wrong; says which line, and how
     */
    static List<Event> parse(String body, String type, int most) {
        var events = new ArrayList<Event>();
        String text = body.startsWith(BYTE_ORDER_MARK) ? body.substring(1) : body;
        Iterator<String> lines = text.lines().iterator();
        for (int number = 1; lines.hasNext() && events.size() <= most; number++) {
            String line = lines.next();
            if (!line.isBlank()) {
                events.add(parse(line, number, type, number == 1 && !lines.hasNext()));
            }
        }
        if (events.isEmpty()) {
            throw new IllegalArgumentException("no line (expected: a JSON object a line)");
        }
        return events;
    }

    private static Event parse(String line, int number, String defaultType, boolean alone) {
        String type = defaultType;
        String data = null;
        try (JsonParser parser = JSON.createParser(line)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, number, "no object", "a JSON object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                switch (key) {
                    case "event" -> type = type(parser, number, defaultType);
                    case "data" -> data = data(parser);
                    default -> expect(false, number, "an unknown key", "event and data");
                }
            }
            // curl's -d removes the line ends of a file
            String expected = alone ? "a JSON object a line; curl keeps lines with --data-binary" : "a JSON object";
            expect(parser.nextToken() == null, number, "more than an object", expected);
        } catch (JsonProcessingException e) {
            String column =
                    e.getLocation() == null ? "" : ", column " + e.getLocation().getColumnNr();
            throw new IllegalArgumentException("line " + number + column + ": no JSON (expected: a JSON object)", e);
        } catch (IOException e) {
            throw new IllegalStateException(e); // a text cannot fail to be read
        }
        expect(data != null, number, "no data", "the key data");
        expect(Event.isText(data), number, "half a surrogate pair", "text");
        return new Event(type, data);
    }

    private static String type(JsonParser parser, int number, String defaultType) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return defaultType;
        }
        expect(parser.currentToken() == JsonToken.VALUE_STRING, number, "event is no text", Event.EXPECTED_TYPE);
        String type = parser.getText();
        expect(Event.isPublishable(type), number, "event is not allowed", Event.EXPECTED_TYPE);
        return type;
    }

    /** A text as it is; other JSON as its compact text, each number with all its digits. */
    private static String data(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        var text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.copyCurrentStructureExact(parser);
        }
        return text.toString();
    }

    private static void expect(boolean so, int number, String what, String expected) {
        if (!so) {
            throw new IllegalArgumentException("line " + number + ": " + what + " (expected: " + expected + ")");
        }
    }
}
