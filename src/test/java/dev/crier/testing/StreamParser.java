package dev.crier.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses an event stream as a browser must (HTML standard, 9.2.6). It is written from the standard alone, so that it does
 * not share a mistake with Crier's encoder.
 */
public final class StreamParser {

    /** An event that a browser fires, with the last event id and the reconnection time at that moment. */
    public record Fired(String type, String data, String lastEventId, String retry) {}

    private final List<Fired> fired = new ArrayList<>();
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String id = "";
    private String dispatchedId = "";
    private String retry = "";

    public static List<Fired> parse(String stream) {
        return read(stream).fired;
    }

    /** Returns the id that a browser sends when it reconnects after this stream. */
    public static String lastEventId(String stream) {
        return read(stream).dispatchedId;
    }

    private static StreamParser read(String stream) {
        var parser = new StreamParser();
        String text = stream.startsWith("\uFEFF") ? stream.substring(1) : stream;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                parser.line(text.substring(start, i));
                if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        return parser;
    }

    private void line(String line) {
        int colon = line.indexOf(':');
        if (line.isEmpty()) {
            dispatch();
        } else if (colon < 0) {
            field(line, "");
        } else if (colon > 0) {
            String value = line.substring(colon + 1);
            field(line.substring(0, colon), value.startsWith(" ") ? value.substring(1) : value);
        }
    }

    private void field(String name, String value) {
        switch (name) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> id = value.indexOf('\0') < 0 ? value : id;
            case "retry" -> retry = value.matches("[0-9]+") ? value : retry;
            default -> {
                // ignored by the standard
            }
        }
    }

    private void dispatch() {
        dispatchedId = id;
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            fired.add(new Fired(type.isEmpty() ? "message" : type, data.toString(), id, retry));
        }
        data.setLength(0);
        type = "";
    }
}
