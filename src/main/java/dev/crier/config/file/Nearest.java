package dev.crier.config.file;

import java.util.Collection;
import java.util.Comparator;

/** Finds the key that was probably meant. */
final class Nearest {

    private Nearest() {}

    static String suggestion(String key, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("expected: no key here");
    }

    /**
     * Levenshtein's: how many letters to add, leave out or change, not minding capitals; but a key that was only cut
     * short is nearer than any other.
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
                int changed = diagonal + (a == b ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
