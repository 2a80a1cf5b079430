package dev.crier.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Events for one channel, of which all are stored, in order, or none.
 *
 * @param events at least one. The last one may be the end of the channel
 * @param attempt identifies a retry, or is {@link Attempt#ONCE}. The precondition of a retry of a stored
 *     publication is not checked
 */
public record Publication(ChannelName channel, List<Event> events, Attempt attempt, Precondition precondition) {

    public Publication {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a publication without an event");
        }
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            boolean isEnd = event.isEnd() && i == events.size() - 1;
            if (!isEnd && !Event.isPublishable(event.type())) {
                throw new IllegalArgumentException(
                        "event: " + event.type() + " (expected: " + Event.EXPECTED_TYPE + ")");
            }
        }
    }

    /** Returns the publication with the condition that its channel has not ended. */
    public Publication unlessEnded() {
        return new Publication(channel, events, attempt, new Precondition.Open(precondition));
    }

    /** Returns whether the publication ends its channel. */
    public boolean ends() {
        return events.get(events.size() - 1).isEnd();
    }

    /** Returns the publication with this instance of its channel's name. */
    public Publication withName(ChannelName same) {
        return same == channel ? this : new Publication(same, events, attempt, precondition);
    }

    /** Creates a publication without a precondition. */
    public Publication(ChannelName channel, List<Event> events, Attempt attempt) {
        this(channel, events, attempt, Precondition.NONE);
    }

    /** Returns whether the publication has a precondition. */
    public boolean isConditional() {
        return precondition != Precondition.NONE;
    }

    /**
     * Makes a retry safe: publications with the same key on the same channel are stored once.
     *
     * <p>The publications of a stream share a key. Each says which events it follows, and is stored only if exactly these are
     * stored under the key, or none are known.
     *
     * @param key "" for none
     * @param before the text of the {@link StreamDigest} of the stream's events before this publication; "" if this is no part
     *     of a stream
     * @param digest identifies the content, so that another publication with the same key is detected; in a stream, all
     *     content up to the end of this publication
     */
    public record Attempt(String key, String before, String digest) {

        public static final Attempt ONCE = new Attempt("", "");

        /** The rule for a key, for error messages. */
        public static final String EXPECTED_KEY = "1..255 visible ASCII characters";

        private static final int MAX_KEY_LENGTH = 255;

        public Attempt {
            if (!key.isEmpty() && !isKey(key)) {
                throw new IllegalArgumentException("key: not a valid key (expected: " + EXPECTED_KEY + ")");
            }
        }

        /** Creates an attempt to publish what is no part of a stream. */
        public Attempt(String key, String digest) {
            this(key, "", digest);
        }

        public static boolean isKey(String text) {
            return !text.isEmpty()
                    && text.length() <= MAX_KEY_LENGTH
                    && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
        }

        /** Returns the attempt to publish one event. It equals that of an HTTP request with the event's data as its body. */
        public static Attempt of(String key, Event event) {
            return of(key, "TEXT", event.type(), event.data().getBytes(StandardCharsets.UTF_8));
        }

        /**
         * Returns the key with a digest of the content. Stores keep digests, so every release must compute the same digest.
         *
         * @param form the format of the content
         * @param type the type of the events whose type the content does not say
         */
        public static Attempt of(String key, String form, String type, byte[] content) {
            return new Attempt(key, digest(form, type, content));
        }

        /** Returns the attempt to publish a part of a stream. */
        public static Attempt ofPart(String key, StreamDigest before, StreamDigest after) {
            return new Attempt(key, before.toString(), after.toString());
        }

        /** Returns whether the publication is a part of a stream. */
        public boolean isPart() {
            return !before.isEmpty();
        }

        /** Returns whether the publication is the first part of a stream. */
        public boolean isFirstPart() {
            return before.equals(StreamDigest.NONE.toString());
        }

        private static String digest(String form, String type, byte[] content) {
            try {
                var digest = MessageDigest.getInstance("SHA-256");
                digest.update((form + "\n" + type + "\n").getBytes(StandardCharsets.UTF_8));
                return HexFormat.of().formatHex(digest.digest(content));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // every Java platform has it
            }
        }

        public boolean isRepeatable() {
            return !key.isEmpty();
        }
    }
}
