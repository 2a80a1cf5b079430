package dev.crier.http;

import dev.crier.sse.EventStream;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Accept header, as RFC 9110 (12.5.1) has it: the most specific range decides. */
final class Accept {

    /** From the least specific to the most. A lone asterisk is no media range, but some clients send it. */
    private static final List<String> RANGES = List.of("*", "*/*", "text/*", EventStream.MEDIA_TYPE);

    private static final Pattern ZERO = Pattern.compile("q=0(\\.0*)?");

    private Accept() {}

    /** Whether the client takes an event stream. */
    static boolean allowsEventStream(HttpServerRequest request) {
        String all = String.join(",", request.headers().getAll(HttpHeaders.ACCEPT));
        return all.isBlank()
                || Stream.of(all.toLowerCase(Locale.ROOT).split(","))
                        .map(range -> range.replaceAll("\\s", "").split(";", -1))
                        .filter(range -> RANGES.contains(range[0]))
                        .max(Comparator.comparingInt(range -> RANGES.indexOf(range[0])))
                        .map(range -> Stream.of(range)
                                .noneMatch(part -> ZERO.matcher(part).matches()))
                        .orElse(false);
    }
}
