package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DateHeaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "784111777000|Sun, 06 Nov 1994 08:49:37 GMT",
                "0|Thu, 01 Jan 1970 00:00:00 GMT",
                "1709251199999|Thu, 29 Feb 2024 23:59:59 GMT"
            })
    void theDateIsInTheFormatOfHttp(long millis, String date) {
        assertEquals(date, new DateHeader(() -> millis).now().toString());
    }

    @Test
    void theDateIsFormattedOnceASecond() {
        var millis = new AtomicLong(784111777_000L);
        var date = new DateHeader(millis::get);
        CharSequence first = date.now();
        millis.addAndGet(999);
        assertSame(first, date.now());
        millis.addAndGet(1);
        assertEquals("Sun, 06 Nov 1994 08:49:38 GMT", date.now().toString());
    }

    @Test
    void theDateFollowsAClockThatIsSetBack() {
        var millis = new AtomicLong(784111778_000L);
        var date = new DateHeader(millis::get);
        date.now();
        millis.addAndGet(-1000);
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", date.now().toString());
    }
}
