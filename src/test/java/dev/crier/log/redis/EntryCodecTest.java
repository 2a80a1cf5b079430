package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.impl.types.BulkType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EntryCodecTest {

    private static final ChannelName NEWS = new ChannelName("/news");

    /** Events whose text looks like lengths, line ends or ids. */
    static Stream<Event> oddEvents() {
        return Stream.of(
                Event.of("x"),
                Event.of(""),
                new Event("alert", ""),
                new Event("alert", "two\nlines\n"),
                Event.of("\n\n"),
                Event.of("\r\n"),
                Event.of("1-2 3\ntype\ndata"),
                Event.of("5:/news1:3:\nx"),
                new Event("1:2", "3:4"),
                new Event("für", "ä€😀\0"));
    }

    @ParameterizedTest
    @MethodSource("oddEvents")
    void anItemOfAChannelIsDecodedAsItWasEncoded(Event event) {
        assertEquals(
                new Entry(new EventId(1763800000000L, 12), NEWS, event, 1_763_800_000_123L),
                EntryCodec.item(NEWS, "1763800000000-12 1763800000123\n" + EntryCodec.encode(event)));
    }

    private static String withLength(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length + ":" + text;
    }

    private static List<Entry> batch(EventId last, String blob) {
        return EntryCodec.batch(last, 5, BulkType.create(Buffer.buffer(blob), false));
    }

    @ParameterizedTest
    @MethodSource("oddEvents")
    void anEventOfABatchIsDecodedAsItWasEncoded(Event event) {
        String encoded = withLength(EntryCodec.encode(event));
        var id = new EventId(7, 3);
        assertEquals(
                List.of(new Entry(new EventId(7, 2), NEWS, event, 5), new Entry(id, NEWS, event, 5)),
                batch(id, "5:/news2:" + encoded + encoded));
    }

    @Test
    void theIdsOfABatchAreConsecutiveAndEndWithTheGivenOne() {
        var orders = new ChannelName("/orders/ä");
        assertEquals(
                List.of(
                        new Entry(new EventId(7, 0), NEWS, Event.of("a"), 5),
                        new Entry(new EventId(7, 1), NEWS, Event.of("b"), 5),
                        new Entry(new EventId(7, 2), orders, Event.of("c"), 5)),
                batch(new EventId(7, 2), "5:/news2:2:\na2:\nb" + withLength("/orders/ä") + "1:2:\nc"));
    }
}
