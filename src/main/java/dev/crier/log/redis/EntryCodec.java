package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Encodes events for the scripts, and decodes the formats in which the scripts keep them in Redis. */
final class EntryCodec {

    private EntryCodec() {}

    /** Returns the event as {@code <type>\n<data>}. A type has no line feed. */
    static String encode(Event event) {
        return event.type() + "\n" + event.data();
    }

    private static Event event(String text) {
        int end = text.indexOf('\n');
        return new Event(end == 0 ? "" : text.substring(0, end), text.substring(end + 1));
    }

    /** Decodes an item of a channel's list: {@code <id> <stored millis>\n<type>\n<data>}. */
    static Entry item(ChannelName channel, String item) {
        int space = item.indexOf(' ');
        int line = item.indexOf('\n');
        return new Entry(
                Break.id(item.substring(0, space)),
                channel,
                event(item.substring(line + 1)),
                Long.parseLong(item.substring(space + 1, line)));
    }

    /**
     * Decodes a batch. For each publication, it has {@code <length>:<channel><count>:} and the events, each as {@code
     * <length>:<event>}. Lengths are in bytes.
     *
     * @param last the id of the last event; the ids are consecutive
     */
    static List<Entry> batch(EventId last, long storedMillis, Response blob) {
        var reader = new BlobReader(blob.toBytes());
        var channels = new ArrayList<ChannelName>();
        var events = new ArrayList<Event>();
        while (reader.hasMore()) {
            var channel = new ChannelName(reader.text());
            int count = reader.number();
            for (int i = 0; i < count; i++) {
                channels.add(channel);
                events.add(event(reader.text()));
            }
        }
        var entries = new ArrayList<Entry>(events.size());
        long sequence = last.sequence() - events.size() + 1;
        for (int i = 0; i < events.size(); i++) {
            var id = new EventId(last.millis(), sequence + i);
            entries.add(new Entry(id, channels.get(i), events.get(i), storedMillis));
        }
        return entries;
    }

    private static final class BlobReader {

        private final byte[] bytes;
        private int at;

        BlobReader(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean hasMore() {
            return at < bytes.length;
        }

        /** Reads a number that ends with a colon. */
        int number() {
            int number = 0;
            while (bytes[at] != ':') {
                number = number * 10 + bytes[at++] - '0';
            }
            at++;
            return number;
        }

        String text() {
            int length = number();
            at += length;
            return new String(bytes, at - length, length, StandardCharsets.UTF_8);
        }
    }
}
