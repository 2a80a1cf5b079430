package dev.crier.http.request;

import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/**
 * The headers {@code If-Match} and {@code If-None-Match} of a publication (RFC 9110, 13.1). The entity tag of a channel is the id
 * of its newest event.
 */
public final class PreconditionHeaders {

    private PreconditionHeaders() {}

    /** @throws IllegalArgumentException if the headers are not supported; names the fault and what is expected */
    public static Precondition parse(MultiMap headers) {
        return parse(headers.getAll(HttpHeaders.IF_MATCH), headers.getAll(HttpHeaders.IF_NONE_MATCH));
    }

    static Precondition parse(List<String> ifMatch, List<String> ifNoneMatch) {
        if (ifMatch.isEmpty() && ifNoneMatch.isEmpty()) {
            return Precondition.NONE;
        }
        if (ifMatch.size() + ifNoneMatch.size() > 1) {
            throw new IllegalArgumentException("If-Match, If-None-Match: more than one value (expected: one)");
        }
        return ifMatch.isEmpty()
                ? ifNoneMatch(ifNoneMatch.get(0).trim())
                : ifMatch(ifMatch.get(0).trim());
    }

    private static Precondition ifMatch(String value) {
        Optional<EventId> id = value.length() > 2 && value.startsWith("\"") && value.endsWith("\"")
                ? EventId.parse(value.substring(1, value.length() - 1))
                : Optional.empty();
        return new Precondition.Newest(id.orElseThrow(() -> new IllegalArgumentException(
                "If-Match: not supported (expected: one event id in quotes, such as \"1763800000000-0\")")));
    }

    private static Precondition ifNoneMatch(String value) {
        if (!value.equals("*")) {
            throw new IllegalArgumentException("If-None-Match: not supported (expected: *)");
        }
        return new Precondition.Empty();
    }
}
