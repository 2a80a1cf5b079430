package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastEventIdTest {

    private static final StartAt AFTER_ONE = new StartAt.After(new EventId(1700000000000L, 1), "1700000000000-1");
    private static final StartAt NOW = new StartAt.Now();

    private static void assertStart(StartAt expected, String header, String query) {
        assertEquals(Optional.of(expected), LastEventId.start(header, query));
    }

    @Test
    void aRequestWithoutAPositionStartsNow() {
        assertStart(NOW, null, null);
        assertStart(NOW, "", null);
    }

    @Test
    void theHeaderWinsOverTheQuery() {
        assertStart(AFTER_ONE, "1700000000000-1", "lastEventId=1700000000000-9");
        assertStart(AFTER_ONE, "1700000000000-1", "lastEventId=rubbish");
        assertStart(AFTER_ONE, "", "lastEventId=1700000000000-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lastEventId",
                "lastEventID",
                "lasteventid",
                "last-event-id",
                "Last-Event-ID",
                "last%2Devent%2did"
            })
    void theKeyMayBeSpelledAsForOtherServers(String key) {
        assertStart(AFTER_ONE, null, "x=y&" + key + "=1700000000000-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastevent-id", "last-eventid", "last_event_id", "xlastEventId", "lastEventIds"})
    void anotherKeyIsIgnored(String key) {
        assertStart(NOW, null, key + "=earliest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastEventId=", "lastEventId", "last-event-id=", "lastEventID=&x=y", ""})
    void anEmptyIdInTheQueryCountsAsNone(String query) {
        assertStart(NOW, null, query);
    }

    /** A polyfill appends its id to the URL that the page gave it. */
    @Test
    void theLastOfSeveralIdsInTheQueryCounts() {
        assertStart(AFTER_ONE, null, "lastEventId=earliest&lastEventId=1700000000000-1");
        assertStart(AFTER_ONE, null, "lastEventId=earliest&Last-Event-ID=1700000000000-1");
    }

    /** The ids of a stream of several channels have the channel after the position, and the page may move to one channel. */
    @Test
    void theChannelAfterThePositionIsIgnored() {
        assertStart(AFTER_ONE, "1700000000000-1 /orders/42", null);
        assertStart(AFTER_ONE, "1700000000000-1 /%C3%A4%20b", null);
        assertStart(AFTER_ONE, null, "lastEventId=1700000000000-1%20/orders/42");
        assertStart(AFTER_ONE, null, "lastEventId=1700000000000-1+/orders/42");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"earliest /a", "2026-01-31T12:00:00Z /a", "rubbish /a", "1700000000000-1 a", "1700000000000-1/a"
            })
    void aChannelAfterAnythingElseIsUnknown(String header) {
        assertStart(new StartAt.Unknown(header), header, null);
    }

    @Test
    void earliestStartsWithTheOldestEvent() {
        assertStart(new StartAt.Earliest(), null, "lastEventId=earliest");
        assertStart(new StartAt.Earliest(), "earliest", null);
    }

    /** Each of these is the same instant, whatever Crier's time zone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-31T12:00:00.005Z",
                "2026-01-31T13:00:00.005%2B01:00",
                "2026-01-31T13:00:00.005%2b01:00",
                "2026-01-31T13:00:00.005+01:00",
                "2026-01-31T13:00:00.005%2001:00",
                "2026-01-31T11:00:00.005-01:00",
                "2026-01-31T11:59:00.005-00:01",
                "2026-02-01T11:59:00.005+23:59",
                "2026-01-30T12:01:00.005-23:59"
            })
    void anInstantStartsBeforeTheEventsOfItsMillisecond(String value) {
        Optional<StartAt> start = LastEventId.start(null, "lastEventId=" + value);
        assertEquals(
                Optional.of(
                        EventId.before(Instant.parse("2026-01-31T12:00:00.005Z").toEpochMilli())),
                start.map(from -> ((StartAt.From) from).position()));
    }

    @Test
    void aLongUnknownHeaderIsCut() {
        String header = "x".repeat(64);
        assertEquals(header, unknown(header));
        assertEquals(header + "…", unknown(header + "y"));
        assertEquals(header + "…", unknown(header.repeat(100)));
    }

    private static String unknown(String header) {
        return ((StartAt.Unknown) LastEventId.start(header, null).orElseThrow()).requested();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rubbish", "12", "1-2-3", "-1-0", "99999999999999999999-0", "1763800000000-00", "0x1-0", "%zz"})
    void aHeaderThatIsNotAPositionIsUnknown(String header) {
        assertStart(new StartAt.Unknown(header), header, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rubbish",
                "latest",
                "earliest+",
                "2026-01-31T12:00:00+1:00",
                "2026-01-31T12:00:00%2B25:00",
                "2026-13-01T00:00:00Z",
                "+999999999-01-01T00:00:00Z",
                "2026-01-01",
                "%00",
                "%zz"
            })
    void aQueryThatIsNotAPositionIsInvalid(String value) {
        assertEquals(Optional.empty(), LastEventId.start(null, "lastEventId=" + value));
    }
}
