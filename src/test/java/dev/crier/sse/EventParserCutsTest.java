package dev.crier.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.Event;
import dev.crier.testing.StreamParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events and faults do not depend on where the bytes are cut. Random bytes from the parts that a parser reads specially. */
class EventParserCutsTest {

    private static final int RUNS = 20_000;
    private static final int MAX_BYTES = 12;

    private static final List<String> VALID_PARTS = List.of(
            "\r",
            "\n",
            "\r\n",
            "\n\n",
            "\r\n\r\n",
            "data",
            "data:",
            "data: ",
            "event: ",
            "id: 7",
            "retry: 5",
            ":",
            " ",
            "x",
            "abc",
            "\uFEFF",
            "ü",
            "€",
            "\uD83D\uDE00",
            "\0",
            "\uFFFD");

    private static final List<byte[]> INVALID_PARTS = List.of(
            new byte[] {(byte) 0xe9},
            new byte[] {(byte) 0xe2, (byte) 0x82},
            new byte[] {(byte) 0xc0, (byte) 0x80},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            "x".repeat(MAX_BYTES).getBytes(StandardCharsets.UTF_8),
            "x".repeat(1 << 10).getBytes(StandardCharsets.UTF_8),
            "\nevent: crier.x\n".getBytes(StandardCharsets.UTF_8),
            "\nevent: \t\n".getBytes(StandardCharsets.UTF_8));

    private static byte[] body(Random random, boolean valid) {
        var body = new ByteArrayOutputStream();
        if (random.nextInt(4) == 0) {
            body.writeBytes("\uFEFF".getBytes(StandardCharsets.UTF_8));
        }
        for (int i = random.nextInt(40); i > 0; i--) {
            body.writeBytes(
                    valid || random.nextInt(20) > 0
                            ? VALID_PARTS
                                    .get(random.nextInt(VALID_PARTS.size()))
                                    .getBytes(StandardCharsets.UTF_8)
                            : INVALID_PARTS.get(random.nextInt(INVALID_PARTS.size())));
        }
        return body.toByteArray();
    }

    /** Returns the events, and the fault if there is one. */
    private static List<Object> parse(EventParser parser, List<byte[]> cuts, Random random) {
        var events = new ArrayList<>();
        try {
            for (byte[] cut : cuts) {
                parser.feed(cut);
                if (random.nextInt(4) > 0) { // else the next cut is fed before this one is read
                    drain(parser, events);
                }
            }
            parser.end();
            drain(parser, events);
            assertEquals(Optional.empty(), parser.next(), "after the end");
        } catch (EventParser.TooLargeException | IllegalArgumentException e) {
            events.add(e.getMessage());
        }
        return events;
    }

    private static void drain(EventParser parser, List<Object> events) {
        for (Optional<Event> next = parser.next(); next.isPresent(); next = parser.next()) {
            events.add(next.get());
        }
    }

    private static List<byte[]> cut(byte[] body, Random random) {
        int longest = 1 + random.nextInt(20);
        var cuts = new ArrayList<byte[]>();
        for (int start = 0; start < body.length; ) {
            int end = Math.min(body.length, start + random.nextInt(longest + 1));
            cuts.add(Arrays.copyOfRange(body, start, end));
            start = end;
        }
        return cuts;
    }

    private static void assertCutsDoNotMatter(long seed, Supplier<EventParser> parser) {
        var random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            byte[] body = body(random, false);
            List<Object> whole = parse(parser.get(), List.of(body), random);
            assertEquals(
                    whole,
                    parse(parser.get(), cut(body, random), random),
                    () -> Arrays.toString(new String(body, StandardCharsets.UTF_8).toCharArray()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theEventsOfAStreamDoNotDependOnTheCuts(long seed) {
        assertCutsDoNotMatter(seed, () -> new EventStreamParser("", MAX_BYTES));
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void theEventsOfLinesDoNotDependOnTheCuts(long seed) {
        assertCutsDoNotMatter(seed, () -> new LineParser("", MAX_BYTES));
    }

    /** The other parser is written from the HTML standard alone, for what browsers receive. */
    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void aStreamHasTheEventsThatABrowserFires(long seed) {
        var random = new Random(seed);
        int fired = 0;
        for (int run = 0; run < RUNS; run++) {
            byte[] body = body(random, true);
            List<Object> expected = new ArrayList<>();
            for (StreamParser.Fired event : StreamParser.parse(new String(body, StandardCharsets.UTF_8))) {
                String type = event.type().equals("message") ? "" : event.type();
                if (!Event.isPublishable(type)) {
                    expected.add("event: not allowed (expected: " + Event.EXPECTED_TYPE + ")");
                    break;
                }
                expected.add(new Event(type, event.data()));
                fired++;
            }
            assertEquals(expected, parse(new EventStreamParser("", 1 << 20), cut(body, random), random));
        }
        assertTrue(fired > RUNS / 4, fired + " events");
    }
}
