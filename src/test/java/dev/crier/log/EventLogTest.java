package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.UnknownChannelException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final ChannelName TIME = new ChannelName("/time");

    private long now = 1_000;
    private final EventLog log = new EventLog(Set.of(NEWS, TIME), () -> Instant.ofEpochMilli(now));

    private Entry append(ChannelName channel, String data) {
        return log.append(channel, Event.of(data)).result();
    }

    @Test
    void anEmptyChannelHasNothingToRead() {
        assertEquals(List.of(), log.read(NEWS, EventId.FIRST));
    }

    @Test
    void aReaderIsGivenTheLatestAndNothingBeforeIt() {
        append(NEWS, "one");
        Entry two = append(NEWS, "two");
        assertEquals(List.of(two), log.read(NEWS, EventId.FIRST));
    }

    @Test
    void aReaderAtTheLatestIsGivenNothing() {
        Entry one = append(NEWS, "one");
        assertEquals(List.of(), log.read(NEWS, one.id()));
    }

    @Test
    void channelsAreKeptApart() {
        append(NEWS, "one");
        assertEquals(List.of(), log.read(TIME, EventId.FIRST));
    }

    @Test
    void idsRiseOverAllChannelsWhateverTheClockDoes() {
        assertEquals("1000-0", append(NEWS, "a").id().toString());
        assertEquals("1000-1", append(TIME, "b").id().toString());
        now = 500;
        assertEquals("1000-2", append(NEWS, "c").id().toString());
        now = 1_001;
        assertEquals("1001-0", append(TIME, "d").id().toString());
    }

    @Test
    void whatIsNotDeclaredIsRefused() {
        var refused = log.append(new ChannelName("/other"), Event.of("x"));
        assertInstanceOf(UnknownChannelException.class, refused.cause());
        assertEquals(
                "/other: no such channel (expected: one that the conf declares)",
                refused.cause().getMessage());
    }
}
