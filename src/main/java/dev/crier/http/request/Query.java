package dev.crier.http.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The query of a request target, as forms encode it (URL standard, 5.1): a plus stands for a space. */
final class Query {

    private static final int MAX_SHOWN = 1_000;

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
        var values = new ArrayList<String>();
        int end = query == null ? 0 : query.length();
        for (int start = 0; start < end; ) {
            int next = query.indexOf('&', start);
            int pairEnd = next < 0 ? end : next;
            String pair = query.substring(start, pairEnd);
            int equals = pair.indexOf('=');
            if (key.test(decode(pair, 0, equals < 0 ? pair.length() : equals))) {
                values.add(equals < 0 ? "" : decode(pair, equals + 1, pair.length()));
            }
            start = pairEnd + 1;
        }
        return values;
    }

    private static String decode(String pair, int begin, int end) {
        try {
            return PercentEncoding.decode(pair.substring(begin, end).replace('+', ' '));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(shown(pair) + ": " + e.getMessage(), e);
        }
    }

    /** Returns the text as an error may show it: not longer than a channel name with all bytes escaped. */
    static String shown(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
