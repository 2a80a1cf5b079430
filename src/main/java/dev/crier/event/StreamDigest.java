package dev.crier.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identifies the first events of a stream: their number, and a digest that each further event changes. Stores keep its text, so
 * every release must compute the same digest.
 *
 * @param digest in hexadecimal digits
 */
public record StreamDigest(long count, String digest) {

    /** No event. */
    public static final StreamDigest NONE = new StreamDigest(0, "");

    private static final Pattern FORM = Pattern.compile("(\\d{1,15}):([0-9a-f]*)");

    /** Parses the text of a digest. Returns nothing for the digest of a publication that is not a stream. */
    public static Optional<StreamDigest> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(new StreamDigest(Long.parseLong(form.group(1)), form.group(2)))
                : Optional.empty();
    }

    /** Returns the digest after one more event. */
    public StreamDigest with(Event event) {
        try {
            var next = MessageDigest.getInstance("SHA-256");
            byte[] type = event.type().getBytes(StandardCharsets.UTF_8);
            next.update((digest + "\n" + type.length + "\n").getBytes(StandardCharsets.UTF_8));
            next.update(type);
            next.update(event.data().getBytes(StandardCharsets.UTF_8));
            return new StreamDigest(count + 1, HexFormat.of().formatHex(next.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return count + ":" + digest;
    }
}
