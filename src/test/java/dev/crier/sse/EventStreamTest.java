package dev.crier.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.testing.StreamParser;
import dev.crier.testing.StreamParser.Fired;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The exact bytes of event streams, parsed by an independent implementation of the HTML standard. */
class EventStreamTest {

    /** Line ends, the characters that a parser splits at, and characters of every length in UTF-8. */
    private static final String[] PIECES = {"\r", "\n", " ", ":", "a", "é", "€", "😀", "\uFEFF", "data: x", "\0"};

    private static final EventId ID = new EventId(1_763_800_000_000L, 7);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private static String encode(Event event) {
        return EventStream.append(Buffer.buffer(), event).toString();
    }

    @Test
    void anEventIsADataLineAndABlankLine() {
        assertEquals("data: 1:23:45 PM\n\n", encode(Event.of("1:23:45 PM")));
    }

    @Test
    void aTypeComesBeforeTheData() {
        assertEquals("event: alert\ndata: fire\n\n", encode(new Event("alert", "fire")));
    }

    @Test
    void dataIsSplitIntoLinesAtEveryKindOfLineEnd() {
        assertEquals("data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: \n\n", encode(Event.of("a\nb\rc\r\nd\n\r")));
    }

    @Test
    void leadingAndTrailingSpacesOfTheDataSurvive() {
        assertEquals("data:   a \n\n", encode(Event.of("  a ")));
    }

    @Test
    void emptyDataIsSentAsAnEvent() {
        assertEquals("data: \n\n", encode(Event.of("")));
    }

    @Test
    void fieldsAndEventsCannotBeForgedInTheData() {
        assertEquals(
                List.of(new Fired("message", "x\nid: 9\n\nevent: forged\nretry: 1", "", "")),
                StreamParser.parse(encode(Event.of("x\rid: 9\r\revent: forged\rretry: 1"))));
    }

    @Test
    void theIdIsTheLastLineOfAnEventsBlock() {
        var entry = new Entry(ID, new ChannelName("/news"), new Event("alert", "two\nlines"));
        assertEquals(
                "event: alert\ndata: two\ndata: lines\nid: 1763800000000-7\n\n",
                EventStream.append(Buffer.buffer(), entry).toString());
    }

    @Test
    void theFirstBlockHasDataAndThePositionToResumeFrom() {
        assertEquals(
                "retry: 2000\nevent: crier.start\ndata: {}\nid: 1763800000000-7\n\n",
                EventStream.appendStart(Buffer.buffer(), ID, RETRY).toString());
    }

    @Test
    void aGapIsAnEventWhoseIdIsThePositionAfterTheGap() {
        assertEquals(
                "event: crier.gap\ndata: {\"asked\":\"1-0\",\"oldest\":\"1763800000000-8\"}\nid: 1763800000000-7\n\n",
                EventStream.appendGap(Buffer.buffer(), ID, "1-0", Optional.of(ID.next(ID.millis())))
                        .toString());
    }

    @Test
    void aGapBeforeAnEmptyChannelHasNoOldestEntry() {
        assertEquals(
                "event: crier.gap\ndata: {\"asked\":\"\\\"\",\"oldest\":null}\nid: 1763800000000-7\n\n",
                EventStream.appendGap(Buffer.buffer(), ID, "\"", Optional.empty())
                        .toString());
    }

    @Test
    void aGapOfSeveralChannelsNamesItsChannelAndMayHaveNoId() {
        var channel = new ChannelName("/ä b");
        String gap = "event: crier.gap\ndata: {\"channel\":\"/ä b\",\"asked\":\"x\",\"oldest\":null}\n";
        assertEquals(
                gap + "id: 1763800000000-7 /%C3%A4%20b\n\n" + gap + "\n",
                EventStream.appendGap(
                                EventStream.appendGap(Buffer.buffer(), channel, Optional.of(ID), "x", Optional.empty()),
                                channel,
                                Optional.empty(),
                                "x",
                                Optional.empty())
                        .toString());
    }

    @Test
    void theLastBlockHasDataAndThePositionToResumeFrom() {
        assertEquals(
                "retry: 2000\nevent: crier.end\ndata: {}\nid: 1763800000000-7\n\n",
                EventStream.appendEnd(Buffer.buffer(), ID, RETRY).toString());
    }

    @Test
    void theLastBlockOfAChannelWithoutIdsHasNoId() {
        assertEquals(
                "retry: 2000\nevent: crier.end\ndata: {}\n\n",
                EventStream.appendEnd(Buffer.buffer(), RETRY).toString());
    }

    @Test
    void aRefusalIsACommentAndARetryTimeWithoutABlock() {
        assertEquals(
                ": The log cannot be read.\nretry: 2000\n",
                EventStream.refusal("The log cannot be read.", RETRY).toString());
    }

    /** Some clients apply an id as soon as they have read its line, instead of at the end of the block. */
    @Test
    void aStreamCutAnywhereHasTheDataOfEveryEventWhoseIdItHas() {
        Buffer stream = EventStream.appendStart(Buffer.buffer(), new EventId(1, 0), RETRY);
        for (int i = 1; i <= 3; i++) {
            var event = new Event(i == 2 ? "typed" : "", "first line of " + i + "\nlast line of " + i);
            EventStream.append(stream, new Entry(new EventId(1, i), new ChannelName("/news"), event));
        }
        int idsRead = 0;
        for (int length = 0; length <= stream.length(); length++) {
            String read = stream.getString(0, length);
            for (int i = 1; i <= 3; i++) {
                if (read.contains("id: 1-" + i + "\n")) {
                    idsRead++;
                    assertTrue(read.contains("data: last line of " + i + "\n"), read);
                }
            }
        }
        assertTrue(idsRead > 0);
    }

    @Test
    void everyCombinationOfUpToFourPiecesIsParsedToTheSameData() {
        forEveryCombination("", 4, EventStreamTest::assertParsedToTheSameData);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void longRandomDataIsParsedToTheSameData(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            var data = new StringBuilder();
            for (int i = random.nextInt(500); i > 0; i--) {
                data.append(PIECES[random.nextInt(PIECES.length)]);
            }
            assertParsedToTheSameData(data.toString());
        }
    }

    /** Encodes the data between two other events, which would show anything that leaks from one event to the next. */
    private static void assertParsedToTheSameData(String data) {
        Buffer stream = Buffer.buffer();
        EventStream.append(stream, Event.of("before"));
        EventStream.append(stream, new Event("typed", data));
        EventStream.append(stream, Event.of(data));
        EventStream.append(stream, Event.of("after"));
        String read = data.replace("\r\n", "\n").replace('\r', '\n');
        assertEquals(
                List.of(
                        new Fired("message", "before", "", ""),
                        new Fired("typed", read, "", ""),
                        new Fired("message", read, "", ""),
                        new Fired("message", "after", "", "")),
                StreamParser.parse(stream.toString()),
                () -> "for " + data.chars().boxed().toList());
    }

    private static void forEveryCombination(String start, int pieces, Consumer<String> check) {
        check.accept(start);
        if (pieces > 0) {
            for (String piece : PIECES) {
                forEveryCombination(start + piece, pieces - 1, check);
            }
        }
    }
}
