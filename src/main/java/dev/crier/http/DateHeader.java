package dev.crier.http;

import io.netty.handler.codec.DateFormatter;
import io.vertx.core.http.HttpHeaders;
import java.util.Date;
import java.util.function.LongSupplier;

/** The value of the {@code Date} header (RFC 9110, 6.6.1), formatted once a second. For one event loop. */
final class DateHeader {

    private final LongSupplier nowMillis;
    private long second = Long.MIN_VALUE;
    private CharSequence text = "";

    /** @param nowMillis the time of day, since 1970 */
    DateHeader(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    CharSequence now() {
        long millis = nowMillis.getAsLong();
        if (second != Math.floorDiv(millis, 1000L)) {
            second = Math.floorDiv(millis, 1000L);
            text = HttpHeaders.createOptimized(DateFormatter.format(new Date(millis)));
        }
        return text;
    }
}
