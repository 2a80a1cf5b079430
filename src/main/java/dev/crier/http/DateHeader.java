package dev.crier.http;

import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** The value of the {@code Date} header (RFC 9110, 6.6.1), formatted once a second. */
final class DateHeader {

    /** RFC 9110, 5.6.7. The JDK's own RFC 1123 format writes a day below 10 with one digit. */
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final LongSupplier nowMillis;
    private long second = Long.MIN_VALUE;
    private CharSequence text = "";

    /** @param nowMillis returns the milliseconds since 1970 */
    DateHeader(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    CharSequence now() {
        long millis = nowMillis.getAsLong();
        if (second != Math.floorDiv(millis, 1000L)) {
            second = Math.floorDiv(millis, 1000L);
            text = HttpHeaders.createOptimized(FORMAT.format(Instant.ofEpochMilli(millis)));
        }
        return text;
    }
}
