package dev.crier.http.request;

import dev.crier.sse.EventStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The {@code Accept} header (RFC 9110, 12.5.1). */
public final class Accept {

    /** From the least specific to the most. A lone asterisk is not a media range, but some clients send it. */
    private static final List<String> RANGES = List.of("*", "*/*", "text/*", EventStream.MEDIA_TYPE);

    private static final Pattern ZERO_QUALITY = Pattern.compile("q=0(\\.0*)?");

    private Accept() {}

    /**
     * Returns whether a client with these headers accepts an event stream. The most specific range decides. A client without a
     * header accepts anything.
     */
    public static boolean allowsEventStream(List<String> headers) {
        String accept = String.join(",", headers);
        return accept.isBlank()
                || Stream.of(accept.toLowerCase(Locale.ROOT).split(","))
                        .map(range -> range.replaceAll("\\s", "").split(";", -1))
                        .filter(range -> RANGES.contains(range[0]))
                        .max(Comparator.comparingInt(range -> RANGES.indexOf(range[0])))
                        .map(range -> Stream.of(range)
                                .noneMatch(part -> ZERO_QUALITY.matcher(part).matches()))
                        .orElse(false);
    }
}
