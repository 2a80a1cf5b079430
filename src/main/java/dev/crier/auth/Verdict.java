package dev.crier.auth;

import java.time.Duration;

/** What a token is good for. */
public sealed interface Verdict {

    /** As long as that is not going to end. */
    Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);

    Verdict UNKNOWN = new Unknown("Crier does not know this token.");

    /**
     * It grants what was asked.
     *
     * @param lasts for how long from now on
     * @param bearer who has it: the same text, however the token is spelled
     */
    record Granted(Duration lasts, String bearer) implements Verdict {}

    /** Its bearer is known, and may not. */
    record Lacking() implements Verdict {}

    /**
     * Nobody is known by it.
     *
     * @param why a sentence for who sent it: printable ASCII, without quotes and backslashes (RFC 6750, 3)
     */
    record Unknown(String why) implements Verdict {}

    /** The token was not verified, because too many verifications wait. */
    record Busy() implements Verdict {}
}
