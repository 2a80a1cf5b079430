package dev.crier.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The query of a request. */
final class Query {

    private Query() {}

    /**
     * The value of a key, decoded; a plus is a space, as forms write it (URL standard, 5.1).
     *
     * @throws IllegalArgumentException if the query cannot be decoded, or has the key twice
     */
    static Optional<String> value(HttpServerRequest request, String key) {
        List<String> values = values(request, key::equals);
        if (values.size() > 1) {
            throw new IllegalArgumentException(key + ": twice (expected: once)");
        }
        return values.stream().findFirst();
    }

    /**
     * Returns the values of all keys that match, decoded, in the order of the query.
     *
     * @throws IllegalArgumentException if the query cannot be decoded
     */
    static List<String> values(HttpServerRequest request, Predicate<String> key) {
        if (request.query() == null) {
            return List.of();
        }
        return Stream.of(request.query().split("&"))
                .map(pair -> pair.replace('+', ' ').split("=", 2))
                .filter(pair -> key.test(PercentEncoding.decode(pair[0])))
                .map(pair -> pair.length == 1 ? "" : PercentEncoding.decode(pair[1]))
                .toList();
    }
}
