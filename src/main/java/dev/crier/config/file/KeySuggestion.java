package dev.crier.config.file;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Suggests known keys in place of an unknown one. */
final class KeySuggestion {

    private KeySuggestion() {}

    /** Returns the most similar known key, or all known keys if none is similar. */
    static String of(String key, Collection<String> known) {
        if (known.isEmpty()) {
            return "no key";
        }
        Optional<String> nearest = known.stream()
                .filter(candidate -> distance(key, candidate) <= key.length() / 2)
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)));
        return nearest.orElseGet(() -> String.join(", ", known));
    }

    /**
     * Returns the Levenshtein distance: the number of letters to insert, delete or replace, ignoring case. The beginning of
     * a known key has the distance 1, because it is probably an abbreviation.
     */
    private static int distance(String from, String to) {
        if (to.startsWith(from)) {
            return 1;
        }
        var row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                char a = Character.toLowerCase(from.charAt(i - 1));
                char b = Character.toLowerCase(to.charAt(j - 1));
                int replaced = diagonal + (a == b ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
