package dev.crier.http.request;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The query of a request target, as forms encode it (URL standard, 5.1): a plus stands for a space. */
final class Query {

    private Query() {}

    /**
     * Returns the decoded value of the key.
     *
     * @param query null if the request has none
     * @throws IllegalArgumentException if the query cannot be decoded, or has the key more than once
     */
    static Optional<String> value(String query, String key) {
        List<String> values = values(query, key::equals);
        if (values.size() > 1) {
            throw new IllegalArgumentException(key + ": more than once (expected: once)");
        }
        return values.stream().findFirst();
    }

    /**
     * Returns the decoded values of all keys that match, in the order of the query.
     *
     * @param query null if the request has none
     * @throws IllegalArgumentException if a key, or the value of a matching key, cannot be decoded
     */
    static List<String> values(String query, Predicate<String> key) {
        if (query == null) {
            return List.of();
        }
        return Stream.of(query.split("&"))
                .map(pair -> pair.replace('+', ' ').split("=", 2))
                .filter(pair -> key.test(PercentEncoding.decode(pair[0])))
                .map(pair -> pair.length == 1 ? "" : PercentEncoding.decode(pair[1]))
                .toList();
    }
}
