package dev.crier.auth;

import java.time.Duration;

/** What a token is good for. */
public sealed interface Decision {

    /** As long as that is not going to end. */
    Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);

    Decision UNKNOWN = new Unknown("Crier does not know this token.");

    /**
     * It grants what was asked.
     *
     * @param lasts for how long from now on
     * @param bearer who has it: the same text, however the token is spelled
     */
    record Granted(Duration lasts, String bearer) implements Decision {}

    /** Its bearer is known, and may not. */
    record Lacking() implements Decision {}

    /**
     * Nobody is known by it.
     *
     * @param why a sentence for who sent it: printable ASCII, without quotes and backslashes (RFC 6750, 3)
     */
    record Unknown(String why) implements Decision {}

    /** The token was not verified, because too many verifications wait. */
    record Busy() implements Decision {}
}
