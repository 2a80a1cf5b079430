package dev.crier.http.request;

import dev.crier.event.ChannelName;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The parameters of a subscription to several channels: the query of its URL, and the form in the body of a {@code POST}.
 *
 * @param text the query and the body, as forms encode them
 */
public record SubscriptionForm(String text) {

    private static final String KEY = "channel";
    private static final String MEDIA_TYPE = "application/x-www-form-urlencoded";
    private static final Pattern ACCEPTED =
            Pattern.compile(MEDIA_TYPE + "\\s*(;\\s*charset=\"?utf-?8\"?\\s*)?", Pattern.CASE_INSENSITIVE);

    /** The size of the longest name in a form: all of its bytes are escaped. */
    private static final int NAME_BYTES = ("&" + KEY + "=").length() + 3 * ChannelName.MAX_BYTES;

    /** The maximum size of the other parameters of a body, such as the position. */
    private static final int OTHER_BYTES = 1 << 10;

    private static final int OTHER_PARAMETERS = 100;

    /**
     * Returns the query of a request target. Takes the target, because a request keeps the query that it is asked for, as long
     * as the stream lasts.
     *
     * @param target the path and the query
     */
    public static SubscriptionForm of(String target) {
        int end = target.indexOf('?');
        return new SubscriptionForm(end < 0 ? "" : target.substring(end + 1));
    }

    /** Returns the parameters of the query of a request target, followed by those of a body. */
    public static SubscriptionForm of(String target, byte[] body) {
        // A byte outside ASCII becomes a character outside ASCII, which decoding rejects.
        String form = new String(body, StandardCharsets.ISO_8859_1);
        String query = of(target).text;
        return new SubscriptionForm(query.isEmpty() ? form : query + "&" + form);
    }

    /**
     * Checks the {@code Content-Type} of a body, which may be null.
     *
     * @throws IllegalArgumentException if the body is not a form; names the type and what is expected
     */
    public static void requireMediaType(String contentType) {
        if (contentType == null || !ACCEPTED.matcher(contentType.trim()).matches()) {
            throw new IllegalArgumentException("Content-Type: " + (contentType == null ? "missing" : contentType)
                    + " (expected: " + MEDIA_TYPE + ")");
        }
    }

    /** Returns the maximum size of a body that names this many channels. */
    public static int maxBytes(int channels) {
        return OTHER_BYTES + channels * NAME_BYTES;
    }

    /** Returns the maximum number of parameters. Without it, a body of a million short ones would block the event loop. */
    private static int maxParameters(int channels) {
        return 2 * channels + OTHER_PARAMETERS;
    }

    /**
     * Returns the named channels and families, each once, in the order of the form.
     *
     * @throws IllegalArgumentException if there are none or more than {@code max}, or if one is malformed; names the fault and
     *     what is expected
     */
    public List<ChannelName> channels(int max) {
        long parameters = text.chars().filter(c -> c == '&').count() + 1;
        if (parameters > maxParameters(max)) {
            throw new IllegalArgumentException("channel: " + parameters + " parameters (expected: at most "
                    + maxParameters(max) + ", by limits.channelsPerSubscriber)");
        }
        Set<ChannelName> names = new LinkedHashSet<>();
        for (String value : Query.values(text, KEY::equals)) {
            if (!ChannelName.isValid(value)) {
                throw new IllegalArgumentException(
                        "channel: " + Query.shown(value) + " (expected: " + ChannelName.EXPECTED + ")");
            }
            names.add(new ChannelName(value));
            if (names.size() > max) {
                throw new IllegalArgumentException(
                        "channel: too many (expected: at most " + max + ", limits.channelsPerSubscriber)");
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException("channel: missing (expected: at least one, such as ?channel=/news)");
        }
        return List.copyOf(names);
    }
}
