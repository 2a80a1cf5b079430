package dev.crier.http.request;

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

/** The body of a batch: on each line a JSON object with {@code data} and optionally {@code event}. */
final class Batch {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Batch() {}

    /**
     * Returns the events of the lines. Skips blank lines, and a byte order mark, which some editors write.
     *
     * @param defaultType the type of an event whose line has none
     * @param maxEvents parsing stops after one event more than this
     * @throws IllegalArgumentException if a line is invalid; names the line, the fault and what is expected
     */
    static List<Event> parse(String body, String defaultType, int maxEvents) {
        var events = new ArrayList<Event>();
        String text = body.startsWith(BYTE_ORDER_MARK) ? body.substring(1) : body;
        Iterator<String> lines = text.lines().iterator();
        for (int number = 1; lines.hasNext() && events.size() <= maxEvents; number++) {
            String line = lines.next();
            if (!line.isBlank()) {
                events.add(event(line, number, defaultType, number == 1 && !lines.hasNext()));
            }
        }
        if (events.isEmpty()) {
            throw new IllegalArgumentException("the batch is empty (expected: one JSON object per line)");
        }
        return events;
    }

    private static Event event(String line, int number, String defaultType, boolean onlyLine) {
        String type = defaultType;
        String data = null;
        try (JsonParser parser = JSON.createParser(line)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, number, "not an object", "a JSON object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                switch (key) {
                    case "event" -> type = type(parser, number, defaultType);
                    case "data" -> data = data(parser);
                    default -> require(false, number, "an unknown key", "event and data");
                }
            }
            // curl's -d removes the line ends of a file
            String expected =
                    onlyLine ? "one JSON object per line; curl keeps line ends with --data-binary" : "a JSON object";
            require(parser.nextToken() == null, number, "more than one object", expected);
        } catch (JsonProcessingException e) {
            String column =
                    e.getLocation() == null ? "" : ", column " + e.getLocation().getColumnNr();
            throw new IllegalArgumentException("line " + number + column + ": not JSON (expected: a JSON object)", e);
        } catch (IOException e) {
            throw new IllegalStateException(e); // reading a String does no I/O
        }
        require(data != null, number, "no data", "the key data");
        require(Event.isText(data), number, "half a surrogate pair", "text");
        return new Event(type, data);
    }

    private static String type(JsonParser parser, int number, String defaultType) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return defaultType;
        }
        require(parser.currentToken() == JsonToken.VALUE_STRING, number, "event is not a string", Event.EXPECTED_TYPE);
        String type = parser.getText();
        require(Event.isPublishable(type), number, "event is not allowed", Event.EXPECTED_TYPE);
        return type;
    }

    /** Returns a string as it is, and any other JSON in compact form. Numbers keep all their digits. */
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

    private static void require(boolean valid, int number, String fault, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("line " + number + ": " + fault + " (expected: " + expected + ")");
        }
    }
}
